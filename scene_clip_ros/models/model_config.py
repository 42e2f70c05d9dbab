"""Reads open_clip model configurations from files and makes them known to open_clip."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import open_clip

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.hf_text import MODEL_KEY, located_text_config, register_text_towers
from scene_clip_ros.models.json_file import read_object

REQUIRED_KEYS = ("embed_dim", "vision_cfg", "text_cfg")
VOCABULARY_OPTION = "bpe_path"
DIGEST_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One open_clip configuration.

    Attributes:
        name: What people call the architecture.
        model: open_clip's ``model_cfg``; folders in it are absolute.
        preprocessing: open_clip's ``preprocess_cfg``, as far as it is given.
        tokenizer_options: Arguments of the tokenizer that depend on where the file lies.
    """

    name: str
    model: Mapping[str, Any]
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    tokenizer_options: Mapping[str, Any] = field(default_factory=dict)


def load_model_config(path: Path) -> ModelConfig:
    """Read a configuration in either form that open_clip writes.

    Args:
        path: JSON with ``embed_dim``, ``vision_cfg`` and ``text_cfg``, or with those under
            ``model_cfg`` beside a ``preprocess_cfg``. A vocabulary of the tokenizer, and the
            folder of a Hugging Face text tower, are looked for beside the file.

    Raises:
        ModelError: The file is missing or is not such a configuration.
    """
    entries = read_object(path, "a model configuration")
    model = entries.get("model_cfg", entries)
    missing = [key for key in REQUIRED_KEYS if not isinstance(model, dict) or key not in model]
    if missing:
        message = f"{path}: expected an open_clip model configuration, got no {missing[0]}"
        raise ModelError(message)
    if not isinstance(model["text_cfg"], dict):
        message = f"{path}: expected an object as text_cfg, got {model['text_cfg']!r}"
        raise ModelError(message)
    name = path.stem if path.stem != "open_clip_config" else path.resolve().parent.name
    return ModelConfig(
        name=name,
        model={**model, "text_cfg": located_text_config(model["text_cfg"], path.parent)},
        preprocessing=entries.get("preprocess_cfg", {}),
        tokenizer_options=_located_vocabulary(path, model["text_cfg"]),
    )


def register(config: ModelConfig) -> str:
    """Make a configuration known to open_clip.

    Returns:
        The name to load it by; it ends in a digest, so that no other model is replaced.
    """
    if config.model["text_cfg"].get(MODEL_KEY):
        register_text_towers()
    text = json.dumps(config.model, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
    # open_clip would fetch a tokenizer for what has "siglip" in its name and names none.
    name = f"{re.sub('siglip', 'sigmoid', config.name, flags=re.IGNORECASE)}-{digest}"
    if name not in open_clip.list_models():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.json"
            path.write_text(text, encoding="utf-8")
            open_clip.add_model_config(path)
    return name


def _located_vocabulary(path: Path, text_config: Mapping[str, Any]) -> Mapping[str, Any]:
    vocabulary = text_config.get("tokenizer_kwargs", {}).get(VOCABULARY_OPTION)
    return {} if vocabulary is None else {VOCABULARY_OPTION: str(path.parent / vocabulary)}
