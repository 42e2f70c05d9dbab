"""Judges the boxes of one camera and publishes what is held, whether boxes come or not."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from scene_clip_ros.core.alert_monitor import AlertMonitor
from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.msg import PedestrianAlert
from scene_clip_ros.nodes.box_conversion import alert_message
from scene_clip_ros.nodes.camera_info import pinhole_camera
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.parameters.alert import AlertParameters
from scene_clip_ros.nodes.qos import CAMERA_QOS, RESULT_QOS, overridable
from scene_clip_ros.nodes.stamps import stamp_ns


class AlertOutputs:
    """The topic ``alert`` of one camera: for every result, and at a steady heartbeat.

    The heartbeat and the watchdog follow real time, also while /clock stands still.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topic.
        camera_info_topic: Where its calibration comes from.
        values: Parameters as they are now.
    """

    def __init__(
        self, node: Node, *, camera: str, camera_info_topic: str, values: AlertParameters
    ) -> None:
        """Advertise the topic and start the heartbeat."""
        self._node = node
        self._camera = camera
        self._values = values
        self._monitor = AlertMonitor(camera, values.settings())
        self._header = Header()
        self._held: Alert | None = None
        self._calibration: CameraInfo | None = None
        self._errors = FrameErrors(node.get_logger().error, time.monotonic)
        self._publisher = node.create_publisher(
            PedestrianAlert,
            f"{camera}/scene_clip/alert",
            RESULT_QOS,
            qos_overriding_options=overridable(),
        )
        node.create_subscription(
            CameraInfo,
            camera_info_topic,
            self._on_camera_info,
            CAMERA_QOS,
            qos_overriding_options=overridable(),
        )
        self._timer = node.create_timer(
            1 / values.heartbeat_hz, self._beat, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    @property
    def held(self) -> Alert | None:
        """What is held now; None while alerts are off, and before the first."""
        return self._held

    def judge(self, boxes: FrameBoxes, header: Header) -> None:
        """Take in the boxes of a picture and publish what is held from now on.

        Args:
            boxes: Every object found in it.
            header: Of the picture, kept for the heartbeats that follow.
        """
        if not self._values.enabled:
            return
        age_s = (self._node.get_clock().now().nanoseconds - boxes.stamp_ns) / 1e9
        alert = self._monitor.on_boxes(boxes, now_ns=time.monotonic_ns(), age_s=age_s)
        self._header = header
        self._publish(alert)

    def check(self, values: AlertParameters) -> None:
        """Do nothing but raise what `apply` would.

        Raises:
            ParameterError: The corridor is not in the picture.
        """
        self._monitor.check_settings(values.settings())

    def apply(self, values: AlertParameters) -> None:
        """Use other parameters from now on; what is held stays.

        A calibration that was refused is used if the corridor is in its picture now.

        Raises:
            ParameterError: The corridor is not in the picture; nothing has changed.
        """
        self._monitor.set_settings(values.settings())
        before, self._values = self._values, values
        if values.enabled != before.enabled:
            self.reset()
        self._timer.timer_period_ns = round(1e9 / values.heartbeat_hz)

    def reset(self) -> None:
        """Forget what is held, but not the calibration: the alert is STALE until boxes come."""
        self._monitor.reset()
        self._header = Header()
        self._held = None

    def _beat(self) -> None:
        if self._values.enabled:
            self._publish(self._monitor.on_heartbeat(time.monotonic_ns()))

    def _publish(self, alert: Alert) -> None:
        self._held = alert
        self._publisher.publish(alert_message(alert, self._header))

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._calibration is not None and _is_same(message, self._calibration):
            return
        self._calibration = message
        try:
            self._monitor.set_camera(pinhole_camera(message))
        except ParameterError as err:
            error = ParameterError(f"calibration not used: {err}")
            self._errors.report(self._camera, stamp_ns(message.header.stamp), error)


def apply_to_all(outputs: Sequence[AlertOutputs], values: AlertParameters) -> None:
    """Use other parameters for every camera, or for none.

    Raises:
        ParameterError: The corridor is not in the picture of one; nothing has changed.
    """
    for output in outputs:
        output.check(values)
    for output in outputs:
        output.apply(values)


def _is_same(one: CameraInfo, other: CameraInfo) -> bool:
    """Whether two messages calibrate alike; every picture comes with one."""
    first, second = ((each.width, each.height, *each.k, *each.p) for each in (one, other))
    return np.array_equal(first, second, equal_nan=True)
