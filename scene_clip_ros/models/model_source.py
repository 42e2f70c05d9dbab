"""Finds the configuration and the weights of an open_clip model on this machine, never beyond."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import open_clip
from huggingface_hub import try_to_load_from_cache
from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.model_config import ModelConfig, load_model_config, register
from scene_clip_ros.models.weights_file import weights_digest

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parents[1] / "resources" / "models" / "scene-clip-embedded"
EMBEDDED_CONFIG = EMBEDDED_FOLDER / "scene-clip-embedded.json"
FOLDER_CONFIG = "open_clip_config.json"
WEIGHT_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Everything that is needed to load a model.

    Attributes:
        architecture: What people call it, e.g. ``ViT-B-32``.
        open_clip_name: What open_clip calls it.
        weights: The weights file.
        weights_name: The tag, or the name of the file without its suffix.
        preprocessing: Entries of open_clip's ``preprocess_cfg`` that differ from its defaults.
        quick_gelu: Whether the weights need QuickGELU, whatever the architecture's own
            configuration says.
        tokenizer_options: Arguments of open_clip's tokenizer beside those it reads itself.
    """

    architecture: str
    open_clip_name: str
    weights: Path
    weights_name: str
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    quick_gelu: bool = False
    tokenizer_options: Mapping[str, Any] = field(default_factory=dict)

    def model_id(self) -> str:
        """Return architecture, weights and weight digest; reads the weights file."""
        return f"{self.architecture}/{self.weights_name}@{weights_digest(self.weights)}"


def find_model(model: str, pretrained: str | None) -> ModelSource:
    """Find a model's configuration and weights.

    Args:
        model: ``embedded``, an architecture of open_clip, or a configuration: a ``.json`` file,
            or a folder with ``open_clip_config.json``. An architecture comes before a folder of
            its name; ``./`` before the name makes it the folder.
        pretrained: A weights file, or a tag of the architecture whose weights are in the cache;
            None: the weights that lie beside the configuration.

    Raises:
        ModelError: Something is not there; the message says how to get it.
    """
    if (path := _config_path(model)) is not None:
        return _from_config(path, pretrained)
    return _from_architecture(model.replace("/", "-"), pretrained)


def find_config(model: str) -> ModelConfig:
    """Find the configuration of a model that may have no weights yet.

    Args:
        model: As for `find_model`.

    Raises:
        ModelError: It is not there, or is no configuration.
    """
    if (path := _config_path(model)) is not None:
        return load_model_config(path)
    name = model.replace("/", "-")
    _check_known(name)
    tags = open_clip.list_pretrained_tags_by_model(name)
    return ModelConfig(name, open_clip.get_model_config(name), _shared_preprocessing(name, tags))


def _config_path(model: str) -> Path | None:
    """Return the file of a configuration; None for an architecture of open_clip."""
    if model == EMBEDDED:
        return EMBEDDED_CONFIG
    if model.replace("/", "-") in open_clip.list_models():
        return None
    path = Path(model).expanduser()
    if path.is_dir():
        return path / FOLDER_CONFIG
    return path if path.suffix == ".json" else None


def _from_config(path: Path, pretrained: str | None) -> ModelSource:
    config = load_model_config(path)
    weights = _weights_file(pretrained) if pretrained is not None else _weights_beside(path)
    return ModelSource(
        architecture=config.name,
        open_clip_name=register(config),
        weights=weights,
        weights_name=weights.stem,
        preprocessing=config.preprocessing,
        tokenizer_options=config.tokenizer_options,
    )


def _check_known(name: str) -> None:
    if name not in open_clip.list_models():
        close = difflib.get_close_matches(name, open_clip.list_models(), n=3)
        hint = f" (did you mean {' or '.join(close)}?)" if close else ""
        message = (
            f"model: expected {EMBEDDED!r}, an open_clip architecture, a configuration file or a "
            f"folder with {FOLDER_CONFIG}, got {name!r}{hint}"
        )
        raise ModelError(message)


def _from_architecture(name: str, pretrained: str | None) -> ModelSource:
    _check_known(name)
    tags = open_clip.list_pretrained_tags_by_model(name)
    if pretrained is None:
        message = f"pretrained: expected a weights file or a tag of {name}, got none"
        raise ModelError(message)
    if pretrained.lower().replace("-", "_") in tags:
        return _from_tag(name, pretrained)
    if not _looks_like_file(pretrained):
        message = (
            f"pretrained: expected a weights file or a tag of {name} "
            f"({', '.join(tags) or 'it has none'}), got {pretrained!r}"
        )
        raise ModelError(message)
    weights = _weights_file(pretrained)
    return ModelSource(
        name, name, weights, weights.stem, preprocessing=_shared_preprocessing(name, tags)
    )


def _from_tag(name: str, tag: str) -> ModelSource:
    entry = open_clip.get_pretrained_cfg(name, tag)
    weights = _cached_weights(entry)
    if weights is None:
        message = (
            f"pretrained: expected weights of {name} {tag!r} in the local cache, got none; give a "
            "local weights file, or fetch them once while online with: "
            f"python3 -c \"import open_clip; open_clip.create_model('{name}', '{tag}')\""
        )
        raise ModelError(message)
    return ModelSource(
        architecture=name,
        open_clip_name=name,
        weights=weights,
        weights_name=tag,
        preprocessing=entry,
        quick_gelu=bool(entry.get("quick_gelu", False)),
    )


def _shared_preprocessing(name: str, tags: list[str]) -> Mapping[str, Any]:
    """Return the preprocessing on which all tags of an architecture agree.

    A file does not say how its pictures were prepared, and open_clip takes its defaults, which are
    wrong for whole families such as SigLIP (mlfoundations/open_clip#1068).
    """
    entries = [open_clip.get_pretrained_cfg(name, tag) for tag in tags]
    keys = ("mean", "std", "interpolation", "resize_mode")
    if not entries:
        return {}
    return {
        key: entries[0][key]
        for key in keys
        if key in entries[0] and all(entry.get(key) == entries[0][key] for entry in entries)
    }


def _cached_weights(entry: Mapping[str, Any]) -> Path | None:
    if repository := entry.get("hf_hub"):
        folder, _, filename = repository.rpartition("/")
        names = [filename] if filename else [HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME]
        cached = (try_to_load_from_cache(folder, name) for name in names)
        if found := next((path for path in cached if isinstance(path, str)), None):
            return Path(found)
    if url := entry.get("url"):
        path = Path.home() / ".cache" / "clip" / url.rpartition("/")[2]
        return path if path.is_file() else None
    return None


def _looks_like_file(pretrained: str) -> bool:
    return Path(pretrained).suffix in WEIGHT_SUFFIXES or "/" in pretrained


def _weights_file(pretrained: str) -> Path:
    path = Path(pretrained).expanduser()
    if path.suffix not in WEIGHT_SUFFIXES:
        message = (
            f"{path}: expected a weights file ({', '.join(WEIGHT_SUFFIXES)}), got {path.name!r}"
        )
        raise ModelError(message)
    if not path.is_file():
        message = f"{path}: expected a weights file, got no such file"
        raise ModelError(message)
    return path


def _weights_beside(config: Path) -> Path:
    found = sorted(config.parent.glob("*.safetensors"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        message = f"{config.parent}: expected one .safetensors file beside the model, got {names}"
        raise ModelError(message)
    return found[0]
