"""The pipeline over recorded drives: every due frame, in order, the same to the bit every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.functions import EVERY_FUNCTION, Functions
from scene_clip_ros.core.types import FloatArray, Frame, FrameResult, ImageArray
from scene_clip_ros.models.encoder import Encoder

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


class FrameProcessor(Protocol):
    """What labels frames: a `Pipeline`, or one whose stages are measured."""

    def take_turn(self, camera: str, stamp_ns: int) -> Functions | None:
        """Return what a frame is for; None: nothing."""

    def process(self, frames: Sequence[Frame]) -> list[FrameResult]:
        """Return one result per frame; raises ``ModelError`` if the model refuses one."""


Recorded = TypeVar("Recorded", bound=RecordedFrame)
Result = TypeVar("Result")


def label_recording(
    pipeline: FrameProcessor,
    frames: Iterable[Recorded],
    *,
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> Iterator[tuple[Recorded, FrameResult]]:
    """Label every frame of a recording that is due for anything; the others are not decoded.

    Bad frames are skipped, and never change the results of others beyond rounding.

    Args:
        pipeline: Labels; what it holds of the cameras goes on from one call to the next.
        frames: In time order per camera. Read up to ``BATCH`` ahead of the results.
        on_skip: Called with each frame that cannot be decoded or embedded, and what is wrong.

    Yields:
        Each good frame with its result, in order.
    """
    yield from _run(pipeline.process, _due_frames(pipeline, frames), on_skip)


def embed_recording(
    encoder: Encoder,
    frames: Iterable[Recorded],
    *,
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> Iterator[tuple[Recorded, FloatArray]]:
    """Embed every frame of a recording, and nothing else.

    Args:
        encoder: Embeds pictures.
        frames: In any order. Read up to ``BATCH`` ahead of the results.
        on_skip: Called with each frame that cannot be decoded or embedded, and what is wrong.

    Yields:
        Each good frame with its embedding, ``(D,)`` float32 of unit length, in order.
    """

    def embed(batch: Sequence[Frame]) -> list[FloatArray]:
        return list(encoder.encode_images([frame.rgb for frame in batch]))

    yield from _run(embed, ((recorded, EVERY_FUNCTION) for recorded in frames), on_skip)


def _due_frames(
    pipeline: FrameProcessor, frames: Iterable[Recorded]
) -> Iterator[tuple[Recorded, Functions]]:
    """Yield the frames whose turn it is, and what for."""
    for recorded in frames:
        due = pipeline.take_turn(recorded.camera, recorded.stamp_ns)
        if due is not None:
            yield recorded, due


def _run(
    process: Callable[[Sequence[Frame]], Sequence[Result]],
    frames: Iterator[tuple[Recorded, Functions]],
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> Iterator[tuple[Recorded, Result]]:
    """Decode and process frames in batches of a fixed size."""
    while batch := list(islice(frames, BATCH)):
        decoded = [pair for recorded, due in batch if (pair := _decode(recorded, due, on_skip))]
        yield from _process(process, decoded, on_skip)


def _decode(
    recorded: Recorded, due: Functions, on_skip: Callable[[Recorded, SceneClipError], None]
) -> tuple[Recorded, Frame] | None:
    """Decode one frame, or report it."""
    try:
        return recorded, Frame(recorded.camera, recorded.stamp_ns, recorded.decode(), due)
    except SceneClipError as err:
        on_skip(recorded, err)
        return None


def _process(
    process: Callable[[Sequence[Frame]], Sequence[Result]],
    pairs: Sequence[tuple[Recorded, Frame]],
    on_skip: Callable[[Recorded, SceneClipError], None],
) -> list[tuple[Recorded, Result]]:
    """Process a batch; if the model refuses it, process its frames one by one."""
    try:
        results = process([frame for _, frame in pairs])
    except SceneClipError as err:
        if len(pairs) > 1:
            return [done for pair in pairs for done in _process(process, [pair], on_skip)]
        on_skip(pairs[0][0], err)
        return []
    return [(recorded, result) for (recorded, _), result in zip(pairs, results, strict=True)]
