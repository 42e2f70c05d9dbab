"""Ranks texts by pictures and pictures by texts, and tells how often the right one is in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array

IndexArray = npt.NDArray[np.int64]

RECALL_AT = (1, 5, 10)
"""How many of the best are looked at, as in the tables of image-text retrieval."""


@dataclass(frozen=True, slots=True)
class Recall:
    """How often something right is among the first.

    Attributes:
        asked: How many had anything right to be found.
        at: For each number of the best that are looked at, the share in [0, 1] of those asked for
            that found something right among them; zeros if nobody asked.
    """

    asked: int
    at: dict[int, float]


def rank_columns(cosines: Float64Array, *, top: int) -> IndexArray:
    """Return the best columns of every row.

    Args:
        cosines: ``(R, C)``.
        top: How many, ≥ 1.

    Returns:
        ``(R, min(top, C))`` indices, best first; of equal ones the first comes first.
    """
    order = np.argsort(-cosines, axis=1, kind="stable")
    return order[:, :top].astype(np.int64)


def measure_recall(
    cosines: Float64Array, is_right: BoolArray, *, at: Sequence[int] = RECALL_AT
) -> Recall:
    """Measure how often a row finds a right column among its best.

    Who is as near as the best right one counts as nearer: nothing is gained by equal cosines.

    Args:
        cosines: ``(R, C)``.
        is_right: ``(R, C)``, which columns belong to which rows; rows without any are not asked.
        at: How many of the best are looked at, each ≥ 1.

    Raises:
        ValueError: The shapes differ.
    """
    if cosines.shape != is_right.shape:
        message = f"expected truths of shape {cosines.shape}, got {is_right.shape}"
        raise ValueError(message)
    asked = is_right.any(axis=1)
    if not asked.any():
        return Recall(0, dict.fromkeys(at, 0.0))
    scores, right = cosines[asked], is_right[asked]
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    wrong_before = ((scores >= best) & ~right).sum(axis=1)
    return Recall(int(asked.sum()), {k: float((wrong_before < k).mean()) for k in at})
