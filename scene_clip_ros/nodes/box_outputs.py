"""Publishes the boxes of one camera's frames."""

from __future__ import annotations

from rclpy.node import Node
from std_msgs.msg import Header

from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.msg import ScoredBoxes
from scene_clip_ros.nodes.box_conversion import boxes_message
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable
from scene_clip_ros.nodes.vision_outputs import DetectionOutput


class BoxOutputs:
    """The topics ``boxes`` and ``detections`` of one camera.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topics.
        model_id: Identity of the model, sent along.
    """

    def __init__(self, node: Node, *, camera: str, model_id: str) -> None:
        """Advertise the topics."""
        self._model_id = model_id
        self._publisher = node.create_publisher(
            ScoredBoxes,
            f"{camera}/scene_clip/boxes",
            RESULT_QOS,
            qos_overriding_options=overridable(),
        )
        self._detections = DetectionOutput(node, camera=camera)

    def publish(self, boxes: FrameBoxes, header: Header) -> None:
        """Publish what was found in one frame, also nothing, under its header."""
        self._publisher.publish(boxes_message(boxes, header, model_id=self._model_id))
        self._detections.publish(boxes, header)
