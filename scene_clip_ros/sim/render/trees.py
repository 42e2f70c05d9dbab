"""Paints trees as sprites, once per process from fixed seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Colour, Float, Picture, Points
from scene_clip_ros.sim.script.props import TREE_KINDS

_HEIGHT, _WIDTH = 320, 240
_ROOT = (120, 319)
_PALM_TOP = (120, 72)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A tree under way: ``(320, 240, 3)`` uint8 RGB and ``(320, 240)`` uint8 coverage."""

    rgb: Picture = field(default_factory=lambda: np.zeros((_HEIGHT, _WIDTH, 3), np.uint8))
    cover: Picture = field(default_factory=lambda: np.zeros((_HEIGHT, _WIDTH), np.uint8))

    def line(
        self, start: tuple[int, int], end: tuple[int, int], colour: Colour, *, thick: int
    ) -> None:
        cv2.line(self.rgb, start, end, colour, thick, cv2.LINE_AA)
        cv2.line(self.cover, start, end, (255,), thick, cv2.LINE_AA)

    def leaf(
        self, centre: tuple[int, int], axes: tuple[int, int], colour: Colour, angles: Points
    ) -> None:
        """Paint a leaf; ``(2,)`` degrees: its colour is turned one way, its outline another."""
        cv2.ellipse(self.rgb, centre, axes, angles[0], 0, 360, colour, -1)
        cv2.ellipse(self.cover, centre, axes, angles[1], 0, 360, (255,), -1)

    def sprite(self) -> Float:
        """Return it at half the size, with clean colours where it is half covered."""
        rgba = np.dstack([self.rgb, self.cover]).astype(np.float32)
        rgba[..., 3] /= 255
        rgba[..., :3] *= rgba[..., 3:]
        half = cv2.resize(rgba, (_WIDTH // 2, _HEIGHT // 2), interpolation=cv2.INTER_AREA)
        small = np.asarray(half, np.float32)
        small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
        return small


@lru_cache(maxsize=64)
def tree_sprite(kind: str, variant: int) -> Float:
    """Paint a tree as a brightness and colour sprite.

    Args:
        kind: One of ``TREE_KINDS``.
        variant: Which individual.

    Returns:
        ``(160, 120, 4)`` float32: RGB albedo in [0, 255] and coverage in [0, 1]; the foot of
        the trunk is at the bottom centre.
    """
    rng = np.random.default_rng([TREE_KINDS.index(kind), variant])
    sheet = _Sheet()
    if kind != "bush":
        bark = _whole(rng.uniform((70, 55, 42), (110, 90, 72)))
        _paint_trunk(sheet, bark, rng, tall=kind == "palm")
        if kind == "bare":
            _paint_branches(sheet, bark, rng)
    if kind in _LEAVES:
        _paint_foliage(sheet, kind, rng)
    return sheet.sprite()


def _whole(colour: Points) -> Colour:
    r, g, b = colour
    return int(r), int(g), int(b)


def _paint_trunk(sheet: _Sheet, bark: Colour, rng: np.random.Generator, *, tall: bool) -> None:
    top = (120 + int(rng.uniform(-8, 8)), 70 if tall else 150)
    sheet.line(_ROOT, top, bark, thick=7 if tall else 13)


def _paint_branches(sheet: _Sheet, bark: Colour, rng: np.random.Generator) -> None:
    tips = [(np.array((120.0, 200.0)), -np.pi / 2, 95.0, 9)]
    while tips:
        start, angle, length, thick = tips.pop()
        end = start + length * np.array((np.cos(angle), np.sin(angle)))
        a, b = start.astype(int).tolist(), end.astype(int).tolist()
        sheet.line((a[0], a[1]), (b[0], b[1]), bark, thick=thick)
        if length > 18:
            for _ in range(3):
                turn, shrink = rng.uniform(-0.8, 0.8), rng.uniform(0.5, 0.75)
                tips.append((end, angle + turn, length * shrink, max(1, thick // 2 + 1)))


def _paint_foliage(sheet: _Sheet, kind: str, rng: np.random.Generator) -> None:
    green = rng.uniform((48, 66, 26), (104, 116, 58)) * rng.uniform(0.5, 1.0)
    if rng.random() < 0.15:
        green = rng.uniform((120, 84, 30), (160, 110, 50))
    leaves = _LEAVES[kind](rng)
    for x, y, depth in leaves[np.argsort(leaves[:, 2])]:
        shade = 0.45 + 0.55 * depth + 0.15 * (1 - y / _HEIGHT) + rng.uniform(-0.1, 0.1)
        colour, at = _whole(np.clip(green * shade, 0, 255)), (int(x), int(y))
        if kind == "palm":
            sheet.line(_PALM_TOP, at, colour, thick=3)
            continue
        wide, tall = rng.uniform(3, 9, 2)
        sheet.leaf(at, (int(wide), int(tall)), colour, rng.uniform(0, 180, 2))


def _conifer_leaves(rng: np.random.Generator) -> Points:
    y = rng.uniform(0, 1, 900) ** 0.6
    x = rng.uniform(-1, 1, 900) * (0.08 + 0.8 * y) * 80
    return np.stack([120 + x, 10 + y * 285, rng.uniform(0, 1, 900)], axis=1)


def _palm_leaves(rng: np.random.Generator) -> Points:
    angle = rng.uniform(-np.pi, np.pi, 90)
    reach = rng.uniform(45, 95, 90)
    droop = 0.004 * reach**2 * np.abs(np.cos(angle))
    x, y = 120 + reach * np.cos(angle), 72 + 0.6 * reach * np.sin(angle) + droop
    return np.stack([x, np.maximum(y, 4), rng.uniform(0, 1, 90)], axis=1)


def _crown_leaves(rng: np.random.Generator, *, low: bool) -> Points:
    """Fill nine discs with leaves, high up or at the foot; the lower ones are to the front."""
    clumps, radius = rng.uniform((60, 50), (180, 190), (9, 2)), rng.uniform(30, 58, 9)
    if low:
        clumps, radius = rng.uniform((50, 235), (190, 290), (9, 2)), rng.uniform(25, 42, 9)
    which = rng.integers(0, 9, 1100)
    angle, spread = rng.uniform(0, 2 * np.pi, 1100), np.sqrt(rng.uniform(0, 1, 1100))
    x = clumps[which, 0] + radius[which] * spread * np.cos(angle)
    y = clumps[which, 1] + radius[which] * spread * np.sin(angle)
    front = 0.5 - 0.5 * spread * np.sin(angle)
    return np.stack([np.clip(x, 5, 235), np.clip(y, 5, 315), front], axis=1)


_LEAVES: dict[str, Callable[[np.random.Generator], Points]] = {
    "broadleaf": partial(_crown_leaves, low=False),
    "conifer": _conifer_leaves,
    "palm": _palm_leaves,
    "bush": partial(_crown_leaves, low=True),
}
"""Leaves of a kind: ``(N, 3)`` column, row, and how far to the front they lie in [0, 1]."""
