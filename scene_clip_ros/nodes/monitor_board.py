"""What is known of every camera, written by the executor and read by the page's thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.nodes.monitor_timeline import Change, Row, Timeline

MAX_ATTRIBUTES, MAX_HAZARDS = 24, 24
"""Of one camera; more are left out of the page."""

BOXES_KEPT = 32
"""Frames of a camera whose boxes are kept, to be joined with their pictures."""

FAULT_S = 5.0
"""How long a malformed message or picture is told of, seconds."""

_ALERT_ROW = Row("alert", "alert")


@dataclass(frozen=True, slots=True)
class Received:
    """When something came last, on the monotonic clock, seconds; None: never."""

    labels_s: float | None = None
    boxes_s: float | None = None
    alert_s: float | None = None


@dataclass(frozen=True, slots=True)
class CameraView:
    """What is known of one camera at one moment.

    Attributes:
        version: Grows with everything that comes.
        labels: The newest ones; None before the first.
        boxes: The newest ones; None before the first.
        alert: The newest one; None before the first.
        received: When they came.
        changes: Of the timeline, oldest first.
        fault: What was wrong with a message or picture lately; empty for nothing.
    """

    version: int
    labels: FrameResult | None
    boxes: FrameBoxes | None
    alert: Alert | None
    received: Received
    changes: tuple[Change, ...]
    fault: str = ""


@dataclass(slots=True)
class _Camera:
    timeline: Timeline
    version: int = 0
    labels: FrameResult | None = None
    alert: Alert | None = None
    boxes: OrderedDict[int, FrameBoxes] = field(default_factory=OrderedDict)
    newest_boxes: FrameBoxes | None = None
    received: Received = field(default_factory=Received)
    newest_ns: int | None = None
    fault: str = ""
    fault_s: float = float("-inf")


class Board:
    """Keeps the newest results of every camera, and a timeline.

    Args:
        cameras: Their names.
        history_s: Length of the timelines, seconds.
        stale_after_s: Silence after which nothing is known any more, seconds.
        clock_s: Monotonic clock, seconds.
        on_news: Called after something has come, on the thread that brought it; must not wait.
    """

    def __init__(
        self,
        cameras: Sequence[str],
        *,
        history_s: float,
        stale_after_s: float,
        clock_s: Callable[[], float],
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        """Start with nothing known."""
        self.clock_s = clock_s
        self.stale_after_s = stale_after_s
        self.on_news = on_news
        self._lock = threading.Lock()
        self._cameras = {camera: _Camera(Timeline(history_s)) for camera in cameras}

    def take_labels(self, camera: str, labels: FrameResult) -> None:
        """Take in the labels and hazards of a frame."""
        now_s = self.clock_s()
        attributes = labels.attributes[:MAX_ATTRIBUTES]
        hazards = labels.hazards[:MAX_HAZARDS]
        with self._lock:
            state = self._cameras[camera]
            state.labels = replace(labels, attributes=attributes, hazards=hazards)
            state.received = replace(state.received, labels_s=now_s)
            line = state.timeline
            line.lose("attribute", now_s=now_s, besides=frozenset(a.name for a in attributes))
            line.lose("hazard", now_s=now_s, besides=frozenset(h.name for h in hazards))
            for attribute in attributes:
                line.hold(Row("attribute", attribute.name), attribute.label, now_s=now_s)
            for hazard in hazards:
                line.hold(Row("hazard", hazard.name), _said(active=hazard.active), now_s=now_s)
            self._advance(state, labels.stamp_ns)
        self.on_news()

    def take_boxes(self, camera: str, boxes: FrameBoxes) -> None:
        """Take in the boxes of a frame."""
        with self._lock:
            state = self._cameras[camera]
            state.newest_boxes = state.boxes[boxes.stamp_ns] = boxes
            while len(state.boxes) > BOXES_KEPT:
                state.boxes.popitem(last=False)
            state.received = replace(state.received, boxes_s=self.clock_s())
            self._advance(state, boxes.stamp_ns)
        self.on_news()

    def take_alert(self, camera: str, alert: Alert) -> None:
        """Take in an alert, of a frame or at the heartbeat."""
        now_s = self.clock_s()
        with self._lock:
            state = self._cameras[camera]
            state.alert = alert
            state.received = replace(state.received, alert_s=now_s)
            state.timeline.hold(_ALERT_ROW, alert.level.name, now_s=now_s)
            self._advance(state, alert.stamp_ns or None)
        self.on_news()

    def take_fault(self, camera: str, fault: str) -> None:
        """Take in that a message or picture was malformed."""
        with self._lock:
            state = self._cameras[camera]
            state.fault, state.fault_s = fault, self.clock_s()
            state.version += 1
        self.on_news()

    def note_silence(self) -> None:
        """Let timelines tell what is not known any more, and forget what is too long ago."""
        now_s = self.clock_s()
        with self._lock:
            for state in self._cameras.values():
                self._note_silence_of(state, now_s)

    def view(self, camera: str, *, changes_since: int = 0) -> CameraView:
        """Return what is known of a camera, with the changes after that with a number."""
        with self._lock:
            state = self._cameras[camera]
            return CameraView(
                version=state.version,
                labels=state.labels,
                boxes=state.newest_boxes,
                alert=state.alert,
                received=state.received,
                changes=state.timeline.since(changes_since),
                fault=state.fault if self.clock_s() - state.fault_s < FAULT_S else "",
            )

    def boxes_of(self, camera: str, stamp_ns: int) -> FrameBoxes | None:
        """Return the boxes of the frame with a stamp; None if there are none, or no more."""
        with self._lock:
            return self._cameras[camera].boxes.get(stamp_ns)

    def newest_ns(self, camera: str) -> int | None:
        """Return the stamp of a camera's newest result; None before the first."""
        with self._lock:
            state = self._cameras.get(camera)
            return None if state is None else state.newest_ns

    def _advance(self, state: _Camera, stamp_ns: int | None) -> None:
        state.version += 1
        state.newest_ns = state.newest_ns if stamp_ns is None else stamp_ns

    def _note_silence_of(self, state: _Camera, now_s: float) -> None:
        line, received = state.timeline, state.received
        if is_silent(received.labels_s, now_s=now_s, after_s=self.stale_after_s):
            line.lose("attribute", now_s=now_s)
            line.lose("hazard", now_s=now_s)
        if is_silent(received.alert_s, now_s=now_s, after_s=self.stale_after_s):
            line.hold(_ALERT_ROW, AlertLevel.STALE.name, now_s=now_s)
        line.forget(now_s)


def is_silent(received_s: float | None, *, now_s: float, after_s: float) -> bool:
    """Whether what came last, or never, is too long ago; times in seconds."""
    return received_s is None or now_s - received_s > after_s


def _said(*, active: bool) -> str | None:
    """Return what a timeline says of a hazard; one that is not there is no news."""
    return "yes" if active else None
