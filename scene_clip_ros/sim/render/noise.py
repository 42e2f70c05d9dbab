"""Tileable noise, made once per process from fixed seeds."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Float

TILE = 512
"""Side of a noise tile in texels; a power of two."""


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
    return _standardised(np.asarray(tile, np.float32))


@lru_cache(maxsize=8)
def fractal_tile(seed: int) -> Float:
    """Return cloud-like noise: octaves of ``noise_tile``, mean 0, deviation 1, tileable."""
    octaves = [noise_tile(seed + i, 128 >> i) * 0.62**i for i in range(6)]
    return _standardised(np.sum(octaves, axis=0))


def sample_tile(tile: Float, x: Float, y: Float) -> Float:
    """Look a tile up at texel coordinates, nearest, wrapping around."""
    columns = x.astype(np.int64) & (TILE - 1)
    rows = y.astype(np.int64) & (TILE - 1)
    return np.asarray(tile[rows, columns])


def _standardised(tile: Float) -> Float:
    return np.ascontiguousarray((tile - tile.mean()) / tile.std(), np.float32)
