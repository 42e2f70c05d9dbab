"""Geometry of boxes: pixels, left, top, right, bottom, origin at the picture's top left corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.types import FloatArray

_EDGE_PX = 1.5
"""Distance from the picture's edge up to which a box counts as cut by it."""

IndexArray = npt.NDArray[np.int64]


def iou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the intersection over the union of every pair of boxes.

    Args:
        first: ``(N, 4)`` xyxy.
        second: ``(M, 4)`` xyxy, in the same unit.

    Returns:
        ``(N, M)`` float32 in [0, 1]; 0 where both boxes are empty.
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2, dtype=np.float64)
    union = _areas(first)[:, None] + _areas(second)[None] - shared
    ratio = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return np.asarray(np.clip(ratio, 0, 1), np.float32)


def longer_side(xyxy: Xyxy) -> float:
    """Return the larger one of a box's width and height, pixels."""
    left, top, right, bottom = xyxy
    return max(right - left, bottom - top)


def is_cut(xyxy: Xyxy, size_wh: tuple[int, int], *, axis: Literal[0, 1]) -> bool:
    """Return whether a box ends at the picture's edge, so that its extent is not whole.

    Args:
        xyxy: Pixels, left, top, right, bottom.
        size_wh: Width and height of the picture in pixels.
        axis: 0 asks for the left and right edge, 1 for the top and bottom.
    """
    return xyxy[axis] <= _EDGE_PX or xyxy[axis + 2] >= size_wh[axis] - _EDGE_PX


def suppress(
    xyxy: FloatArray,
    scores: FloatArray,
    labels: Sequence[str] | npt.NDArray[np.generic],
    *,
    same_iou: float,
    other_iou: float,
) -> IndexArray:
    """Leave out boxes that cover what a better one covers (greedy non-maximum suppression).

    Args:
        xyxy: ``(N, 4)`` pixels.
        scores: ``(N,)``; of equal scores, the earlier box is better.
        labels: ``(N,)``, one per box.
        same_iou: Overlap above which a box of the same label is left out, in [0, 1].
        other_iou: Overlap above which a box of another label is left out, in [0, 1].

    Returns:
        ``(K,)`` int64 indices of the boxes kept, best score first.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    names = np.asarray(labels)[order]
    # In the precision of the overlaps, or one of just 0.8 would be above 0.8.
    limits = np.where(names[:, None] == names[None], same_iou, other_iou).astype(np.float32)
    covered = iou(xyxy[order], xyxy[order]) > limits
    alive = np.ones(len(order), dtype=bool)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ~covered[index, index + 1 :]
    return np.asarray(order[alive], dtype=np.int64)


def _areas(xyxy: FloatArray) -> npt.NDArray[np.float64]:
    sides = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None)
    return np.asarray(sides.prod(axis=1, dtype=np.float64))
