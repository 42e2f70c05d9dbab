"""Refuses numbers outside their documented range, in one wording."""

from __future__ import annotations

import math

from scene_clip_ros.core.errors import ParameterError


def require_in_range(name: str, value: object, bounds: tuple[float, float]) -> None:
    """Refuse what is no finite number within bounds.

    Args:
        name: Of the setting, for the message.
        value: What came.
        bounds: Lowest and highest value allowed.

    Raises:
        ParameterError: Names the setting, its range and the value.
    """
    low, high = bounds
    came = repr(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value) and low <= value <= high:
            return
        came = f"{value:g}"
    message = f"{name}: expected a number in [{low:g}, {high:g}], got {came}"
    raise ParameterError(message)


def require_whole_in_range(name: str, value: object, bounds: tuple[int, int]) -> None:
    """Refuse what is no whole number within bounds.

    Args:
        name: Of the setting, for the message.
        value: What came.
        bounds: Lowest and highest value allowed.

    Raises:
        ParameterError: Names the setting, its range and the value.
    """
    low, high = bounds
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return
    message = f"{name}: expected a whole number in [{low}, {high}], got {value!r}"
    raise ParameterError(message)
