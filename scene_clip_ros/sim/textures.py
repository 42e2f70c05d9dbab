"""Tileable noise and painted sprites, made once per process from fixed seeds."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Sprite = npt.NDArray[np.float32]

TILE = 512
"""Side of a noise tile in texels."""


@lru_cache(maxsize=16)
def noise_tile(seed: int, cell: int) -> Float:
    """Return tileable value noise.

    Args:
        seed: Which noise.
        cell: Size of a feature in texels; must divide ``TILE``.

    Returns:
        ``(TILE, TILE)`` float32, mean 0, standard deviation 1, periodic in both axes.
    """
    rng = np.random.default_rng([seed, cell])
    coarse = rng.standard_normal((TILE // cell, TILE // cell)).astype(np.float32)
    padded = np.pad(coarse, 2, mode="wrap")
    size = (padded.shape[1] * cell, padded.shape[0] * cell)
    smooth = cv2.resize(padded, size, interpolation=cv2.INTER_CUBIC)
    tile = smooth[2 * cell : 2 * cell + TILE, 2 * cell : 2 * cell + TILE]
    return np.ascontiguousarray((tile - tile.mean()) / tile.std())


@lru_cache(maxsize=8)
def fractal_tile(seed: int) -> Float:
    """Return cloud-like noise: octaves of ``noise_tile``, mean 0, deviation 1, tileable."""
    octaves = [noise_tile(seed + i, 128 >> i) * 0.62**i for i in range(6)]
    total = np.sum(octaves, axis=0)
    return np.ascontiguousarray(((total - total.mean()) / total.std()).astype(np.float32))


def sample_tile(tile: Float, x: Float, y: Float) -> Float:
    """Look a tile up at texel coordinates, nearest, wrapping around."""
    columns = x.astype(np.int64) & (TILE - 1)
    rows = y.astype(np.int64) & (TILE - 1)
    return tile[rows, columns]


TREE_KINDS = ("broadleaf", "conifer", "palm", "bush", "bare")


@lru_cache(maxsize=64)
def tree_sprite(kind: str, variant: int) -> Sprite:
    """Paint a tree as a brightness and colour sprite.

    Args:
        kind: One of ``TREE_KINDS``.
        variant: Which individual.

    Returns:
        ``(160, 120, 4)`` float32: RGB albedo in [0, 255] and coverage in [0, 1]; the foot of
        the trunk is at the bottom centre.
    """
    rng = np.random.default_rng([TREE_KINDS.index(kind), variant])
    canvas = np.zeros((320, 240, 3), np.uint8)
    cover = np.zeros((320, 240), np.uint8)
    if kind != "bush":
        _paint_trunk(canvas, cover, rng, bare=kind == "bare", tall=kind == "palm")
    if kind != "bare":
        _paint_foliage(canvas, cover, rng, kind)
    rgba = np.dstack([canvas.astype(np.float32), cover.astype(np.float32) / 255])
    rgba[..., :3] *= rgba[..., 3:]
    small = cv2.resize(rgba, (120, 160), interpolation=cv2.INTER_AREA)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
    return small


def _paint_trunk(
    canvas: npt.NDArray[np.uint8],
    cover: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    bare: bool,
    tall: bool,
) -> None:
    bark = tuple(int(c) for c in rng.uniform((70, 55, 42), (110, 90, 72)))
    top = (120 + int(rng.uniform(-8, 8)), 70 if tall else 150)
    width = 7 if tall else 13
    for image, colour in ((canvas, bark), (cover, 255)):
        cv2.line(image, (120, 319), top, colour, width, cv2.LINE_AA)
    if not bare:
        return
    tips = [(np.array((120.0, 200.0)), -np.pi / 2, 95.0, 9)]
    while tips:
        start, angle, length, thick = tips.pop()
        end = start + length * np.array((np.cos(angle), np.sin(angle)))
        for image, colour in ((canvas, bark), (cover, 255)):
            a, b = tuple(map(int, start)), tuple(map(int, end))
            cv2.line(image, a, b, colour, thick, cv2.LINE_AA)
        if length > 18:
            for _ in range(3):
                turn, shrink = rng.uniform(-0.8, 0.8), rng.uniform(0.5, 0.75)
                tips.append((end, angle + turn, length * shrink, max(1, thick // 2 + 1)))


def _paint_foliage(
    canvas: npt.NDArray[np.uint8],
    cover: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    kind: str,
) -> None:
    green = rng.uniform((48, 66, 26), (104, 116, 58))
    if rng.random() < 0.15:
        green = rng.uniform((120, 84, 30), (160, 110, 50))
    leaves = _leaf_positions(rng, kind)
    for x, y, depth in leaves[np.argsort(leaves[:, 2])]:
        shade = 0.45 + 0.55 * depth + 0.15 * (1 - y / 320) + rng.uniform(-0.1, 0.1)
        colour = tuple(int(c) for c in np.clip(green * shade, 0, 255))
        if kind == "palm":
            tip = (int(x), int(y))
            for image, value in ((canvas, colour), (cover, 255)):
                cv2.line(image, (120, 72), tip, value, 3, cv2.LINE_AA)
            continue
        axes = tuple(int(a) for a in rng.uniform(3, 9, 2))
        for image, value in ((canvas, colour), (cover, 255)):
            cv2.ellipse(image, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, value, -1)


def _leaf_positions(rng: np.random.Generator, kind: str) -> npt.NDArray[np.float64]:
    """Return ``(N, 3)`` leaves: column, row, and how far to the front they lie in [0, 1]."""
    if kind == "conifer":
        y = rng.uniform(0, 1, 900) ** 0.6
        x = rng.uniform(-1, 1, 900) * (0.08 + 0.8 * y) * 80
        return np.stack([120 + x, 10 + y * 285, rng.uniform(0, 1, 900)], axis=1)
    if kind == "palm":
        angle = rng.uniform(-np.pi, np.pi, 90)
        reach = rng.uniform(45, 95, 90)
        droop = 0.004 * reach**2 * np.abs(np.cos(angle))
        x, y = 120 + reach * np.cos(angle), 72 + 0.6 * reach * np.sin(angle) + droop
        return np.stack([x, np.maximum(y, 4), rng.uniform(0, 1, 90)], axis=1)
    clumps = rng.uniform((60, 50), (180, 190), (9, 2))
    radius = rng.uniform(30, 58, 9)
    if kind == "bush":
        clumps = rng.uniform((50, 235), (190, 290), (9, 2))
        radius = rng.uniform(25, 42, 9)
    which = rng.integers(0, 9, 1100)
    angle, spread = rng.uniform(0, 2 * np.pi, 1100), np.sqrt(rng.uniform(0, 1, 1100))
    x = clumps[which, 0] + radius[which] * spread * np.cos(angle)
    y = clumps[which, 1] + radius[which] * spread * np.sin(angle)
    front = 0.5 - 0.5 * spread * np.sin(angle)
    return np.stack([np.clip(x, 5, 235), np.clip(y, 5, 315), front], axis=1)


@lru_cache(maxsize=96)
def facade_texture(kind: str, variant: int) -> Float:
    """Paint one storey-repeating wall of a building.

    Args:
        kind: ``office``, ``flats``, ``house`` or ``shop`` (a street-level shop front).
        variant: Which individual.

    Returns:
        ``(64, 96, 4)`` float32: RGB albedo in [0, 255]; the last channel is 1 where a window
        is lit at night and 0 elsewhere. One tile is one storey of 3 m by 4.5 m.
    """
    rng = np.random.default_rng([("office", "flats", "house", "shop").index(kind), variant])
    wall = rng.uniform(90, 215) + rng.uniform(-16, 16, 3)
    if rng.random() < 0.3:
        wall = rng.uniform((120, 60, 45), (170, 95, 75))
    texture = np.empty((64, 96, 4), np.float32)
    texture[..., :3] = wall + rng.normal(0, 4, (64, 96, 1))
    texture[..., 3] = 0
    texture[:2, :, :3] *= 0.75
    count = {"office": 4, "flats": 2, "house": 2, "shop": 1}[kind]
    top, bottom = (8, 60) if kind in ("office", "shop") else (16, 46)
    width = 96 // count
    glass = rng.uniform((40, 52, 66), (84, 98, 120))
    for i in range(count):
        left, right = i * width + width // 6, (i + 1) * width - width // 6
        texture[top - 2 : bottom + 2, left - 2 : right + 2, :3] = wall * 0.8 + 45
        texture[top:bottom, left:right, :3] = glass
        texture[top : (top + bottom) // 2, left:right, :3] += rng.uniform(0, 30)
        if rng.random() < (0.85 if kind == "shop" else 0.35):
            texture[top:bottom, left:right, 3] = rng.uniform(0.5, 1.0)
    if kind == "shop":
        texture[2:14, :, :3] = rng.uniform(30, 225, 3)
    return texture
