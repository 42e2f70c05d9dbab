"""Preallocated blocks of frames, and views of them that stay valid while frames come and leave."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.byte_pages import BytePages
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.core.types import FloatArray, ImageArray

IntArray = npt.NDArray[np.int64]

_OVERHEAD_BYTES = 48
"""Of a frame beside its embedding and JPEG: stamp, references, place of the JPEG, and its share of
what a block takes by itself."""


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """What is kept of a frame beside its embedding.

    Attributes:
        camera: Name of the camera, as configured.
        stamp_ns: Stamp in nanoseconds, the camera's clock.
        frame_id: Coordinate frame of the camera, as its header says.
        thumbnail: JPEG; empty if none was made, or the frame has left the memory since.
    """

    camera: str
    stamp_ns: int
    frame_id: str
    thumbnail: bytes


def row_bytes(dim: int) -> int:
    """Return the bytes of a frame with an embedding of ``dim`` numbers, without its JPEG."""
    return 2 * dim + _OVERHEAD_BYTES


class FrameBlock:
    """Frames of one camera in the order they came; a row is written once and never again."""

    def __init__(self, camera: str, *, rows: int, dim: int) -> None:
        """Allocate room for ``rows`` frames with embeddings of ``dim`` numbers."""
        self.camera = camera
        self.embeddings: HalfArray = np.empty((rows, dim), np.float16)
        self.stamps_ns: IntArray = np.empty(rows, np.int64)
        self._frame_ids: list[str] = [""] * rows
        self._pages: list[ImageArray | None] = [None] * rows
        self._spans = np.empty((rows, 2), np.int64)
        self._start = self._filled = 0

    @property
    def start(self) -> int:
        """First row that has not left."""
        return self._start

    @property
    def filled(self) -> int:
        """How many rows have been written, those included that have left."""
        return self._filled

    @property
    def is_full(self) -> bool:
        """Whether no row is left to write to."""
        return self.filled == len(self.stamps_ns)

    def append(self, frame: StoredFrame, embedding: FloatArray, pages: BytePages) -> HalfArray:
        """Write the next row, and its JPEG to the pages; return the embedding as it is kept."""
        row = self.filled
        kept: HalfArray = self.embeddings[row]
        kept[:] = embedding
        self.stamps_ns[row] = frame.stamp_ns
        page, start = pages.write(frame.thumbnail)
        self._spans[row] = start, start + len(frame.thumbnail)
        self._frame_ids[row] = sys.intern(frame.frame_id)
        self._pages[row] = page
        self._filled += 1
        return kept

    def drop_first(self) -> int:
        """Let the first frame leave; return the length of its JPEG.

        The row's memory is free when the whole block is: a view may still read it.
        """
        start, stop = self._spans[self._start]
        self._pages[self._start] = None
        self._start += 1
        return int(stop - start)

    def frame(self, row: int) -> StoredFrame:
        """Return what is kept of a row, counted from the first that was ever written."""
        page = self._pages[row]
        start, stop = self._spans[row]
        return StoredFrame(
            camera=self.camera,
            stamp_ns=int(self.stamps_ns[row]),
            frame_id=self._frame_ids[row],
            thumbnail=b"" if page is None else page[start:stop].tobytes(),
        )

    def view(self) -> BlockView:
        """Return the rows that are there now."""
        return BlockView(self, self._start, self.filled)


@dataclass(frozen=True, slots=True, eq=False)
class BlockView:
    """Some neighbouring rows of a block.

    Attributes:
        block: Where they are.
        start: First of them.
        stop: One behind the last of them, ≥ ``start``.
    """

    block: FrameBlock
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def camera(self) -> str:
        """Name of the camera."""
        return self.block.camera

    @property
    def embeddings(self) -> HalfArray:
        """``(N, D)`` float16, C-contiguous, rows of about unit length; never to be written to."""
        return self.block.embeddings[self.start : self.stop]

    @property
    def stamps_ns(self) -> IntArray:
        """``(N,)`` int64, nanoseconds, never falling; not to be written to."""
        return self.block.stamps_ns[self.start : self.stop]

    def frame(self, row: int) -> StoredFrame:
        """Return what is kept of row ``row`` of this view."""
        return self.block.frame(self.start + row)

    def between(self, first_ns: int, last_ns: int) -> BlockView:
        """Return the rows with stamps from the first to the last one given, both included."""
        stamps_ns = self.stamps_ns
        low = int(np.searchsorted(stamps_ns, first_ns, side="left"))
        high = int(np.searchsorted(stamps_ns, last_ns, side="right"))
        return BlockView(self.block, self.start + low, self.start + max(low, high))
