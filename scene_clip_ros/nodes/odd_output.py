"""Watches the operational design domain and publishes what is held, whether labels come or not."""

from __future__ import annotations

import time

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from std_msgs.msg import Header

from scene_clip_ros.core.odd_monitor import OddMonitor, OddStatus
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.msg import OddStatus as OddStatusMessage
from scene_clip_ros.nodes.parameters.odd import OddParameters
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable
from scene_clip_ros.nodes.stamps import time_message


class OddOutput:
    """The topic ``odd_status`` of all cameras: for every labelled frame, and at a heartbeat.

    The heartbeat and the watchdog follow real time, also while /clock stands still.

    Args:
        node: Node that publishes.
        monitor: Watches the domain.
        heartbeat_hz: Messages per second of real time beside those of frames.
    """

    def __init__(self, node: Node, monitor: OddMonitor, *, heartbeat_hz: float) -> None:
        """Advertise the topic and start the heartbeat."""
        self._monitor = monitor
        self._header = Header()
        self._publisher = node.create_publisher(
            OddStatusMessage,
            "scene_clip/odd_status",
            RESULT_QOS,
            qos_overriding_options=overridable(),
        )
        self._timer = node.create_timer(
            1 / heartbeat_hz, self._beat, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def judge(self, result: FrameResult, header: Header) -> None:
        """Take in a frame that has labels and publish what is held from now on.

        Args:
            result: What is held of it.
            header: Of its image, kept for the heartbeats that follow.
        """
        if result.camera not in self._monitor.cameras:
            return
        self._header = header
        self._publish(
            self._monitor.on_scene(
                result.camera,
                result.stamp_ns,
                attributes=result.attributes,
                hazards=result.hazards,
                now_ns=time.monotonic_ns(),
            )
        )

    def apply(self, values: OddParameters) -> None:
        """Use other parameters from now on; file and cameras stay."""
        self._monitor.set_settings(values.settings())
        self._timer.timer_period_ns = round(1e9 / values.heartbeat_hz)

    def reset(self) -> None:
        """Forget what was seen."""
        self._monitor.reset()
        self._header = Header()

    def _beat(self) -> None:
        self._publish(self._monitor.on_heartbeat(time.monotonic_ns()))

    def _publish(self, status: OddStatus) -> None:
        self._publisher.publish(
            OddStatusMessage(
                header=self._header,
                level=int(status.level),
                reasons=list(status.reasons),
                since=time_message(status.since_ns),
            )
        )
