"""Takes the time that each stage of the pipeline needs for a frame of a recording."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from scene_clip_ros.core.functions import BOXES, NEED_EMBEDDING, Functions
from scene_clip_ros.core.types import Frame, FrameResult
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.statistics import Stage, StageLatency, latency_percentiles


class StageClock:
    """Keeps every latency: eight bytes a frame and stage."""

    def __init__(self) -> None:
        """Start with none."""
        self._latencies_ns: dict[Stage, array[int]] = {}

    @contextmanager
    def measure(self, stage: Stage, *, frames: int = 1) -> Iterator[None]:
        """Measure what happens within, as much for each of ``frames``; not if it fails."""
        started_ns = time.perf_counter_ns()
        yield
        if frames:
            each_ns = (time.perf_counter_ns() - started_ns) // frames
            self._latencies_ns.setdefault(stage, array("q")).extend([each_ns] * frames)

    def latencies(self) -> dict[Stage, StageLatency]:
        """Return percentiles per frame of each stage that ran, in the order of the first run."""
        return {
            stage: latency_percentiles(latencies_ns)
            for stage, latencies_ns in self._latencies_ns.items()
        }


class TimedPipeline:
    """A pipeline whose stages are measured. Their time is shared by the frames that get there."""

    def __init__(self, pipeline: Pipeline, clock: StageClock) -> None:
        """Take both.

        Args:
            pipeline: Does the work.
            clock: Gets a latency of ``encode``, ``regions`` and ``decide`` for each frame that
                gets there.
        """
        self._pipeline = pipeline
        self._clock = clock

    def take_turn(self, camera: str, stamp_ns: int) -> Functions | None:
        """Decide what a frame is for, as the pipeline's ``take_turn`` does."""
        return self._pipeline.take_turn(camera, stamp_ns)

    def process(self, frames: Sequence[Frame]) -> list[FrameResult]:
        """Do what the pipeline's ``process`` does.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        with self._clock.measure("encode", frames=self._count(frames, NEED_EMBEDDING)):
            embeddings = self._pipeline.embed(frames)
        with self._clock.measure("regions", frames=self._count(frames, BOXES)):
            regions = self._pipeline.find_regions(frames)
        with self._clock.measure("decide", frames=len(frames)):
            return self._pipeline.decide(frames, embeddings, regions)

    def _count(self, frames: Sequence[Frame], functions: Functions) -> int:
        """Return how many of some frames get to one of some functions."""
        return sum(self._pipeline.is_due(frame, functions) for frame in frames)
