"""The pipeline over recorded drives: every frame, in order, the same to the bit every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.types import Frame, FrameResult, ImageArray
from scene_clip_ros.pipeline.pipeline import Pipeline

BATCH = 8
"""Frames embedded at once. Fixed, because the size of a batch shows in the last bits."""


class RecordedFrame(Protocol):
    """One frame of a recording, not yet decoded."""

    @property
    def camera(self) -> str:
        """Name of the camera."""

    @property
    def stamp_ns(self) -> int:
        """Stamp in nanoseconds."""

    def decode(self) -> ImageArray:
        """Return the ``(H, W, 3)`` uint8 RGB picture; raises ``ImageError`` if it is bad."""


Skipped = Callable[[RecordedFrame, SceneClipError], None]
"""Hears of each frame that cannot be decoded or embedded."""


def label_recording(
    pipeline: Pipeline, frames: Iterable[RecordedFrame], *, on_skip: Skipped
) -> Iterator[FrameResult]:
    """Label every frame of a recording.

    Bad frames are skipped, and never change the results of others beyond rounding.

    Args:
        pipeline: Labels; what it holds of the cameras goes on from one call to the next.
        frames: In time order per camera.
        on_skip: Called with each bad frame and what is wrong with it.

    Yields:
        One result per good frame, in order.
    """
    remaining = iter(frames)
    while batch := list(islice(remaining, BATCH)):
        decoded = [pair for recorded in batch if (pair := _decode(recorded, on_skip))]
        yield from _process(pipeline, decoded, on_skip)


def _decode(recorded: RecordedFrame, on_skip: Skipped) -> tuple[RecordedFrame, Frame] | None:
    """Decode one frame, or report it."""
    try:
        return recorded, Frame(recorded.camera, recorded.stamp_ns, recorded.decode())
    except SceneClipError as err:
        on_skip(recorded, err)
        return None


def _process(
    pipeline: Pipeline, pairs: Sequence[tuple[RecordedFrame, Frame]], on_skip: Skipped
) -> list[FrameResult]:
    """Label a batch; if the model refuses it, label its frames one by one."""
    try:
        return pipeline.process([frame for _, frame in pairs])
    except SceneClipError as err:
        if len(pairs) == 1:
            on_skip(pairs[0][0], err)
            return []
    return [result for pair in pairs for result in _process(pipeline, [pair], on_skip)]
