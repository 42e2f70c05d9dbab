"""Whether another runtime computes what torch computes in fp32."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray

LEAST_COSINE = {"fp32": 0.999, "bf16": 0.999, "int8": 0.99}
"""Cosine to fp32 that every vector must reach, by precision."""

PICTURES = 4

TEXTS = (
    "a photo of a wet road at night",
    "a person crossing the street",
    "snow",
    "an empty motorway on a sunny day, seen from a car",
)


def fixed_pictures(size_hw: tuple[int, int]) -> ImageArray:
    """Return pictures that are the same ones every time.

    Smooth blobs, a hard edge, noise and a dark scene: what numbers may go wrong on.

    Args:
        size_hw: Height and width in pixels.

    Returns:
        ``(PICTURES, h, w, 3)`` uint8.
    """
    height, width = size_hw
    generator = np.random.default_rng(20)
    rows, columns = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None, :]
    waves = generator.uniform(1, 5, (3, 2))
    phases = generator.uniform(0, 6, 3)
    smooth = np.stack(
        [
            127 + 120 * np.sin(row * rows * 6 + column * columns * 6 + phase)
            for (row, column), phase in zip(waves, phases, strict=True)
        ],
        axis=-1,
    )
    edged = np.where((rows + columns < 1)[..., None], smooth, 255 - smooth)
    noise = generator.uniform(0, 256, (height, width, 3))
    return np.stack([smooth, edged, noise, smooth / 8]).astype(np.uint8)


def require_parity(ours: FloatArray, reference: FloatArray, *, precision: str) -> float:
    """Compare vectors with those of fp32.

    Args:
        ours: ``(N, ...)``, one vector or map a row.
        reference: The same, computed by torch in fp32.
        precision: ``fp32``, ``bf16`` or ``int8``, which says how near they must be.

    Returns:
        The least cosine.

    Raises:
        ModelError: The shapes differ, or a row is not near enough.
    """
    if ours.shape != reference.shape:
        message = f"expected outputs of shape {reference.shape}, got {ours.shape}"
        raise ModelError(message)
    a, b = (np.reshape(each, (len(each), -1)).astype(np.float64) for each in (ours, reference))
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        least = float(np.min((a * b).sum(axis=1) / lengths))
    if not least >= LEAST_COSINE[precision]:
        message = (
            f"expected a cosine of at least {LEAST_COSINE[precision]} to fp32 on fixed inputs, "
            f"got {least:.5f}"
        )
        raise ModelError(message)
    return least
