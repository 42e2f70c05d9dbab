"""The frames of one camera, oldest first; not safe to be used from several threads."""

from __future__ import annotations

from collections import deque

import numpy as np

from scene_clip_ros.core.byte_pages import PAGE_BYTES, BytePages, stored_bytes
from scene_clip_ros.core.frame_blocks import BlockView, FrameBlock, StoredFrame, row_bytes
from scene_clip_ros.core.running_moments import MomentsView, RunningMoments, moments_bytes
from scene_clip_ros.core.types import FloatArray


def least_bytes(dim: int, block_rows: int) -> int:
    """Return the bytes that a camera with frames takes before the first of them is counted.

    They are for the moments, once more for those that a snapshot holds, and for what has left the
    first block and page and what is free of the last ones.
    """
    return 2 * (moments_bytes(dim) + block_rows * row_bytes(dim) + PAGE_BYTES)


class CameraFrames:
    """Appends frames at one end and lets them leave at the other.

    Attributes:
        shift_ns: What is added to a stamp for the time on the clock that all cameras share.
    """

    def __init__(self, camera: str, *, dim: int, block_rows: int, shift_ns: int = 0) -> None:
        """Start empty.

        Args:
            camera: Name of the camera.
            dim: Length D of an embedding.
            block_rows: Frames that memory is allocated for at once.
            shift_ns: See above.
        """
        self.camera = camera
        self.shift_ns = shift_ns
        self._dim = dim
        self._block_rows = block_rows
        self._blocks: deque[FrameBlock] = deque()
        self._moments = RunningMoments(dim)
        self._pages = BytePages()
        self._thumbnail_bytes = 0
        self._last: FloatArray = np.zeros(dim, np.float32)
        self._frames = 0

    @property
    def frames(self) -> int:
        """How many frames are kept."""
        return self._frames

    @property
    def size_bytes(self) -> int:
        """Most bytes that may be held."""
        rows = self.frames * row_bytes(self._dim)
        return least_bytes(self._dim, self._block_rows) + rows + self._thumbnail_bytes

    @property
    def last_stamp_ns(self) -> int:
        """Stamp of the newest frame, nanoseconds on the camera's clock; there is one."""
        return int(self._blocks[-1].stamps_ns[self._blocks[-1].filled - 1])

    @property
    def oldest_ns(self) -> int:
        """Time of the oldest frame, nanoseconds on the shared clock; there is one."""
        return int(self._blocks[0].stamps_ns[self._blocks[0].start]) + self.shift_ns

    @property
    def newest_ns(self) -> int:
        """Time of the newest frame, nanoseconds on the shared clock; there is one."""
        return self.last_stamp_ns + self.shift_ns

    def is_like_last(
        self, stamp_ns: int, embedding: FloatArray, *, least_cosine: float, gap_ns: int
    ) -> bool:
        """Tell whether a frame is a near-duplicate of the newest one, and comes soon after it.

        Args:
            stamp_ns: The frame's stamp, nanoseconds.
            embedding: Its ``(D,)`` embedding.
            least_cosine: Cosine from which two frames are near-duplicates.
            gap_ns: Time after the newest one from which a frame is kept anyway.
        """
        if not 0 <= stamp_ns - self.last_stamp_ns < gap_ns:
            return False
        return float(self._last @ embedding) >= least_cosine

    def append(self, frame: StoredFrame, embedding: FloatArray) -> None:
        """Keep a frame whose stamp is not before that of the newest one."""
        if not self._blocks or self._blocks[-1].is_full:
            self._blocks.append(FrameBlock(self.camera, rows=self._block_rows, dim=self._dim))
        self._moments.add(self._blocks[-1].append(frame, embedding, self._pages))
        self._thumbnail_bytes += stored_bytes(len(frame.thumbnail))
        self._last[:] = embedding
        self._frames += 1

    def drop_oldest(self) -> None:
        """Let the oldest frame leave; there is one."""
        block = self._blocks[0]
        self._moments.remove(block.embeddings[block.start])
        self._thumbnail_bytes -= stored_bytes(block.drop_first())
        self._frames -= 1
        if block.start == block.filled:
            self._blocks.popleft()

    def views(self) -> tuple[BlockView, ...]:
        """Return every frame there is, oldest first."""
        return tuple(block.view() for block in self._blocks)

    def moments(self) -> MomentsView:
        """Return the moments of every frame there is."""
        return self._moments.view()
