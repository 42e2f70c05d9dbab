"""Finds a CLIPSeg checkpoint on this machine, never beyond, and reads how it wants pictures.

Light: neither torch nor transformers is loaded, so that a wrong name is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.json_file import read_object

EMBEDDED = "embedded"
EMBEDDED_MASKS = Path(__file__).parents[1] / "resources" / "models" / "scene-clip-masks"
CONFIG_FILE = "config.json"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
"""Names of the weights, the preferred one first."""
TOKENIZER_FILES = ("tokenizer.json", "vocab.json")
"""One of these holds the tokenizer; without them transformers makes up one that knows no word."""

_PROCESSOR_FILES = ("preprocessor_config.json", "processor_config.json")
_MODEL_TYPE = "clipseg"
_RESAMPLE_NAMES = {2: "bilinear", 3: "bicubic"}
"""By PIL's numbers, which transformers writes."""


@dataclass(frozen=True, slots=True)
class ClipsegFolder:
    """A checkpoint that is there.

    Attributes:
        name: What people call it: a hub name, or the name of the folder.
        path: The folder.
        weights: The weights file in it.
    """

    name: str
    path: Path
    weights: Path


def find_clipseg(model: str = EMBEDDED) -> ClipsegFolder:
    """Find a checkpoint folder.

    Args:
        model: ``embedded``, a folder in the form of transformers, or the hub name of one that is
            in the local cache, e.g. ``CIDAS/clipseg-rd64-refined``.

    Raises:
        ModelError: There is none, it lacks a file, or it is of another architecture.
    """
    name, path = _locate(model)
    config = read_object(path / CONFIG_FILE)
    if config.get("model_type") != _MODEL_TYPE:
        came = config.get("model_type")
        message = f"{path / CONFIG_FILE}: expected model_type {_MODEL_TYPE!r}, got {came!r}"
        raise ModelError(message)
    weights = next((path / name for name in WEIGHT_FILES if (path / name).is_file()), None)
    if weights is None:
        message = f"{path}: expected weights ({' or '.join(WEIGHT_FILES)}), got none"
        raise ModelError(message)
    if not any((path / name).is_file() for name in TOKENIZER_FILES):
        message = f"{path}: expected a tokenizer ({' or '.join(TOKENIZER_FILES)}), got none"
        raise ModelError(message)
    return ClipsegFolder(name, path, weights)


def read_preprocessing(folder: Path) -> dict[str, Any]:
    """Read how a checkpoint's own processor prepares pictures, as `Preprocessing` takes it.

    Raises:
        ModelError: There is no processor's configuration, or it asks for what is not supported.
    """
    path = next((folder / n for n in _PROCESSOR_FILES if (folder / n).is_file()), None)
    if path is None:
        message = f"{folder}: expected {' or '.join(_PROCESSOR_FILES)}, got neither"
        raise ModelError(message)
    entries = read_object(path)
    entries = entries.get("image_processor", entries)
    normalises = entries.get("do_normalize", True)
    _refuse_other_steps(path, entries)
    return {
        "size_hw": _square_hw(path, entries.get("size")),
        "mean": _per_channel(path, "image_mean", entries) if normalises else (0.0, 0.0, 0.0),
        "std": _per_channel(path, "image_std", entries) if normalises else (1.0, 1.0, 1.0),
        "interpolation": _interpolation(path, entries.get("resample", 2)),
    }


def _locate(model: str) -> tuple[str, Path]:
    path = EMBEDDED_MASKS if model == EMBEDDED else Path(model).expanduser()
    if path.is_dir():
        return path.resolve().name, path
    cached = _cached_config(model)
    if cached is None or model == EMBEDDED:
        message = (
            f"masks: expected {EMBEDDED!r}, a folder with a CLIPSeg checkpoint, or the hub name "
            f"of one that is in the local cache; got {model!r}, and nothing there"
        )
        raise ModelError(message)
    return model, cached.parent


def _cached_config(name: str) -> Path | None:
    try:
        cached = try_to_load_from_cache(name, CONFIG_FILE)
    except (HFValidationError, ValueError):
        return None
    return Path(cached) if isinstance(cached, str) else None


def _refuse_other_steps(path: Path, entries: Mapping[str, Any]) -> None:
    """Refuse a processor that crops, or neither scales pictures nor their values."""
    wanted = {"do_resize": True, "do_rescale": True, "do_center_crop": False, "do_pad": False}
    for name, expected in wanted.items():
        if entries.get(name, expected) not in (expected, None):
            message = f"{path}: {name}: expected {expected}, got {entries[name]!r}"
            raise ModelError(message)
    factor = entries.get("rescale_factor", 1 / 255)
    if not isinstance(factor, (int, float)) or abs(factor * 255 - 1) > 1e-6:
        message = f"{path}: rescale_factor: expected 1/255, got {factor!r}"
        raise ModelError(message)


def _square_hw(path: Path, size: object) -> tuple[int, int]:
    """Return height and width; the decoder of CLIPSeg takes square pictures only."""
    sides = (size.get("height"), size.get("width")) if isinstance(size, dict) else (size, size)
    match sides:
        case (int(height), int(width)) if height == width and height > 0:
            return height, width
    message = f"{path}: size: expected one height and width, got {size!r}"
    raise ModelError(message)


def _per_channel(path: Path, name: str, entries: Mapping[str, Any]) -> tuple[float, float, float]:
    match entries.get(name):
        case [float() | int() as red, float() | int() as green, float() | int() as blue]:
            return float(red), float(green), float(blue)
    message = f"{path}: {name}: expected three numbers, got {entries.get(name)!r}"
    raise ModelError(message)


def _interpolation(path: Path, number: object) -> str:
    if not isinstance(number, int) or number not in _RESAMPLE_NAMES:
        known = ", ".join(f"{key} ({name})" for key, name in _RESAMPLE_NAMES.items())
        message = f"{path}: resample: expected one of {known}, got {number!r}"
        raise ModelError(message)
    return _RESAMPLE_NAMES[number]
