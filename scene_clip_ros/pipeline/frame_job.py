"""Frames that wait to be processed, undecoded: the newest of every camera, or all of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scene_clip_ros.core.functions import Functions
from scene_clip_ros.core.types import Frame, ImageArray


@dataclass(frozen=True, slots=True)
class FrameJob:
    """A frame that may be processed.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Time of capture in nanoseconds.
        decode: Returns the ``(H, W, 3)`` uint8 RGB picture, given the shortest side that is good
            enough, pixels, or None for all of it. Called at most once, on any thread, and never if
            a newer frame of the camera comes first, or if nobody needs it.
        context: Whatever the submitter needs back with the result, e.g. the message's header.
        is_watched: Whether the submitter needs the whole picture itself, also of a frame that is
            not the turn of any function.
        size_bytes: What it takes up while it waits.
    """

    camera: str
    stamp_ns: int
    decode: Callable[[int | None], ImageArray]
    context: object = None
    is_watched: bool = False
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job and the clock reading in nanoseconds at which it was submitted."""

    job: FrameJob
    submitted_ns: int


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job and the functions whose turn its frame is."""

    waiting: WaitingJob
    due: Functions

    @property
    def job(self) -> FrameJob:
        """The job."""
        return self.waiting.job


@dataclass(frozen=True, slots=True)
class DecodedJob:
    """A job and its frame."""

    waiting: WaitingJob
    frame: Frame


class FrameQueue(Protocol):
    """Where frames wait. Not thread-safe."""

    def __len__(self) -> int:
        """Return how many frames wait."""

    def put(self, waiting: WaitingJob) -> FrameJob | None:
        """Have a frame wait and return the one that is dropped for it, perhaps itself."""

    def take(self, count: int) -> list[WaitingJob]:
        """Take out those whose turn it is, at most ``count``."""


class NewestPerCamera:
    """One slot per camera; a newer frame takes the slot of an older one. Not thread-safe."""

    def __init__(self) -> None:
        """Start with empty slots."""
        self._slots: dict[str, WaitingJob] = {}

    def __len__(self) -> int:
        """Return how many frames wait, at most one per camera."""
        return len(self._slots)

    def put(self, waiting: WaitingJob) -> FrameJob | None:
        """Fill the camera's slot and return the job that it replaces, which keeps its turn."""
        superseded = self._slots.get(waiting.job.camera)
        self._slots[waiting.job.camera] = waiting
        return superseded.job if superseded is not None else None

    def take(self, count: int) -> list[WaitingJob]:
        """Empty up to ``count`` slots, those of the cameras that have waited longest first."""
        cameras = list(self._slots)[:count]
        return [self._slots.pop(camera) for camera in cameras]


class EveryFrame:
    """All frames, in the order in which they came."""

    def __init__(self, max_bytes: int) -> None:
        """Start empty.

        Args:
            max_bytes: What may wait in all; a frame that would be more is dropped, unless it is
                alone.
        """
        self._max_bytes = max_bytes
        self._waiting: deque[WaitingJob] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many frames wait."""
        return len(self._waiting)

    def put(self, waiting: WaitingJob) -> FrameJob | None:
        """Have a frame wait, or return it because there is no room."""
        size = waiting.job.size_bytes
        if self._waiting and self._bytes + size > self._max_bytes:
            return waiting.job
        self._waiting.append(waiting)
        self._bytes += size
        return None

    def take(self, count: int) -> list[WaitingJob]:
        """Take out up to ``count`` frames, those that have waited longest."""
        return [self._take_one() for _ in range(min(count, len(self._waiting)))]

    def _take_one(self) -> WaitingJob:
        waiting = self._waiting.popleft()
        self._bytes -= waiting.job.size_bytes
        return waiting
