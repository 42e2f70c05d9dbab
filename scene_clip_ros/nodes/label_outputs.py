"""Publishes what is held of the frames of one camera."""

from __future__ import annotations

import time

import cv2
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image

from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.msg import FrameEmbedding, SceneLabels
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.conversion import embedding_message, image_message, labels_message
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.qos import OVERLAY_QOS, RESULT_QOS, overridable
from scene_clip_ros.report.overlay import draw_labels


class LabelOutputs:
    """The topics ``labels``, ``embedding`` and ``overlay`` of one camera.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topics.
        model_id: Identity of the model, sent along.
    """

    def __init__(self, node: Node, *, camera: str, model_id: str) -> None:
        """Advertise the topics."""
        self._model_id = model_id
        self._drawn_s = float("-inf")
        prefix, options = f"{camera}/scene_clip", overridable()
        self._labels = node.create_publisher(
            SceneLabels, f"{prefix}/labels", RESULT_QOS, qos_overriding_options=options
        )
        self._embedding = node.create_publisher(
            FrameEmbedding, f"{prefix}/embedding", RESULT_QOS, qos_overriding_options=options
        )
        self._overlay = node.create_publisher(
            Image, f"{prefix}/overlay", OVERLAY_QOS, qos_overriding_options=options
        )

    def publish(self, frame: CameraFrame, result: FrameResult, values: SceneClipParameters) -> None:
        """Publish one result under the header of its frame.

        Args:
            frame: The frame, decoded.
            result: What is held of it.
            values: Parameters as they are now.
        """
        self._labels.publish(labels_message(result, frame.header, model_id=self._model_id))
        if values.embedding.enabled and self._embedding.get_subscription_count():
            message = embedding_message(result.embedding, frame.header, model_id=self._model_id)
            self._embedding.publish(message)
        if frame.rgb is not None and self._overlay_is_due(values):
            small = _fitted(frame.rgb, max_height=values.overlay.max_height)
            self._overlay.publish(image_message(draw_labels(small, result), frame.header))

    def _overlay_is_due(self, values: SceneClipParameters) -> bool:
        """Whether to draw this frame; if so, it is taken for drawn."""
        if not (values.overlay.enabled and self._overlay.get_subscription_count()):
            return False
        now_s = time.monotonic()
        rate_hz = values.overlay.max_rate_hz
        if rate_hz and now_s - self._drawn_s < 1 / rate_hz:
            return False
        self._drawn_s = now_s
        return True


def _fitted(rgb: ImageArray, *, max_height: int) -> ImageArray:
    """Scale a ``(H, W, 3)`` picture down to ``max_height`` lines; a smaller one stays."""
    height, width, _ = rgb.shape
    if height <= max_height:
        return rgb
    size_wh = (round(width * max_height / height), max_height)
    small: ImageArray = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )
    return small
