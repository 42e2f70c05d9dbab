"""Paints walls of buildings as textures, once per process from fixed seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scene_clip_ros.sim.arrays import Float

TILE_M = (4.5, 3.2)
"""Width and height of a wall that one texture stands for, metres."""

VARIANTS = 24
"""Facades of each style that are kept apart."""

_TEXELS = (64, 96)


@dataclass(frozen=True, slots=True)
class _Style:
    """Windows of one storey: how many, their rows of texels, and how many are lit at night."""

    windows: int
    rows: tuple[int, int]
    lit: float


_STYLES = {
    "office": _Style(4, (8, 60), 0.35),
    "flats": _Style(2, (16, 46), 0.35),
    "house": _Style(2, (16, 46), 0.35),
    "shop": _Style(1, (8, 60), 0.85),
}


@lru_cache(maxsize=96)
def facade_texture(style: str, variant: int) -> Float:
    """Paint one storey-repeating wall of a building.

    Args:
        style: ``office``, ``flats``, ``house`` or ``shop`` (a street-level shop front).
        variant: Which individual.

    Returns:
        ``(64, 96, 4)`` float32: RGB albedo in [0, 255]; the last channel is above 0 where a
        window is lit at night and 0 elsewhere. One tile is ``TILE_M`` large.
    """
    rng = np.random.default_rng([list(_STYLES).index(style), variant])
    wall = rng.uniform(90, 215) + rng.uniform(-16, 16, 3)
    if rng.random() < 0.3:
        wall = rng.uniform((120, 60, 45), (170, 95, 75))
    texture = np.empty((*_TEXELS, 4), np.float32)
    texture[..., :3] = wall + rng.normal(0, 4, (*_TEXELS, 1))
    texture[..., 3] = 0
    texture[:2, :, :3] *= 0.75
    glass = rng.uniform((40, 52, 66), (84, 98, 120))
    look = _STYLES[style]
    (top, bottom), width = look.rows, _TEXELS[1] // look.windows
    for i in range(look.windows):
        left, right = i * width + width // 6, (i + 1) * width - width // 6
        texture[top - 2 : bottom + 2, left - 2 : right + 2, :3] = wall * 0.8 + 45
        texture[top:bottom, left:right, :3] = glass
        texture[top : (top + bottom) // 2, left:right, :3] += rng.uniform(0, 30)
        if rng.random() < look.lit:
            texture[top:bottom, left:right, 3] = rng.uniform(0.5, 1.0)
    if style == "shop":
        texture[2:14, :, :3] = rng.uniform(30, 225, 3)
    return texture
