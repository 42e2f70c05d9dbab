"""Shapes and dtypes that the simulation passes around."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Colour = tuple[float, float, float]
"""RGB albedo or light in [0, 255]."""

Pixel = tuple[int, int, int]
"""RGB in [0, 255] as it is written into a picture."""

Points = npt.NDArray[np.float64]
"""``(N, 3)`` metres (right, up, ahead) or ``(N, 2)`` pixels (column, row); a single one: 1-d."""

Rgb = npt.NDArray[np.float64]
"""``(3,)`` RGB."""

Float = npt.NDArray[np.float32]
"""Pictures and layers under way, any shape."""

Picture = npt.NDArray[np.uint8]
"""``(H, W, 3)`` RGB, or ``(H, W)`` for a single layer."""

IdentMap = npt.NDArray[np.uint16]
"""``(H, W)``: below ``semantics.ACTOR_BASE`` a ``SemanticClass``, from there an actor."""

Indices = npt.NDArray[np.intp]
"""``(N,)`` rows or columns of pixels."""

Mask = npt.NDArray[np.bool_]
"""``(H, W)``: where something holds."""


def as_colour(values: Iterable[float]) -> Colour:
    """Return three numbers as a colour."""
    r, g, b = values
    return float(r), float(g), float(b)


def as_pixel(values: Iterable[float]) -> Pixel:
    """Return three numbers, cut off to whole levels, as a pixel."""
    r, g, b = values
    return int(r), int(g), int(b)
