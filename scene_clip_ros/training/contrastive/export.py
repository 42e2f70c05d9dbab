"""Writes a fitted model as a folder that needs nothing else, for ``--model FOLDER``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from open_clip.tokenizer import HFTokenizer
from safetensors.torch import save_file

from scene_clip_ros.models.hf_text import MODEL_KEY, TOKENIZER_KEY
from scene_clip_ros.models.model_config import VOCABULARY_OPTION, ModelConfig
from scene_clip_ros.models.model_source import FOLDER_CONFIG
from scene_clip_ros.models.open_clip_model import Tokenize

WEIGHTS_FILE = "model.safetensors"
TEXT_FOLDER = "text"
"""Holds configuration and tokenizer of a Hugging Face text tower."""


def export_model(model: Any, config: ModelConfig, tokenize: Tokenize, folder: Path) -> None:
    """Write configuration, weights and tokenizer; each file appears when it is whole.

    Args:
        model: Of open_clip.
        config: What it was built from.
        tokenize: Its tokenizer.
        folder: Where to; files of an earlier export are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text_config = _write_text(model, config, tokenize, folder)
    state = {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in model.state_dict().items()
    }
    _replace(folder / WEIGHTS_FILE, lambda path: save_file(state, path))
    entries = {
        "model_cfg": {**config.model, "text_cfg": text_config},
        "preprocess_cfg": model.visual.preprocess_cfg,
    }
    text = json.dumps(entries, indent=2) + "\n"
    _replace(folder / FOLDER_CONFIG, lambda path: _write(path, text))


def _write_text(
    model: Any, config: ModelConfig, tokenize: Tokenize, folder: Path
) -> Mapping[str, Any]:
    """Write what the text tower needs; return a ``text_cfg`` that finds it in the folder."""
    text_config = dict(config.model["text_cfg"])
    if isinstance(tokenize, HFTokenizer):
        tokenize.save_pretrained(str(folder / TEXT_FOLDER))
        text_config[TOKENIZER_KEY] = TEXT_FOLDER
    if text_config.get(MODEL_KEY):
        model.text.config.save_pretrained(folder / TEXT_FOLDER)
        text_config[MODEL_KEY] = TEXT_FOLDER
    if (vocabulary := config.tokenizer_options.get(VOCABULARY_OPTION)) is not None:
        name = Path(vocabulary).name
        _replace(folder / name, lambda path: shutil.copyfile(vocabulary, path))
        options = text_config.get("tokenizer_kwargs", {})
        text_config["tokenizer_kwargs"] = {**options, VOCABULARY_OPTION: name}
    return text_config


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.part")
    aside.touch()
    mode = aside.stat().st_mode
    write(aside)
    aside.chmod(mode)  # safetensors lets nobody but the owner read.
    aside.replace(path)
