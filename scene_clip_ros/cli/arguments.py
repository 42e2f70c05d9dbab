"""Types of command-line values; each says what it expected when it refuses one."""

from __future__ import annotations

import argparse
import math
import re

_SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def size_wh(text: str) -> tuple[int, int]:
    """Parse ``WIDTHxHEIGHT`` in pixels.

    Raises:
        argparse.ArgumentTypeError: Not two positive whole numbers joined by ``x``.
    """
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if match is None:
        message = f"expected WIDTHxHEIGHT in pixels, e.g. 1280x720, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(match[1]), int(match[2])


def positive_float(text: str) -> float:
    """Parse a finite number above zero.

    Raises:
        argparse.ArgumentTypeError: Not such a number.
    """
    value = _float(text)
    if not (math.isfinite(value) and value > 0):
        message = f"expected a number above 0, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def not_negative_float(text: str) -> float:
    """Parse a finite number, zero or above.

    Raises:
        argparse.ArgumentTypeError: Not such a number.
    """
    value = _float(text)
    if not (math.isfinite(value) and value >= 0):
        message = f"expected a number of 0 or more, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def duration_s(text: str) -> float:
    """Parse a time above zero, e.g. ``60``, ``60s``, ``1.5min`` or ``2h``; without a unit seconds.

    Returns:
        Seconds.

    Raises:
        argparse.ArgumentTypeError: Not such a time.
    """
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|min|m|h|)", text)
    value = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not (math.isfinite(value) and value > 0):
        message = f"expected a time above 0, e.g. 60s, 5min or 2h, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def cosine(text: str) -> float:
    """Parse a number from -1 to 1.

    Raises:
        argparse.ArgumentTypeError: Not such a number.
    """
    value = _float(text)
    if not -1 <= value <= 1:
        message = f"expected a number from -1 to 1, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def probabilities(text: str) -> tuple[float, ...]:
    """Parse numbers from 0 to 1, separated by commas; at least one.

    Raises:
        argparse.ArgumentTypeError: Not such numbers.
    """
    values = tuple(map(_float, text.split(",")))
    if not all(0 <= value <= 1 for value in values):
        message = f"expected numbers from 0 to 1 with commas between them, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return values


def positive_int(text: str) -> int:
    """Parse a whole number above zero.

    Raises:
        argparse.ArgumentTypeError: Not such a number.
    """
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value == 0:
        message = f"expected a whole number above 0, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return value


def _float(text: str) -> float:
    """Parse a number; not a number if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
