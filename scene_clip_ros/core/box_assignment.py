"""Finds which box is which track."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.boxes import iou
from scene_clip_ros.core.types import FloatArray

NO_MATCH = -1

_BUFFER = 0.5
"""Share of its sides by which a box grows on each side when sought for a second time."""


def assign(
    measured: FloatArray, predicted: FloatArray, *, cost: FloatArray, min_iou: float
) -> npt.NDArray[np.int64]:
    """Assign boxes to tracks, the greatest overlap first.

    What is left is sought once more with all boxes enlarged, so that small and fast objects are
    found again (Yang et al., 2023, Cascaded Buffered IoU).

    Args:
        measured: ``(N, 4)`` xyxy.
        predicted: ``(M, 4)`` xyxy of the tracks.
        cost: ``(N, M)``, what the overlap of a pair is worth less when pairs are ranked; infinite:
            the pair is impossible.
        min_iou: Overlap from which a pair is possible at all, in (0, 1].

    Returns:
        ``(N,)`` int64 index of each box's track, all different, or ``NO_MATCH``.
    """
    chosen = np.full(len(measured), NO_MATCH, dtype=np.int64)
    for buffer in (0.0, _BUFFER):
        overlap = iou(_enlarge(measured, buffer), _enlarge(predicted, buffer))
        rows, columns = np.nonzero((overlap >= min_iou) & np.isfinite(cost))
        best_first = np.argsort((cost - overlap)[rows, columns], kind="stable")
        for row, column in zip(rows[best_first], columns[best_first], strict=True):
            if chosen[row] == NO_MATCH and column not in chosen:
                chosen[row] = column
    return chosen


def _enlarge(xyxy: FloatArray, buffer: float) -> FloatArray:
    margin = buffer * (xyxy[:, 2:] - xyxy[:, :2])
    return np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], axis=1)
