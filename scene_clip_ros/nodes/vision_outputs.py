"""Publishes results as vision_msgs, too, where that package is installed; else nothing."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from std_msgs.msg import Header

from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.nodes.qos import LATCHED_QOS, RESULT_QOS, overridable

HAS_VISION_MSGS = find_spec("vision_msgs") is not None


class DetectionOutput:
    """The topic ``detections`` of one camera.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topic.
    """

    def __init__(self, node: Node, *, camera: str) -> None:
        """Advertise the topic if its type is known."""
        topic = f"{camera}/scene_clip/detections"
        self._publisher = _advertise(node, "Detection2DArray", topic, RESULT_QOS)

    def publish(self, boxes: FrameBoxes, header: Header) -> None:
        """Publish what was found in one frame, also nothing, while somebody subscribes."""
        if self._publisher is not None and self._publisher.get_subscription_count():
            from scene_clip_ros.nodes.vision_conversion import detections_message

            self._publisher.publish(detections_message(boxes, header))


class ClassificationOutput:
    """The topic ``classification`` of one camera.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topic.
    """

    def __init__(self, node: Node, *, camera: str) -> None:
        """Advertise the topic if its type is known."""
        topic = f"{camera}/scene_clip/classification"
        self._publisher = _advertise(node, "Classification", topic, RESULT_QOS)

    def publish(self, result: FrameResult, header: Header) -> None:
        """Publish the probabilities of one frame while somebody subscribes."""
        if self._publisher is not None and self._publisher.get_subscription_count():
            from scene_clip_ros.nodes.vision_conversion import classification_message

            self._publisher.publish(classification_message(result, header))


class LabelInfoOutput:
    """The topic ``label_info``, what detections may be of, for all cameras.

    Args:
        node: Node that publishes.
    """

    def __init__(self, node: Node) -> None:
        """Advertise the topic if its type is known."""
        self._node = node
        self._publisher = _advertise(node, "LabelInfo", "scene_clip/label_info", LATCHED_QOS)
        self._told: tuple[tuple[str, ...], float] | None = None

    def tell(self, labels: Iterable[str], *, threshold: float) -> None:
        """Publish what holds from now on, unless it has held before.

        Args:
            labels: Names of the queries.
            threshold: Least score of a detection, in [0, 1].
        """
        told = tuple(labels), threshold
        if self._publisher is None or told == self._told:
            return
        from scene_clip_ros.nodes.vision_conversion import label_info_message

        stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(label_info_message(told[0], threshold=threshold, stamp=stamp))
        self._told = told


def _advertise(node: Node, message: str, topic: str, qos: QoSProfile) -> Publisher | None:
    """Advertise a topic; None if there is no such message here."""
    if not HAS_VISION_MSGS:
        return None
    from vision_msgs import msg

    message_type = getattr(msg, message)
    return node.create_publisher(message_type, topic, qos, qos_overriding_options=overridable())
