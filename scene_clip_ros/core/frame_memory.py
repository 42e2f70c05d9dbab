"""Keeps the last minutes of every camera, to be searched by what they show."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.camera_frames import CameraFrames, least_bytes
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import StoredFrame as StoredFrame
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray

BLOCK_ROWS = 2048
"""Frames of a camera that memory is allocated for at once."""

MAX_AGED = 32
"""Frames of a camera that leave at most for their age when a frame comes, in about 1 ms."""

_LENGTH_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """How much is kept. What goes over a limit leaves, oldest first.

    Attributes:
        max_age_s: Age above which a frame leaves, measured from the frame that came last, of any
            camera, seconds in [0.1, 86400].
        max_frames: Most frames of all cameras together, in [1, 10000000].
        max_bytes: Most bytes of all cameras together, thumbnails and everything else included, in
            [1, 1e12].
        duplicate_cosine: Cosine to the last frame kept of its camera from which a frame is a
            near-duplicate, in [-1, 1].
        max_gap_s: Time after the last frame kept from which even a near-duplicate is kept, seconds
            in [0, 3600]; 0: all are kept.
    """

    max_age_s: float = 300.0
    max_frames: int = 100_000
    max_bytes: int = 250_000_000
    duplicate_cosine: float = 0.995
    max_gap_s: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        require_in_range("max_age_s", self.max_age_s, (0.1, 86_400.0))
        require_whole_in_range("max_frames", self.max_frames, (1, 10_000_000))
        require_whole_in_range("max_bytes", self.max_bytes, (1, 10**12))
        require_in_range("duplicate_cosine", self.duplicate_cosine, (-1.0, 1.0))
        require_in_range("max_gap_s", self.max_gap_s, (0.0, 3600.0))


@dataclass(frozen=True, slots=True)
class MemoryStatistics:
    """How full a memory is.

    Attributes:
        frames: Frames kept, of all cameras.
        size_bytes: Bytes held, thumbnails included.
        oldest_ns: Stamp of the oldest frame kept, nanoseconds; None without frames.
        newest_ns: Stamp of the newest frame kept, nanoseconds; None without frames.
        duplicates: Frames found to be near-duplicates since the memory was made.
    """

    frames: int
    size_bytes: int
    oldest_ns: int | None
    newest_ns: int | None
    duplicates: int


class FrameMemory:
    """Keeps frames within limits; every method may be called from any thread.

    All cameras are taken to share one clock. A method holds a lock for as long as it takes to copy
    a row or to list the blocks; once in 16 frames for 1 ms more. After a pause in which many frames
    have become too old, they leave a few at a time, so that no frame waits for them.
    """

    def __init__(
        self, dim: int, limits: MemoryLimits | None = None, *, block_rows: int = BLOCK_ROWS
    ) -> None:
        """Start empty.

        Args:
            dim: Length D of an embedding, ≥ 1.
            limits: How much is kept.
            block_rows: Frames of a camera that memory is allocated for at once, ≥ 1.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes.
        """
        self._dim = dim
        self._limits = limits or MemoryLimits()
        self._block_rows = min(block_rows, self._limits.max_frames)
        self._lock = threading.Lock()
        self._cameras: dict[str, CameraFrames] = {}
        self._duplicates = 0
        self._require_room(self._limits)

    def set_limits(self, limits: MemoryLimits) -> None:
        """Keep to other limits from now on; what goes over them leaves when the next frame comes.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes; nothing has changed.
        """
        self._require_room(limits)
        with self._lock:
            self._limits = limits

    def is_new(self, camera: str, stamp_ns: int, embedding: FloatArray) -> bool:
        """Tell whether a frame is worth keeping, before a thumbnail is made of it.

        Args:
            camera: Name of the camera.
            stamp_ns: The frame's stamp, nanoseconds.
            embedding: ``(D,)`` float32, unit length.

        Returns:
            False for a near-duplicate of the last frame kept of this camera, which is counted.

        Raises:
            ValueError: The embedding is not ``(D,)`` of unit length.
        """
        self._require_unit(embedding)
        limits = self._limits
        with self._lock:
            frames = self._cameras.get(camera)
            if frames is None or not frames.is_like_last(
                stamp_ns,
                embedding,
                least_cosine=limits.duplicate_cosine,
                gap_ns=round(limits.max_gap_s * NS_PER_S),
            ):
                return True
            self._duplicates += 1
            return False

    def add(self, frame: StoredFrame, embedding: FloatArray) -> None:
        """Keep a frame, and let those leave that go over a limit.

        A stamp before the last one of its camera clears the camera first.

        Args:
            frame: What is kept beside the embedding.
            embedding: ``(D,)`` float32, unit length; kept in half precision.

        Raises:
            ValueError: The embedding is not ``(D,)`` of unit length.
        """
        self._require_unit(embedding)
        with self._lock:
            if frame.camera not in self._cameras:
                self._cameras[frame.camera] = CameraFrames(
                    frame.camera, dim=self._dim, block_rows=self._block_rows
                )
            self._drop_aged(frame.stamp_ns - round(self._limits.max_age_s * NS_PER_S))
            self._cameras[frame.camera].append(frame, embedding)
            self._drop_excess()

    def clear(self, camera: str | None = None) -> None:
        """Forget the frames of a camera; None: of all cameras."""
        with self._lock:
            for name, frames in self._cameras.items():
                if camera is None or name == camera:
                    frames.clear()

    def snapshot(self) -> MemorySnapshot:
        """Return what is kept now, without copying it."""
        with self._lock:
            filled = self._filled()
            return MemorySnapshot(
                dim=self._dim,
                blocks=tuple(view for frames in filled for view in frames.views()),
                moments={frames.camera: frames.moments() for frames in filled},
                newest_ns=max((frames.newest_ns for frames in filled), default=None),
            )

    def statistics(self) -> MemoryStatistics:
        """Return how full the memory is."""
        with self._lock:
            filled = self._filled()
            return MemoryStatistics(
                frames=self._frames(),
                size_bytes=self._bytes(),
                oldest_ns=min((frames.oldest_ns for frames in filled), default=None),
                newest_ns=max((frames.newest_ns for frames in filled), default=None),
                duplicates=self._duplicates,
            )

    def _require_room(self, limits: MemoryLimits) -> None:
        least = least_bytes(self._dim, self._block_rows)
        if limits.max_bytes < least:
            message = (
                f"max_bytes: expected at least {least} for embeddings of {self._dim} numbers, "
                f"got {limits.max_bytes}"
            )
            raise ParameterError(message)

    def _require_unit(self, embedding: FloatArray) -> None:
        if embedding.shape != (self._dim,):
            message = f"expected an embedding of shape ({self._dim},), got {embedding.shape}"
            raise ValueError(message)
        length = float(np.linalg.norm(embedding))
        if not abs(length - 1.0) <= _LENGTH_TOLERANCE:
            message = f"expected an embedding of unit length, got length {length:g}"
            raise ValueError(message)

    def _drop_aged(self, first_ns: int) -> None:
        """Let frames leave that are older than the first stamp to be kept."""
        for frames in self._filled():
            if frames.newest_ns < first_ns:
                frames.clear()
            for _ in range(MAX_AGED):
                if not frames.frames or frames.oldest_ns >= first_ns:
                    break
                frames.drop_oldest()

    def _drop_excess(self) -> None:
        while self._frames() > self._limits.max_frames or self._bytes() > self._limits.max_bytes:
            min(self._filled(), key=lambda frames: frames.oldest_ns).drop_oldest()

    def _filled(self) -> list[CameraFrames]:
        return [frames for frames in self._cameras.values() if frames.frames]

    def _frames(self) -> int:
        return sum(frames.frames for frames in self._cameras.values())

    def _bytes(self) -> int:
        return sum(frames.size_bytes for frames in self._cameras.values())
