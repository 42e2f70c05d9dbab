"""Hugging Face text models with a handful of words, small enough to build in a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "picture", "of", "the"]
COLOURS = ["red", "green", "blue", "yellow", "black", "white", "purple", "orange"]
CONTEXT = 16

TextKind = Literal["bert", "distilbert"]

_SIZES: dict[str, dict[str, Any]] = {
    "bert": {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "distilbert": {"dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64},
}


def write_text_folder(folder: Path, kind: TextKind = "distilbert") -> Path:
    """Write configuration and vocabulary of a text model without weights; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [*WORDS, *COLOURS]
    config = {"model_type": kind, "vocab_size": len(words), "max_position_embeddings": CONTEXT}
    (folder / "config.json").write_text(json.dumps(config | _SIZES[kind]))
    (folder / "vocab.txt").write_text("\n".join(words))
    return folder


def hf_config(text_folder: str) -> dict[str, Any]:
    """Return an open_clip configuration: a small ViT and a text model in a folder."""
    return {
        "embed_dim": 32,
        "vision_cfg": {
            "image_size": 32,
            "layers": 1,
            "width": 32,
            "head_width": 16,
            "patch_size": 16,
        },
        "text_cfg": {"hf_model_name": text_folder, "context_length": CONTEXT},
    }
