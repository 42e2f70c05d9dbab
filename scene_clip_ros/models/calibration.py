"""What was measured of a model after its training, kept beside its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from scene_clip_ros.core.errors import ModelError

CALIBRATION_FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Corrections of a model's scores; None keeps the model's own.

    Attributes:
        logit_scale: Multiplier of a cosine before the softmax, > 0.
        cosine_floor: Cosine below which no label fits, in [-1, 1].
        box_cosine_floor: Cosine below which no object query fits a crop, in [-1, 1].
    """

    logit_scale: float | None = None
    cosine_floor: float | None = None
    box_cosine_floor: float | None = None


def load_calibration(weights: Path) -> Calibration:
    """Read ``calibration.json`` beside a weights file; without one nothing is corrected.

    Keys that are not corrections are for people and ignored.

    Raises:
        ModelError: The file is not what it should be.
    """
    path = weights.parent / CALIBRATION_FILE
    if not path.is_file():
        return Calibration()
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        message = f"{path}: expected JSON, got {err}"
        raise ModelError(message) from err
    if not isinstance(entries, dict):
        message = f"{path}: expected an object, got {type(entries).__name__}"
        raise ModelError(message)
    return Calibration(
        logit_scale=_number(path, entries, "logit_scale", low=1e-6, high=1e6),
        cosine_floor=_number(path, entries, "cosine_floor", low=-1.0, high=1.0),
        box_cosine_floor=_number(path, entries, "box_cosine_floor", low=-1.0, high=1.0),
    )


def _number(
    path: Path, entries: dict[str, object], key: str, *, low: float, high: float
) -> float | None:
    value = entries.get(key)
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    message = f"{path}: {key}: expected a number in [{low:g}, {high:g}], got {value!r}"
    raise ModelError(message)
