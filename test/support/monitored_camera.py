"""A camera with its results, as scene_clip would publish them, for the live page to show."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from box_messages import boxes_at
from rclpy.clock import Clock, ClockType
from rclpy.qos import QoSProfile
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import ScoredBox
from scene_clip_ros.msg import (
    AttributeLabel,
    Hazard,
    PedestrianAlert,
    SceneLabels,
    ScoredBoxes,
)
from scene_clip_ros.nodes.box_conversion import alert_message
from scene_clip_ros.nodes.conversion import jpeg_message
from scene_clip_ros.nodes.stamps import time_message

ZONE = ((0.44, 0.61), (0.56, 0.61), (0.79, 1.0), (0.21, 1.0))

MESSAGES = {
    "labels": SceneLabels,
    "boxes": ScoredBoxes,
    "alert": PedestrianAlert,
}


class MonitoredCamera:
    """Publishes a picture and everything about it, under one stamp, at every tick.

    What it shows is changed by setting the attributes.

    Args:
        world: Spins it.
        camera: Name of the camera.
        period_s: Time between two ticks, both real and in the stamps.
    """

    def __init__(self, world: RosWorld, camera: str = "front", *, period_s: float = 0.05) -> None:
        self.weather = "rain"
        self.probability = 0.9
        self.hazards: Sequence[Hazard] = ()
        self.level = AlertLevel.CLEAR
        self.reason = "nobody in or near the zone"
        self.contact_s = math.nan
        self.boxes: tuple[ScoredBox, ...] = ()
        self.grey = 200
        self.kinds = {"picture", *MESSAGES}
        self.stamps_ns: list[int] = []
        self._stamp_ns, self._step_ns = 100 * 10**9, round(period_s * 1e9)
        node, depth = world.node, QoSProfile(depth=10)
        self._pictures = node.create_publisher(CompressedImage, f"{camera}/image/compressed", depth)
        self._results = {
            name: node.create_publisher(kind, f"{camera}/scene_clip/{name}", depth)
            for name, kind in MESSAGES.items()
        }
        self._timer = node.create_timer(
            period_s, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def stop(self) -> None:
        """Send nothing until `resume`."""
        self._timer.cancel()

    def resume(self) -> None:
        """Go on after `stop`."""
        self._timer.reset()

    def _tick(self) -> None:
        self._stamp_ns += self._step_ns
        header = Header(stamp=time_message(self._stamp_ns), frame_id="front_optical")
        self.stamps_ns.append(self._stamp_ns)
        if "picture" in self.kinds:
            grey = np.full((360, 640, 3), self.grey, np.uint8)
            self._pictures.publish(jpeg_message(grey, header, quality=90))
        for name in MESSAGES.keys() & self.kinds:
            self._results[name].publish(getattr(self, f"_{name}")(header))

    def _labels(self, header: Header) -> SceneLabels:
        weather = AttributeLabel(
            name="weather",
            label=self.weather,
            probability=self.probability,
            since=time_message(100 * 10**9),
        )
        return SceneLabels(header=header, attributes=[weather], hazards=list(self.hazards))

    def _boxes(self, _header: Header) -> ScoredBoxes:
        return boxes_at(self._stamp_ns, *self.boxes)

    def _alert(self, header: Header) -> PedestrianAlert:
        causes = self.boxes if self.level in (AlertLevel.CAUTION, AlertLevel.WARNING) else ()
        alert = Alert(
            camera="",
            stamp_ns=self._stamp_ns,
            level=self.level,
            reason=self.reason,
            boxes=causes,
            zone=ZONE,
            time_to_contact_s=self.contact_s,
            since_ns=0,
        )
        return alert_message(alert, header)


@contextmanager
def spinning(world: RosWorld) -> Iterator[None]:
    """Spin the nodes of a test beside it; only this thread may spin meanwhile.

    Raises:
        Exception: What ended the spinning early.
    """
    done = threading.Event()
    failed: list[Any] = []

    def spin() -> None:
        while not done.is_set():
            try:
                world.wait_until(done.is_set, "the end of the test")
            except TimeoutError:
                continue
            except Exception as err:  # told to the test below
                failed.append(err)
                return

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]
