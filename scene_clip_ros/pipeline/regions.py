"""Finds regions in pictures and embeds what they show: the model's part of boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.region_memory import RegionMemory
from scene_clip_ros.core.types import BoolArray, FloatArray, Frame, ImageArray, IntArray
from scene_clip_ros.models.encoder import Crops, Encoder
from scene_clip_ros.models.proposer import Proposer

CONTEXTS = (1.0, 1.5)
"""Sides of a region's crops, as multiples of its longer side; their embeddings are averaged."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions of one frame.

    Attributes:
        proposals: N regions.
        embeddings: ``(N, D)`` float32 of what they show, rows of unit length.
    """

    proposals: Proposals
    embeddings: FloatArray


class RegionFinder:
    """Proposes regions of all frames at once, and embeds all their crops in one batch.

    Where nothing has changed since a region was embedded, its embedding may be taken again.
    """

    def __init__(self, proposer: Proposer, encoder: Encoder, *, reuse_s: float = 0.0) -> None:
        """Take the models.

        Args:
            proposer: Finds regions.
            encoder: Embeds crops.
            reuse_s: How long an embedding may be taken again, seconds; 0: never.
        """
        self._proposer = proposer
        self._encoder = encoder
        self.set_reuse(reuse_s)

    def set_reuse(self, reuse_s: float) -> None:
        """Take embeddings again for another time, seconds; what is known is forgotten."""
        self._reuse_s = reuse_s
        self._memories: dict[str, RegionMemory] = {}

    def reset(self, camera: str | None = None) -> None:
        """Forget the regions of one camera, or of all; an unknown camera is no error."""
        for name, memory in self._memories.items():
            if camera in (None, name):
                memory.forget()

    def find(
        self,
        frames: Sequence[Frame],
        *,
        is_worth_it: Callable[[Proposals], BoolArray] | None = None,
    ) -> list[Regions]:
        """Find and embed.

        Args:
            frames: Of any cameras and sizes.
            is_worth_it: Returns ``(N,)`` bool, which regions are to be embedded and returned;
                None: all of them.

        Returns:
            Regions by frame.

        Raises:
            ModelError: A model failed on at least one of the frames.
        """
        proposals = self._proposer.propose([frame.rgb for frame in frames])
        if is_worth_it:
            proposals = [found.where(is_worth_it(found)) for found in proposals]
        known = [self._recall(*each) for each in zip(frames, proposals, strict=True)]
        parts = [
            (frame.rgb, found.xyxy[rows < 0])
            for frame, found, rows in zip(frames, proposals, known, strict=True)
        ]
        embedded = embed_regions(self._encoder, parts)
        return [
            self._complete(frame, found, rows, made=made)
            for frame, found, rows, made in zip(frames, proposals, known, embedded, strict=True)
        ]

    def _memory_of(self, camera: str) -> RegionMemory:
        return self._memories.setdefault(camera, RegionMemory(self._reuse_s))

    def _recall(self, frame: Frame, found: Proposals) -> IntArray:
        return self._memory_of(frame.camera).recall(frame.stamp_ns, frame.rgb, found.xyxy)

    def _complete(
        self, frame: Frame, found: Proposals, rows: IntArray, *, made: FloatArray
    ) -> Regions:
        """Put embeddings that were made beside those that were known, and remember all."""
        memory = self._memory_of(frame.camera)
        embeddings = made
        if (rows >= 0).any():
            embeddings = np.empty((len(found), made.shape[1]), np.float32)
            embeddings[rows < 0] = made
            embeddings[rows >= 0] = memory.embeddings(rows[rows >= 0])
        memory.keep(frame.stamp_ns, frame.rgb, found.xyxy, embeddings=embeddings, rows=rows)
        return Regions(found, embeddings)


def embed_regions(
    encoder: Encoder, parts: Sequence[tuple[ImageArray, FloatArray]]
) -> list[FloatArray]:
    """Embed regions of pictures, all crops in one batch.

    Args:
        encoder: Embeds crops.
        parts: Pictures ``(H, W, 3)`` uint8, each with ``(N, 4)`` pixels xyxy.

    Returns:
        ``(N, D)`` float32 by picture, rows of unit length.

    Raises:
        ModelError: An embedding is NaN, infinite or zero.
    """
    crops = [crops_of(rgb, xyxy) for rgb, xyxy in parts]
    pooled = _pool(encoder.encode_crops(crops), encoder.info.dim)
    ends = accumulate((len(xyxy) for _, xyxy in parts), initial=0)
    return [pooled[start:end] for start, end in pairwise(ends)]


def crops_of(rgb: ImageArray, xyxy: FloatArray) -> Crops:
    """Return what is embedded of the regions of a picture: for each, a window of every context.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        xyxy: ``(N, 4)`` pixels.
    """
    size_wh = (rgb.shape[1], rgb.shape[0])
    windows = [
        square_window(box, size_wh=size_wh, context=context) for box in xyxy for context in CONTEXTS
    ]
    return Crops(rgb, np.array(windows, np.int64).reshape(-1, 4))


def crop_square(rgb: ImageArray, xyxy: FloatArray, *, context: float) -> ImageArray:
    """Cut a square around a box out of a picture, as far as the picture goes.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        xyxy: ``(4,)`` pixels.
        context: Side of the square, as a multiple of the box's longer side, > 0.

    Returns:
        ``(h, w, 3)`` uint8, at least one pixel; a view of ``rgb``.
    """
    size_wh = (rgb.shape[1], rgb.shape[0])
    u0, v0, u1, v1 = square_window(xyxy, size_wh=size_wh, context=context)
    return rgb[v0:v1, u0:u1]


def square_window(
    xyxy: FloatArray, *, size_wh: tuple[int, int], context: float
) -> tuple[int, int, int, int]:
    """Return a square around a box, as far as the picture goes.

    Args:
        xyxy: ``(4,)`` pixels.
        size_wh: Width and height of the picture in pixels.
        context: Side of the square, as a multiple of the box's longer side, > 0.

    Returns:
        Left, top, right, bottom in pixels, the latter two excluded; at least one pixel.
    """
    left, top, right, bottom = xyxy.tolist()
    half = max(right - left, bottom - top) * context / 2
    middle_u, middle_v = (left + right) / 2, (top + bottom) / 2
    u0, u1 = _span(middle_u, half, limit=size_wh[0])
    v0, v1 = _span(middle_v, half, limit=size_wh[1])
    return u0, v0, u1, v1


def _span(middle: float, half: float, *, limit: int) -> tuple[int, int]:
    start = min(max(round(middle - half), 0), limit - 1)
    return start, max(min(round(middle + half), limit), start + 1)


def _pool(embeddings: FloatArray, dim: int) -> FloatArray:
    """Average the contexts of each region: ``(N * C, D)`` to ``(N, D)``, rows of unit length."""
    mean = embeddings.reshape(-1, len(CONTEXTS), dim).mean(axis=1)
    lengths = np.linalg.norm(mean, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        message = "expected finite embeddings of crops, got NaN, infinity or zero"
        raise ModelError(message)
    return np.asarray(mean / lengths, np.float32)
