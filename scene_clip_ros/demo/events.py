"""What the demo hears from the running system, and the seam to whoever listens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.types import FrameResult


@dataclass(frozen=True, slots=True)
class FramePublished:
    """A camera image went out.

    Attributes:
        camera: Name of the camera.
        stamp_ns: The image's stamp in nanoseconds.
        published_ns: Wall-clock time at which the player handed it to DDS, nanoseconds.
    """

    camera: str
    stamp_ns: int
    published_ns: int


@dataclass(frozen=True, slots=True)
class LabelsReceived:
    """A label message came in.

    Attributes:
        result: What it says of which frame; its embedding is empty.
        received_ns: Wall-clock time at which it arrived, nanoseconds.
        topic: Where it came from.
        payload: The message as it was on the wire (CDR), to be recorded unchanged.
        model_id: Architecture, weights and digest of the model that decided.
    """

    result: FrameResult
    received_ns: int
    topic: str
    payload: bytes
    model_id: str

    @property
    def stamp_ns(self) -> int:
        """Stamp of the frame in nanoseconds."""
        return self.result.stamp_ns


@dataclass(frozen=True, slots=True)
class BoxesReceived:
    """A message of boxes came in.

    Attributes:
        boxes: What it says of which frame.
        topic: Where it came from.
        payload: The message as it was on the wire (CDR), to be recorded unchanged.
    """

    boxes: FrameBoxes
    topic: str
    payload: bytes

    @property
    def stamp_ns(self) -> int:
        """Stamp of the frame in nanoseconds."""
        return self.boxes.stamp_ns


@dataclass(frozen=True, slots=True)
class AlertReceived:
    """An alert came in: for a frame, or at the heartbeat.

    Attributes:
        alert: What is held of which frame.
        topic: Where it came from.
        payload: The message as it was on the wire (CDR), to be recorded unchanged.
    """

    alert: Alert
    topic: str
    payload: bytes

    @property
    def stamp_ns(self) -> int:
        """Stamp of the newest judged frame in nanoseconds; 0 before the first."""
        return self.alert.stamp_ns


@dataclass(frozen=True, slots=True)
class BackendReported:
    """Diagnostics told which runtime executes the model, e.g. ``torch cpu fp32``."""

    backend: str


Received = LabelsReceived | BoxesReceived | AlertReceived
DemoEvent = FramePublished | Received | BackendReported


class DemoListener(Protocol):
    """Subscribes to what the demo wants to know. Used from one thread only."""

    def ready(self) -> bool:
        """Whether the node under demonstration listens to every camera."""

    def poll(self, *, timeout_s: float) -> Sequence[DemoEvent]:
        """Return what has come in, waiting up to ``timeout_s`` for the first event."""
