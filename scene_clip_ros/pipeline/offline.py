"""The pipeline over recorded drives: every frame, in order, the same to the bit every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

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


Recorded = TypeVar("Recorded", bound=RecordedFrame)


def label_recording(
    pipeline: Pipeline,
    frames: Iterable[Recorded],
    *,
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> Iterator[tuple[Recorded, FrameResult]]:
    """Label every frame of a recording.

    Bad frames are skipped, and never change the results of others beyond rounding.

    Args:
        pipeline: Labels; what it holds of the cameras goes on from one call to the next.
        frames: In time order per camera. Read up to ``BATCH`` ahead of the results.
        on_skip: Called with each frame that cannot be decoded or embedded, and what is wrong.

    Yields:
        Each good frame with its result, in order.
    """
    remaining = iter(frames)
    while batch := list(islice(remaining, BATCH)):
        decoded = [pair for recorded in batch if (pair := _decode(recorded, on_skip))]
        yield from _process(pipeline, decoded, on_skip)


def _decode(
    recorded: Recorded, on_skip: Callable[[Recorded, SceneClipError], None]
) -> tuple[Recorded, Frame] | None:
    """Decode one frame, or report it."""
    try:
        return recorded, Frame(recorded.camera, recorded.stamp_ns, recorded.decode())
    except SceneClipError as err:
        on_skip(recorded, err)
        return None


def _process(
    pipeline: Pipeline,
    pairs: Sequence[tuple[Recorded, Frame]],
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> list[tuple[Recorded, FrameResult]]:
    """Label a batch; if the model refuses it, label its frames one by one."""
    try:
        results = pipeline.process([frame for _, frame in pairs])
    except SceneClipError as err:
        if len(pairs) > 1:
            return [labelled for pair in pairs for labelled in _process(pipeline, [pair], on_skip)]
        on_skip(pairs[0][0], err)
        return []
    return [(recorded, result) for (recorded, _), result in zip(pairs, results, strict=True)]
