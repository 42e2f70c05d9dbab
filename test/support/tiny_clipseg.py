"""CLIPSeg checkpoints with random weights, small enough to build in a test."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase
from typing import Any

import torch
from transformers import (
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    CLIPTokenizer,
    ViTImageProcessor,
)

CONTEXT = 16
SIDE = 64

_LETTERS = [*ascii_lowercase, *(f"{letter}</w>" for letter in ascii_lowercase)]
_START, _END = len(_LETTERS), len(_LETTERS) + 1


def tiny_config(**options: Any) -> CLIPSegConfig:
    """Return towers of three layers and one, and a decoder of three."""
    text = {
        "vocab_size": _END + 1,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": _START,
        "eos_token_id": _END,
        "pad_token_id": _END,
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": SIDE,
        "patch_size": 16,
    }
    decoder = {
        "projection_dim": 16,
        "extract_layers": [0, 1, 2],
        "reduce_dim": 8,
        "decoder_num_attention_heads": 2,
        "decoder_intermediate_size": 16,
    }
    return CLIPSegConfig(text_config=text, vision_config=vision, **{**decoder, **options})


def tiny_tokenizer() -> CLIPTokenizer:
    """Return a tokenizer that spells."""
    vocabulary = {token: number for number, token in enumerate(_LETTERS)}
    vocabulary |= {"<|startoftext|>": _START, "<|endoftext|>": _END}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=CONTEXT)


def tiny_processor(**options: Any) -> ViTImageProcessor:
    """Return a processor that squashes pictures to squares."""
    size = {"height": SIDE, "width": SIDE}
    return ViTImageProcessor(**{"size": size, "resample": 2, **options})


def write_clipseg(folder: Path, *, dtype: torch.dtype = torch.float32, **options: Any) -> Path:
    """Write a whole checkpoint as transformers does, and return its folder.

    Args:
        folder: Made if it is missing.
        dtype: Of the weights.
        **options: Of the configuration.
    """
    torch.manual_seed(0)
    CLIPSegForImageSegmentation(tiny_config(**options)).to(dtype).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    tiny_processor().save_pretrained(folder)
    return folder
