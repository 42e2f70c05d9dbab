"""Watches a recording once, to answer questions about it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic

import numpy as np

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef, Observations
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.pipeline.offline import Recorded, label_recording
from scene_clip_ros.pipeline.pipeline import Pipeline

DEFAULT_RATE_HZ = 5.0
"""Frames watched per second and camera: a person on foot goes 30 cm from one to the next."""


class _WatchedFrame(Generic[Recorded]):
    """A recorded frame of which a small picture is left when it has been decoded."""

    def __init__(self, recorded: Recorded, shrink: Callable[[ImageArray], bytes] | None) -> None:
        self.recorded = recorded
        self.jpeg = b""
        self._shrink = shrink

    @property
    def camera(self) -> str:
        return self.recorded.camera

    @property
    def stamp_ns(self) -> int:
        return self.recorded.stamp_ns

    def decode(self) -> ImageArray:
        rgb = self.recorded.decode()
        if self._shrink is not None:
            self.jpeg = self._shrink(rgb)
        return rgb


def observe_recording(
    pipeline: Pipeline,
    frames: Iterable[Recorded],
    *,
    rate_hz: float = DEFAULT_RATE_HZ,
    on_skip: Callable[[Recorded, SceneClipError], None],
    on_progress: Callable[[Recorded], None] | None = None,
    shrink: Callable[[ImageArray], bytes] | None = None,
) -> Observations:
    """Embed and judge frames of a recording at a steady rate.

    Args:
        pipeline: Watches; fresh, so that nothing depends on what it saw before.
        frames: In time order per camera; the others are not decoded.
        rate_hz: Most frames per second of a camera that are watched, > 0.
        on_skip: Called with each frame that cannot be decoded or embedded, and what is wrong.
        on_progress: Called with each frame that is read, watched or not.
        shrink: Makes the JPEG that is kept of each picture; None: the observations have no
            pictures.

    Returns:
        Every frame that was watched, in order of time: what it shows if it was embedded, and what
        was decided if anything was.
    """
    watched = (
        _WatchedFrame(recorded, shrink) for recorded in _sampled(frames, rate_hz, on_progress)
    )
    labelled = label_recording(
        pipeline, watched, on_skip=lambda frame, error: on_skip(frame.recorded, error)
    )
    # No more than that is held of a frame: a recorded one may hold its whole picture.
    seen = [(result, frame.jpeg) for frame, result in labelled]
    seen.sort(key=lambda pair: pair[0].stamp_ns)
    embedded = [(result, jpeg) for result, jpeg in seen if result.embedding.size]
    jpegs = [jpeg for _, jpeg in embedded]
    return Observations(
        frames=tuple(FrameRef(result.camera, result.stamp_ns) for result, _ in embedded),
        embeddings=_rows([result.embedding for result, _ in embedded], dim=pipeline.info.dim),
        facts=tuple(FrameFacts.of(result) for result, _ in seen if result.is_judged),
        picture=jpegs.__getitem__ if shrink is not None else None,
    )


def _sampled(
    frames: Iterable[Recorded], rate_hz: float, on_progress: Callable[[Recorded], None] | None
) -> Iterator[Recorded]:
    sampler = RateSampler(rate_hz)
    for recorded in frames:
        if on_progress is not None:
            on_progress(recorded)
        if sampler.takes(recorded.camera, recorded.stamp_ns):
            yield recorded


def _rows(embeddings: list[FloatArray], *, dim: int) -> FloatArray:
    """Return ``(N, D)`` float32; ``(0, D)`` of none."""
    rows = np.empty((len(embeddings), dim), np.float32)
    for row, embedding in enumerate(embeddings):
        rows[row] = embedding
    return rows
