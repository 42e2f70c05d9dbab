"""Subscribes to what the live page shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image

from scene_clip_ros.msg import PedestrianAlert, SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.box_conversion import alert_from_message, boxes_from_message
from scene_clip_ros.nodes.conversion import result_from_message
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.monitor_board import Board
from scene_clip_ros.nodes.monitor_pictures import PictureRing
from scene_clip_ros.nodes.parameters.cameras import is_compressed
from scene_clip_ros.nodes.qos import CAMERA_QOS, RESULT_QOS, overridable
from scene_clip_ros.nodes.stamps import stamp_ns


class MonitorInputs:
    """The results of every camera, always, and its pictures while a browser watches.

    Args:
        node: Node that subscribes.
        board: Takes the results.
        rings: Take the pictures, by camera.
        topics: With the pictures, by camera.
    """

    def __init__(
        self,
        node: Node,
        board: Board,
        rings: Mapping[str, PictureRing],
        *,
        topics: Mapping[str, str],
    ) -> None:
        """Subscribe to the results."""
        self._node = node
        self._board = board
        self._rings = rings
        self._topics = topics
        self._errors = FrameErrors(node.get_logger().error, time.monotonic)
        self._pictures: list[Subscription] = []
        for camera in topics:
            self._subscribe(SceneLabels, camera, "labels", self._on_labels)
            self._subscribe(ScoredBoxes, camera, "boxes", self._on_boxes)
            self._subscribe(PedestrianAlert, camera, "alert", self._on_alert)

    def watch(self, *, watched: bool) -> None:
        """Subscribe to the pictures, or no more: large ones cost something on the way already."""
        for subscription in self._pictures:
            self._node.destroy_subscription(subscription)
        self._pictures = []
        for camera, topic in self._topics.items():
            self._rings[camera].clear()
            if watched:
                self._pictures.append(self._subscribe_picture(camera, topic))

    def report(self, camera: str, stamp: int, error: Exception) -> None:
        """Tell of a malformed message with a stamp in nanoseconds; called from any thread."""
        self._errors.report(camera, stamp, error)
        self._board.take_fault(camera, self._errors.last(camera))

    def _subscribe(
        self, message_type: type, camera: str, name: str, take: Callable[[str, Any], None]
    ) -> None:
        self._node.create_subscription(
            message_type,
            f"{camera}/scene_clip/{name}",
            partial(self._take, camera, take),
            RESULT_QOS,
            qos_overriding_options=overridable(),
        )

    def _subscribe_picture(self, camera: str, topic: str) -> Subscription:
        return self._node.create_subscription(
            CompressedImage if is_compressed(topic) else Image,
            topic,
            partial(self._on_picture, camera),
            CAMERA_QOS,
            qos_overriding_options=overridable(),
        )

    def _take(self, camera: str, take: Callable[[str, Any], None], message: Any) -> None:
        try:
            take(camera, message)
        except Exception as err:  # whatever came, the next message must be shown
            self.report(camera, stamp_ns(message.header.stamp), err)

    def _on_labels(self, camera: str, message: SceneLabels) -> None:
        self._board.take_labels(camera, result_from_message(message, camera=camera))

    def _on_boxes(self, camera: str, message: ScoredBoxes) -> None:
        self._board.take_boxes(camera, boxes_from_message(message, camera=camera))

    def _on_alert(self, camera: str, message: PedestrianAlert) -> None:
        self._board.take_alert(camera, alert_from_message(message, camera=camera))

    def _on_picture(self, camera: str, message: Image | CompressedImage) -> None:
        stamp = stamp_ns(message.header.stamp)
        self._rings[camera].add(message, stamp_ns=stamp, received_s=time.monotonic())
        self._board.on_news()
