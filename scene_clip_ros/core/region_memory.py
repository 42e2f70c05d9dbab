"""Remembers what regions of one camera showed, for as long as nothing there has changed.

Embedding a region again costs the same every time; a parked car, or everything while the vehicle
stands, gives the same embedding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.boxes import iou
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import BoolArray, FloatArray, ImageArray, IntArray

_SAME_IOU = 0.9
"""Overlap from which a region is the one of before."""

_SAME_LOOK = 6.0
"""Mean difference of the sampled pixels, of 255, up to which nothing has changed: noise and JPEG
make up to some 4."""

_GRID = 12
"""Pixels that are sampled along each side."""

_CONTEXT = 1.5
"""Side of what is sampled, as a multiple of the region's: all that is embedded of it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was embedded, and when and where.

    Attributes:
        stamps_ns: ``(M,)`` of the frames in which it was seen.
        xyxy: ``(M, 4)`` pixels in those frames.
        looks: ``(M, S)`` sampled pixels of those frames.
        embeddings: ``(M, D)``.
    """

    stamps_ns: IntArray
    xyxy: FloatArray
    looks: FloatArray
    embeddings: FloatArray


class RegionMemory:
    """The regions of one camera that were seen in its last frame."""

    def __init__(self, max_age_s: float) -> None:
        """Start with none.

        Args:
            max_age_s: How long an embedding may be used again, seconds; 0: never.
        """
        self._max_age_ns = round(max_age_s * NS_PER_S)
        self._kept: _Kept | None = None
        self._size_hw = (0, 0)

    def recall(self, stamp_ns: int, rgb: ImageArray, xyxy: FloatArray) -> IntArray:
        """Find regions whose embedding is known; holds nothing.

        Args:
            stamp_ns: Of the frame, nanoseconds.
            rgb: ``(H, W, 3)`` uint8.
            xyxy: ``(N, 4)`` pixels.

        Returns:
            ``(N,)``, for each region the row of what is kept of it; -1: nothing.
        """
        unknown = np.full(len(xyxy), -1, np.int64)
        kept = self._kept
        if kept is None or not len(xyxy) or not len(kept.xyxy) or rgb.shape[:2] != self._size_hw:
            return unknown
        ages_ns = stamp_ns - kept.stamps_ns
        changes = np.abs(_look_at(rgb, kept.xyxy) - kept.looks).mean(axis=1)
        is_good = (ages_ns >= 0) & (ages_ns <= self._max_age_ns) & (changes <= _SAME_LOOK)
        overlaps = np.where(is_good[None], iou(xyxy, kept.xyxy), 0.0)
        best = overlaps.argmax(axis=1)
        is_known = overlaps[np.arange(len(xyxy)), best] >= _SAME_IOU
        return np.where(is_known, best, unknown)

    def embeddings(self, rows: IntArray) -> FloatArray:
        """Return ``(K, D)`` embeddings of rows that `recall` found."""
        assert self._kept is not None
        return self._kept.embeddings[rows]

    def keep(
        self,
        stamp_ns: int,
        rgb: ImageArray,
        xyxy: FloatArray,
        *,
        embeddings: FloatArray,
        rows: IntArray,
    ) -> None:
        """Remember the regions of a frame, and forget all others.

        What was recalled stays as it was first seen, so that slow changes add up and are noticed.

        Args:
            stamp_ns: Of the frame, nanoseconds.
            rgb: ``(H, W, 3)`` uint8.
            xyxy: ``(N, 4)`` pixels.
            embeddings: ``(N, D)`` float32.
            rows: What `recall` returned for them.
        """
        if not self._max_age_ns:
            return
        fresh = _Kept(np.full(len(xyxy), stamp_ns, np.int64), xyxy, _look_at(rgb, xyxy), embeddings)
        is_known: BoolArray = rows >= 0
        if self._kept is not None and is_known.any():
            fresh = _merged(fresh, self._kept, is_known=is_known, rows=rows)
        self._kept, self._size_hw = fresh, (rgb.shape[0], rgb.shape[1])

    def forget(self) -> None:
        """Forget every region."""
        self._kept = None


def _merged(fresh: _Kept, kept: _Kept, *, is_known: BoolArray, rows: IntArray) -> _Kept:
    """Put what is known in the place of what was made anew."""

    def choose(new: FloatArray | IntArray, old: FloatArray | IntArray) -> FloatArray | IntArray:
        chosen = new.copy()
        chosen[is_known] = old[rows[is_known]]
        return chosen

    return _Kept(
        np.asarray(choose(fresh.stamps_ns, kept.stamps_ns), np.int64),
        np.asarray(choose(fresh.xyxy, kept.xyxy), np.float32),
        np.asarray(choose(fresh.looks, kept.looks), np.float32),
        np.asarray(choose(fresh.embeddings, kept.embeddings), np.float32),
    )


def _look_at(rgb: ImageArray, xyxy: FloatArray) -> FloatArray:
    """Sample the pixels of regions and what is around them: ``(N, 4)`` to ``(N, S)`` float32."""
    height, width = rgb.shape[:2]
    steps = (np.arange(_GRID) + 0.5) / _GRID - 0.5
    middles = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    sides = _CONTEXT * (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, keepdims=True)
    places = middles[:, :, None] + sides[:, :, None] * steps
    columns = np.clip(places[:, 0].astype(np.int64), 0, width - 1)
    rows = np.clip(places[:, 1].astype(np.int64), 0, height - 1)
    pixels = rgb[rows[:, :, None], columns[:, None, :]]
    return np.asarray(pixels.reshape(len(xyxy), 3 * _GRID**2), np.float32)
