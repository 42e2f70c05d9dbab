"""The frames of one camera, oldest first; not safe to be used from several threads."""

from __future__ import annotations

from collections import deque

import numpy as np

from scene_clip_ros.core.byte_pages import PAGE_BYTES, BytePages
from scene_clip_ros.core.frame_blocks import BlockView, FrameBlock, StoredFrame, row_bytes
from scene_clip_ros.core.running_moments import MomentsView, RunningMoments, moments_bytes
from scene_clip_ros.core.types import FloatArray


def least_bytes(dim: int, block_rows: int) -> int:
    """Return the bytes that a camera with frames takes before the first of them is counted.

    They are for the moments, and for what is free of blocks and pages that are not free as a whole.
    """
    return moments_bytes(dim) + block_rows * row_bytes(dim) + 2 * PAGE_BYTES


class CameraFrames:
    """Appends frames at one end and lets them leave at the other."""

    def __init__(self, camera: str, *, dim: int, block_rows: int) -> None:
        """Start empty.

        Args:
            camera: Name of the camera.
            dim: Length D of an embedding.
            block_rows: Frames that memory is allocated for at once.
        """
        self.camera = camera
        self._dim = dim
        self._block_rows = block_rows
        self._blocks: deque[FrameBlock] = deque()
        self._moments = RunningMoments(dim)
        self._pages = BytePages()
        self._thumbnail_bytes = 0
        self._last_ns: int | None = None
        self._last: FloatArray = np.zeros(dim, np.float32)
        self._frames = 0

    @property
    def frames(self) -> int:
        """How many frames are kept."""
        return self._frames

    @property
    def size_bytes(self) -> int:
        """Most bytes that may be held; 0 without frames."""
        if not self.frames:
            return 0
        rows = self.frames * row_bytes(self._dim)
        return least_bytes(self._dim, self._block_rows) + rows + self._thumbnail_bytes

    @property
    def oldest_ns(self) -> int:
        """Stamp of the oldest frame, nanoseconds; there is one."""
        return int(self._blocks[0].stamps_ns[self._blocks[0].start])

    @property
    def newest_ns(self) -> int:
        """Stamp of the newest frame, nanoseconds; there is one."""
        return int(self._blocks[-1].stamps_ns[self._blocks[-1].filled - 1])

    def is_like_last(
        self, stamp_ns: int, embedding: FloatArray, *, least_cosine: float, gap_ns: int
    ) -> bool:
        """Tell whether a frame is a near-duplicate of the last one kept, and comes soon after it.

        Args:
            stamp_ns: The frame's stamp, nanoseconds.
            embedding: Its ``(D,)`` embedding.
            least_cosine: Cosine from which two frames are near-duplicates.
            gap_ns: Time after the last one kept from which a frame is kept anyway.
        """
        if self._last_ns is None or not 0 <= stamp_ns - self._last_ns < gap_ns:
            return False
        return float(self._last @ embedding) >= least_cosine

    def append(self, frame: StoredFrame, embedding: FloatArray) -> None:
        """Keep a frame; a stamp before the last one clears the camera first."""
        if self._last_ns is not None and frame.stamp_ns < self._last_ns:
            self.clear()
        if not self._blocks or self._blocks[-1].is_full:
            self._blocks.append(FrameBlock(self.camera, rows=self._block_rows, dim=self._dim))
        self._moments.add(self._blocks[-1].append(frame, embedding, self._pages))
        self._thumbnail_bytes += len(frame.thumbnail)
        self._last_ns = frame.stamp_ns
        self._last[:] = embedding
        self._frames += 1

    def drop_oldest(self) -> None:
        """Let the oldest frame leave; there is one."""
        block = self._blocks[0]
        self._moments.remove(block.embeddings[block.start])
        self._thumbnail_bytes -= block.drop_first()
        self._frames -= 1
        if block.start == block.filled:
            self._blocks.popleft()

    def clear(self) -> None:
        """Forget every frame, and the last one kept."""
        self._blocks.clear()
        self._moments.clear()
        self._pages = BytePages()
        self._thumbnail_bytes = 0
        self._last_ns = None
        self._frames = 0

    def views(self) -> tuple[BlockView, ...]:
        """Return every frame there is, oldest first."""
        return tuple(block.view() for block in self._blocks)

    def moments(self) -> MomentsView:
        """Return the moments of every frame there is."""
        return self._moments.view()
