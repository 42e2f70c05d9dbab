"""Keeps the last minutes of every camera, to be searched by what they show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.byte_pages import stored_bytes
from scene_clip_ros.core.camera_frames import CameraFrames, least_bytes
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import StoredFrame as StoredFrame
from scene_clip_ros.core.frame_blocks import row_bytes
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray

BLOCK_ROWS = 4096
"""Frames of a camera that memory is allocated for at once."""

MAX_LEAVING = 32
"""Frames that leave at most when one comes, in about 1 ms."""

MAX_DISORDER_NS = NS_PER_S
"""How far a stamp may be before the last one of its camera without time having jumped back."""

MAX_SKEW_NS = 10 * NS_PER_S
"""How far a camera may be behind the newest frame and still be taken to have the same clock."""

_LENGTH_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """How much is kept. What goes over a limit leaves, oldest first.

    Attributes:
        max_age_s: Age above which a frame leaves, measured from the newest one of any camera,
            seconds in [0.1, 86400].
        max_frames: Most frames of all cameras together, in [1, 10000000].
        max_bytes: Most bytes of all cameras together, in [1, 1e12]: thumbnails, what is allocated
            and not yet used, and the moments that one snapshot holds.
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
        size_bytes: Most bytes that may be held, see `MemoryLimits.max_bytes`.
        oldest_ns: Time of the oldest frame kept, nanoseconds on the clock of the camera whose clock
            is ahead; None without frames.
        newest_ns: Time of the newest frame kept, as before.
        duplicates: Frames found to be near-duplicates since the memory was made.
    """

    frames: int
    size_bytes: int
    oldest_ns: int | None
    newest_ns: int | None
    duplicates: int


class FrameMemory:
    """Keeps frames within limits; every method may be called from any thread.

    Cameras are taken to share one clock. But a frame that has just come is no old one: if it is
    more than `MAX_SKEW_NS` behind the newest, its camera's clock is taken to be behind by that much
    from then on. So no camera with a wrong clock drives out the frames of others again and again,
    and one that stopped grows old with the others whatever its stamps are. When a camera's stamps
    jump back, every camera is forgotten whose newest frame is beyond the new one; a frame that is
    merely a little late is passed over.

    A method holds a lock for as long as it takes to copy a row or to list the blocks; when many
    frames leave, for 2 ms more. They leave a few at a time, and while there is no room for it, a
    new frame is passed over: that happens when a camera comes to a full memory, and after
    `set_limits`.
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
        self.check_limits(self._limits)

    def check_limits(self, limits: MemoryLimits) -> None:
        """Refuse limits that `set_limits` would refuse.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes.
        """
        least = least_bytes(self._dim, self._block_rows)
        if limits.max_bytes < least:
            message = (
                f"max_bytes: expected at least {least} for embeddings of {self._dim} numbers, "
                f"got {limits.max_bytes}"
            )
            raise ParameterError(message)

    def set_limits(self, limits: MemoryLimits) -> None:
        """Keep to other limits from now on; what goes over them leaves when the next frames come.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes; nothing has changed.
        """
        self.check_limits(limits)
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

        Args:
            frame: What is kept beside the embedding; passed over if its stamp is before the last
                one of its camera by up to `MAX_DISORDER_NS`, or there is no room for it yet.
            embedding: ``(D,)`` float32, unit length; kept in half precision.

        Raises:
            ValueError: The embedding is not ``(D,)`` of unit length.
        """
        self._require_unit(embedding)
        with self._lock:
            forgotten = self._forget_for(frame)
            if not self._is_late(frame):
                forgotten += self._add(frame, embedding)
        del forgotten  # Giving their memory back takes milliseconds, and needs no lock.

    def clear(self, camera: str | None = None) -> None:
        """Forget the frames of a camera; None: of all cameras."""
        with self._lock:
            forgotten = self._forget(lambda frames: camera in (None, frames.camera))
        del forgotten

    def snapshot(self) -> MemorySnapshot:
        """Return what is kept now, without copying it."""
        with self._lock:
            cameras = tuple(self._cameras.values())
            newest_ns = max((frames.newest_ns for frames in cameras), default=0)
            return MemorySnapshot(
                dim=self._dim,
                blocks=tuple(view for frames in cameras for view in frames.views()),
                moments={frames.camera: frames.moments() for frames in cameras},
                clocks_ns={frames.camera: newest_ns - frames.shift_ns for frames in cameras},
            )

    def statistics(self) -> MemoryStatistics:
        """Return how full the memory is."""
        with self._lock:
            cameras = tuple(self._cameras.values())
            return MemoryStatistics(
                frames=self._frames(),
                size_bytes=self._bytes(),
                oldest_ns=min((frames.oldest_ns for frames in cameras), default=None),
                newest_ns=max((frames.newest_ns for frames in cameras), default=None),
                duplicates=self._duplicates,
            )

    def _require_unit(self, embedding: FloatArray) -> None:
        if embedding.shape != (self._dim,):
            message = f"expected an embedding of shape ({self._dim},), got {embedding.shape}"
            raise ValueError(message)
        length = float(np.linalg.norm(embedding))
        if not abs(length - 1.0) <= _LENGTH_TOLERANCE:
            message = f"expected an embedding of unit length, got length {length:g}"
            raise ValueError(message)

    def _is_late(self, frame: StoredFrame) -> bool:
        frames = self._cameras.get(frame.camera)
        return frames is not None and frame.stamp_ns < frames.last_stamp_ns

    def _forget_for(self, frame: StoredFrame) -> list[CameraFrames]:
        """Forget the cameras that are beyond a frame if time has jumped back, and return them."""
        frames = self._cameras.get(frame.camera)
        if frames is None or frame.stamp_ns >= frames.last_stamp_ns - MAX_DISORDER_NS:
            return []
        time_ns = frame.stamp_ns + frames.shift_ns
        return self._forget(lambda other: other.newest_ns > time_ns)

    def _forget(self, is_old: Callable[[CameraFrames], bool]) -> list[CameraFrames]:
        """Forget some cameras, and return them, to be freed when the lock is no longer held."""
        forgotten = [frames for frames in self._cameras.values() if is_old(frames)]
        for frames in forgotten:
            del self._cameras[frames.camera]
        return forgotten

    def _align(self, frame: StoredFrame) -> int:
        """Return what to add to a frame's stamp, so that it is not far behind the newest frame."""
        frames = self._cameras.get(frame.camera)
        shift_ns = frames.shift_ns if frames else 0
        newest_ns = max((each.newest_ns for each in self._cameras.values()), default=None)
        if newest_ns is not None and frame.stamp_ns + shift_ns < newest_ns - MAX_SKEW_NS:
            shift_ns = newest_ns - frame.stamp_ns
        if frames:
            frames.shift_ns = shift_ns
        return shift_ns

    def _make_room(self, frame: StoredFrame, *, first_ns: int) -> bool:
        """Let some frames leave that are too old or in the way; tell whether there is room now."""
        if self._needed_bytes(frame, is_first=True) > self._limits.max_bytes:
            return False
        for _ in range(MAX_LEAVING):
            oldest = min(self._cameras.values(), key=lambda each: each.oldest_ns, default=None)
            if oldest is None or (oldest.oldest_ns >= first_ns and self._has_room(frame)):
                break
            oldest.drop_oldest()
            if not oldest.frames:
                del self._cameras[oldest.camera]
        return self._has_room(frame)

    def _has_room(self, frame: StoredFrame) -> bool:
        needed = self._needed_bytes(frame, is_first=frame.camera not in self._cameras)
        is_small = self._bytes() + needed <= self._limits.max_bytes
        return is_small and self._frames() < self._limits.max_frames

    def _needed_bytes(self, frame: StoredFrame, *, is_first: bool) -> int:
        needed = row_bytes(self._dim) + stored_bytes(len(frame.thumbnail))
        return needed + (least_bytes(self._dim, self._block_rows) if is_first else 0)

    def _add(self, frame: StoredFrame, embedding: FloatArray) -> list[CameraFrames]:
        """Add a frame if there is room; return the cameras that were too old as a whole."""
        shift_ns = self._align(frame)
        first_ns = frame.stamp_ns + shift_ns - round(self._limits.max_age_s * NS_PER_S)
        forgotten = self._forget(lambda frames: frames.newest_ns < first_ns)
        if self._make_room(frame, first_ns=first_ns):
            self._append(frame, embedding, shift_ns=shift_ns)
        return forgotten

    def _append(self, frame: StoredFrame, embedding: FloatArray, *, shift_ns: int) -> None:
        frames = self._cameras.get(frame.camera)
        if frames is None:
            frames = CameraFrames(
                frame.camera, dim=self._dim, block_rows=self._block_rows, shift_ns=shift_ns
            )
            self._cameras[frame.camera] = frames
        frames.append(frame, embedding)

    def _frames(self) -> int:
        return sum(frames.frames for frames in self._cameras.values())

    def _bytes(self) -> int:
        return sum(frames.size_bytes for frames in self._cameras.values())
