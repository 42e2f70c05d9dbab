"""Draws and publishes what is held of one camera's frames, for whoever looks."""

from __future__ import annotations

import time

from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.nodes.conversion import image_message
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.parameters.outputs import OverlayParameters
from scene_clip_ros.nodes.qos import OVERLAY_QOS, overridable
from scene_clip_ros.report.overlay import draw_overlay


class OverlayOutput:
    """The topic ``overlay`` of one camera.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topic.
    """

    def __init__(self, node: Node, *, camera: str) -> None:
        """Advertise the topic."""
        self._drawn_s = float("-inf")
        self._publisher = node.create_publisher(
            Image,
            f"{camera}/scene_clip/overlay",
            OVERLAY_QOS,
            qos_overriding_options=overridable(),
        )

    def is_watched(self, values: OverlayParameters) -> bool:
        """Whether somebody looks."""
        return values.enabled and self._publisher.get_subscription_count() > 0

    def is_due(self, values: OverlayParameters) -> bool:
        """Whether to draw the frame that has just come."""
        if not self.is_watched(values):
            return False
        rate_hz = values.max_rate_hz
        return not rate_hz or time.monotonic() - self._drawn_s >= 1 / rate_hz

    def draw(
        self,
        rgb: ImageArray,
        result: FrameResult,
        *,
        alert: Alert | None,
        header: Header,
        values: SceneClipParameters,
        mask: FrameMask | None = None,
    ) -> None:
        """Draw on a frame and publish it.

        Args:
            rgb: ``(H, W, 3)`` uint8, not written to.
            result: What is held of it.
            alert: What is held of the people in it; None if nobody judges them.
            header: Of the frame.
            values: Parameters as they are now.
            mask: What prompts describe where; None for no mask.
        """
        self._drawn_s = time.monotonic()
        small = fit_height(rgb, max_height=values.overlay.max_height)
        drawn = draw_overlay(small, result, alert, vulnerable=values.alert.labels, mask=mask)
        self._publisher.publish(image_message(drawn, header))
