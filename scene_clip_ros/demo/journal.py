"""Keeps what was sent and what came back, matched by camera and stamp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.demo.events import (
    AlertReceived,
    BackendReported,
    BoxesReceived,
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
        self._labels: dict[Key, FrameResult] = {}
        self._boxes: dict[Key, FrameBoxes] = {}
        self._alerts: dict[Key, Alert] = {}

    @property
    def results(self) -> Mapping[Key, FrameResult]:
        """The newest labels of each frame, with its boxes, by camera and stamp."""
        return {
            key: replace(labels, boxes=self._boxes.get(key)) for key, labels in self._labels.items()
        }

    @property
    def alerts(self) -> Mapping[Key, Alert]:
        """How each frame was judged when it came, by camera and stamp."""
        return self._alerts

    @property
    def frames_heard(self) -> int:
        """Images seen going out, plus those only known from their labels."""
        return len(self._published_ns.keys() | self._labels.keys())

    @property
    def frames_answered(self) -> int:
        """Images about which labels came back."""
        return len(self._labels)

    def is_complete(self) -> bool:
        """Tell whether every image heard of has labels, and boxes if any has some."""
        has_boxes = not self._boxes or self._boxes.keys() >= self._labels.keys()
        return self.frames_answered >= self.frames_heard and has_boxes

    def add(self, event: DemoEvent) -> None:
        """Take in one event."""
        if isinstance(event, FramePublished):
            self._published_ns[event.camera, event.stamp_ns] = event.published_ns
        elif isinstance(event, LabelsReceived):
            key = event.result.camera, event.result.stamp_ns
            self._labels[key] = event.result
            self._received_ns[key] = event.received_ns
            self.model = event.model_id
        elif isinstance(event, BoxesReceived):
            self._boxes[event.boxes.camera, event.stamp_ns] = event.boxes
        elif isinstance(event, AlertReceived):
            # Heartbeats say again what was held, or that nothing comes any more.
            self._alerts.setdefault((event.alert.camera, event.stamp_ns), event.alert)
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
