"""Compares a picture's embedding with prompts (Radford et al. 2021, arXiv:2103.00020)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import FloatArray

Float64Array = npt.NDArray[np.float64]


def cosines(embedding: FloatArray, prompts: FloatArray) -> Float64Array:
    """Return the cosine of one picture to every prompt.

    Args:
        embedding: ``(D,)`` float32 of unit length.
        prompts: ``(L, D)`` float32, rows of unit length.

    Returns:
        ``(L,)`` float64 in [-1, 1]; empty for no prompts.
    """
    products = prompts.astype(np.float64) @ embedding.astype(np.float64)
    return np.clip(products, -1.0, 1.0)


def softmax(logits: Float64Array) -> Float64Array:
    """Return ``(..., L)`` float64 probabilities, whose last axis sums to 1; empty for no logits."""
    if logits.size == 0:
        return logits
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))
