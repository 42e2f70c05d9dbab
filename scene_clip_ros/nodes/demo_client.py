"""Listens to a running system on behalf of the demo."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage

from scene_clip_ros.core.interrupts import interrupts_held
from scene_clip_ros.demo.events import (
    AlertReceived,
    BackendReported,
    BoxesReceived,
    DemoEvent,
    FramePublished,
    LabelsReceived,
)
from scene_clip_ros.msg import PedestrianAlert, SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.abandoned_ports import abandoned_ports_avoided
from scene_clip_ros.nodes.box_conversion import alert_from_message, boxes_from_message
from scene_clip_ros.nodes.camera_profile import use_camera_profile
from scene_clip_ros.nodes.conversion import result_from_message

_PATIENT_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=100, reliability=ReliabilityPolicy.RELIABLE
)
"""The demo counts what was sent, so it must miss nothing, however late it comes to read."""

MONITOR_NAME = "scene_monitor"
"""The node that shows pictures on the live page."""

_CDR_HEADER_BYTES = 4
_BACKEND_KEYS = ("backend", "device", "precision")


class DemoClient:
    """A node that turns messages into the demo's events."""

    def __init__(self, cameras: Sequence[str]) -> None:
        """Subscribe to the pictures and results of every camera, and to the diagnostics.

        Args:
            cameras: Names of the cameras; the player sends them as compressed pictures.
        """
        use_camera_profile()
        self._context = Context()
        rclpy.init(context=self._context)
        with abandoned_ports_avoided():
            self._node = rclpy.create_node("scene_clip_demo", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._events: list[DemoEvent] = []
        self._image_topics = [f"{camera}/image/compressed" for camera in cameras]
        self._result_topics: list[str] = []
        for camera, images in zip(cameras, self._image_topics, strict=True):
            self._subscribe_raw(CompressedImage, images, partial(self._on_image, camera))
            self._subscribe_result(SceneLabels, camera, "labels", self._on_labels)
            self._subscribe_result(ScoredBoxes, camera, "boxes", self._on_boxes)
            self._subscribe_result(PedestrianAlert, camera, "alert", self._on_alert)
        self._node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)

    def __enter__(self) -> DemoClient:
        """Return the subscribed client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def ready(self) -> bool:
        """Whether a node of ours subscribes to every picture and publishes every result."""
        publishers = (self._node.count_publishers(topic) for topic in self._result_topics)
        return all(map(self._is_heard, self._image_topics)) and all(publishers)

    def poll(self, *, timeout_s: float) -> Sequence[DemoEvent]:
        """Return what has come in, waiting up to ``timeout_s`` for the first message."""
        with interrupts_held():
            self._executor.spin_once(timeout_sec=timeout_s)
        events, self._events = self._events, []
        return events

    def _is_heard(self, topic: str) -> bool:
        """Whether the node under demonstration subscribes, not only who watches beside it."""
        names = {info.node_name for info in self._node.get_subscriptions_info_by_topic(topic)}
        return bool(names - {self._node.get_name(), MONITOR_NAME})

    def _subscribe_raw(self, message_type: type, topic: str, callback: Any) -> None:
        self._node.create_subscription(message_type, topic, callback, _PATIENT_QOS, raw=True)

    def _subscribe_result(self, message_type: type, camera: str, name: str, take: Any) -> None:
        topic = f"{camera}/scene_clip/{name}"
        self._result_topics.append(topic)
        self._subscribe_raw(message_type, topic, partial(take, camera, f"/{topic}"))

    def _on_image(self, camera: str, payload: bytes, info: dict[str, int]) -> None:
        self._events.append(
            FramePublished(camera, stamp_from_cdr(payload), info["source_timestamp"])
        )

    def _on_labels(self, camera: str, topic: str, payload: bytes, info: dict[str, int]) -> None:
        message = deserialize_message(payload, SceneLabels)
        self._events.append(
            LabelsReceived(
                result=result_from_message(message, camera=camera),
                received_ns=info["received_timestamp"],
                topic=topic,
                payload=bytes(payload),
                model_id=message.model_id,
            )
        )

    def _on_boxes(self, camera: str, topic: str, payload: bytes, _info: dict[str, int]) -> None:
        boxes = boxes_from_message(deserialize_message(payload, ScoredBoxes), camera=camera)
        self._events.append(BoxesReceived(boxes, topic=topic, payload=bytes(payload)))

    def _on_alert(self, camera: str, topic: str, payload: bytes, _info: dict[str, int]) -> None:
        alert = alert_from_message(deserialize_message(payload, PedestrianAlert), camera=camera)
        self._events.append(AlertReceived(alert, topic=topic, payload=bytes(payload)))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {item.key: item.value for item in status.values}
            if "backend" in values:
                words = (values[key] for key in _BACKEND_KEYS if key in values)
                self._events.append(BackendReported(" ".join(words)))


def stamp_from_cdr(payload: bytes) -> int:
    """Read the stamp of a serialised message that starts with a ``std_msgs/Header``.

    The rest, megabytes of pixels, stays untouched.

    Args:
        payload: CDR with its four-byte encapsulation header.

    Returns:
        The stamp in nanoseconds.
    """
    order = "<" if payload[1] & 1 else ">"
    sec, nanosec = struct.unpack_from(f"{order}iI", payload, _CDR_HEADER_BYTES)
    return int(sec) * 1_000_000_000 + int(nanosec)
