"""Times and counts as people say them, always with their units; names of labels likewise."""

from __future__ import annotations

import math


def spell_duration(seconds: float) -> str:
    """Write a duration, e.g. ``0.6 s``, ``20 s``, ``3 min 20 s``, ``1 h 02 min``.

    Args:
        seconds: ≥ 0. Tenths are told below ten seconds, seconds below an hour.
    """
    if round(seconds, 1) < 10 and abs(seconds - round(seconds)) >= 0.05:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest_s} s"
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s" if rest_s else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


def spell_moment(seconds: float) -> str:
    """Write the time since a start to the tenth, e.g. ``12.4 s``, ``3 min 20.4 s``."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    rest = f"{tenths / 10:.1f} s"
    if hours:
        return f"{hours} h {minutes} min {rest}"
    return f"{minutes} min {rest}" if minutes else rest


def spell_number(value: float, unit: str, *, decimals: int = 1) -> str:
    """Write a number with its unit; a dash if there is none."""
    return f"{value:.{decimals}f} {unit}" if math.isfinite(value) else "–"


def count(number: int, one: str, many: str = "") -> str:
    """Write how many there are, e.g. ``1 warning``, ``2 warnings``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}".replace(",", " ")


def spell_name(name: str) -> str:
    """Write a name of the vocabulary in words, e.g. ``time of day`` for ``time_of_day``."""
    return name.replace("_", " ")
