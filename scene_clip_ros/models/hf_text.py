"""Text towers that Hugging Face's transformers build, such as BERT, in open_clip models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from open_clip.hf_configs import arch_dict

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.json_file import read_object

MODEL_KEY = "hf_model_name"
TOKENIZER_KEY = "hf_tokenizer_name"
"""Entries of open_clip's ``text_cfg``: a name on the hub, or a folder."""

CONFIG_FILE = "config.json"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")

_DISTILBERT = {
    "config_names": {
        "context_length": "max_position_embeddings",
        "vocab_size": "vocab_size",
        "width": "dim",
        "heads": "n_heads",
        "layers": "n_layers",
        "layer_attr": "layer",
        "token_embeddings_attr": "embeddings",
    },
    "pooler": "mean_pooler",
}


@cache
def register_text_towers() -> None:
    """Teach open_clip the architectures that its table lacks: DistilBERT.

    open_clip also tells every model whether it should pool, which DistilBERT, having no pooling
    layer, does not understand; so transformers gets one that does for it.
    """
    from transformers import AutoModel, DistilBertConfig, DistilBertModel

    class PoollessDistilBert(DistilBertModel):  # type: ignore[misc]
        """DistilBERT that is told not to pool."""

        def __init__(self, config: Any, *, add_pooling_layer: bool = False) -> None:
            """Build it; ``add_pooling_layer`` changes nothing."""
            del add_pooling_layer
            super().__init__(config)

    AutoModel.register(DistilBertConfig, PoollessDistilBert, exist_ok=True)
    arch_dict["distilbert"] = _DISTILBERT


def located_text_config(text_config: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Say where the Hugging Face folders of a text tower are.

    Args:
        text_config: open_clip's ``text_cfg``.
        folder: Where its configuration file lies; names of folders are relative to it.

    Returns:
        The same with absolute folders in place of relative ones, and the tokenizer of the model if
        none is named. What is no folder is taken for a name on the hub, and is not touched.

    Raises:
        ModelError: A folder holds no model that can be a text tower.
    """
    if MODEL_KEY not in text_config and TOKENIZER_KEY not in text_config:
        return text_config
    located = dict(text_config)
    if located.get(MODEL_KEY):
        located.setdefault(TOKENIZER_KEY, located[MODEL_KEY])
    for key in (MODEL_KEY, TOKENIZER_KEY):
        if located.get(key) and (folder / located[key]).is_dir():
            located[key] = str((folder / located[key]).resolve())
    if (model := text_folder(located)) is not None:
        _check_architecture(model / CONFIG_FILE)
    return located


def text_folder(text_config: Mapping[str, Any]) -> Path | None:
    """Return the folder of a located text tower; None if it has none."""
    name = text_config.get(MODEL_KEY)
    return Path(name) if name and Path(name).is_absolute() else None


def has_text_weights(text_config: Mapping[str, Any]) -> bool:
    """Tell whether a located text tower comes with weights of its own."""
    folder = text_folder(text_config)
    if folder is None:
        return bool(text_config.get(MODEL_KEY))
    return any((folder / name).is_file() for name in _WEIGHTS)


def _check_architecture(path: Path) -> None:
    register_text_towers()
    kind = read_object(path, "the configuration of a Hugging Face model").get("model_type")
    if kind not in arch_dict:
        message = f"{path}: expected a model_type of {', '.join(sorted(arch_dict))}, got {kind!r}"
        raise ModelError(message)
