"""Frames that wait to be processed: the newest of every camera, undecoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """

    camera: str
    stamp_ns: int
    decode: Callable[[int | None], ImageArray]
    context: object = None
    is_watched: bool = False


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
