"""Keeps what was sent and what came back, matched by camera and stamp."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.demo.events import (
    BackendReported,
    DemoEvent,
    FramePublished,
    LabelsReceived,
)

Key = tuple[str, int]


class Journal:
    """The record of one run, filled event by event in any order."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.model = ""
        self.backend = ""
        self._published_ns: dict[Key, int] = {}
        self._received_ns: dict[Key, int] = {}
        self._results: dict[Key, FrameResult] = {}

    @property
    def results(self) -> Mapping[Key, FrameResult]:
        """The newest result of each frame, by camera and stamp."""
        return self._results

    @property
    def frames_heard(self) -> int:
        """Images seen going out, plus those only known from their results."""
        return len(self._published_ns.keys() | self._results.keys())

    def add(self, event: DemoEvent) -> None:
        """Take in one event."""
        if isinstance(event, FramePublished):
            self._published_ns[event.camera, event.stamp_ns] = event.published_ns
        elif isinstance(event, LabelsReceived):
            key = event.result.camera, event.result.stamp_ns
            self._results[key] = event.result
            self._received_ns[key] = event.received_ns
            self.model = event.model_id
        elif isinstance(event, BackendReported):
            self.backend = event.backend

    def latency_ms(self, camera: str, stamp_ns: int) -> float | None:
        """Time from an image's publication to the arrival of its labels, milliseconds.

        Returns:
            ``None`` while one of the two has not been heard of.
        """
        key = camera, stamp_ns
        if key not in self._published_ns or key not in self._received_ns:
            return None
        return (self._received_ns[key] - self._published_ns[key]) / 1e6

    def latency_percentile_ms(self, percent: float) -> float | None:
        """Percentile of the latency over all answered frames.

        Args:
            percent: Which one, in [0, 100].

        Returns:
            Milliseconds; ``None`` if no frame has both times.
        """
        latencies = [self.latency_ms(*key) for key in self._received_ns]
        known = [latency for latency in latencies if latency is not None]
        return float(np.percentile(known, percent)) if known else None
