"""The executable ``pedestrian_alerts``: alerts from boxes, live or recorded, without a model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from rclpy.clock import Clock, ClockType

from scene_clip_ros.msg import ScoredBoxes
from scene_clip_ros.nodes.alert_outputs import AlertOutputs, apply_to_all
from scene_clip_ros.nodes.box_conversion import boxes_from_message
from scene_clip_ros.nodes.diagnostics import DiagnosticsReporter
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.parameter_server import ParameterServer
from scene_clip_ros.nodes.parameters import PedestrianAlertsParameters
from scene_clip_ros.nodes.process import WorkingNode, run_node
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.nodes.time_jumps import watch_time_jumps
from scene_clip_ros.pipeline.statistics import StatisticsRecorder


class PedestrianAlertsNode(WorkingNode):
    """Judges the boxes of several cameras.

    Args:
        name: Name of the node.
        **options: Passed on to rclpy's Node.

    Raises:
        ParameterError: A parameter given at start-up is wrong.
    """

    def __init__(self, name: str = "pedestrian_alerts", **options: Any) -> None:
        """Declare the parameters; everything else waits for `start`."""
        super().__init__(name, **options)
        self._parameter_server = ParameterServer(self, PedestrianAlertsParameters())
        self._recorder = StatisticsRecorder()
        self._errors = FrameErrors(self.get_logger().error, time.monotonic)

    def start(self) -> None:
        """Subscribe to the boxes and let the hearts beat."""
        values = self._parameter_server.values
        self._alerts = {
            camera: AlertOutputs(self, camera=camera, camera_info_topic=topic, values=values.alert)
            for camera, topic in zip(values.cameras, values.camera_info_topics, strict=True)
        }
        self._parameter_server.on_change(self._apply)
        self._diagnostics = DiagnosticsReporter(
            self,
            cameras=values.cameras,
            statistics=lambda: self._recorder.snapshot(time.monotonic_ns()),
            errors=self._errors,
            held_alert=lambda camera: self._alerts[camera].held,
        )
        self._report_timer = self.create_timer(
            values.diagnostics.period_s, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self._jump_handle = watch_time_jumps(self, self._reset)
        for camera in values.cameras:
            self.create_subscription(
                ScoredBoxes,
                f"{camera}/scene_clip/boxes",
                partial(self._on_boxes, camera),
                RESULT_QOS,
                qos_overriding_options=overridable(),
            )
        self.get_logger().info(f"judging boxes; cameras: {', '.join(values.cameras)}")

    def stop(self) -> None:
        """Do nothing: all work is done in callbacks."""

    def has_finished(self) -> bool:
        """Never: boxes have no end."""
        return False

    def _on_boxes(self, camera: str, message: ScoredBoxes) -> None:
        stamp = stamp_ns(message.header.stamp)
        self._recorder.count_received(camera, stamp_ns=stamp, now_ns=time.monotonic_ns())
        try:
            boxes = boxes_from_message(message, camera=camera)
            self._alerts[camera].judge(boxes, message.header)
        except Exception as err:  # whatever came, the next message must be judged
            self._recorder.count_failed(camera)
            self._errors.report(camera, stamp, err)
        else:
            self._recorder.count_processed(camera)

    def _report(self) -> None:
        self._diagnostics.publish(self._parameter_server.values.diagnostics.limits())

    def _reset(self) -> None:
        for alerts in self._alerts.values():
            alerts.reset()

    def _apply(self, _old: PedestrianAlertsParameters, new: PedestrianAlertsParameters) -> None:
        """Make a change of parameters take effect.

        Raises:
            ParameterError: The alerts cannot be judged so; nothing has changed.
        """
        apply_to_all(list(self._alerts.values()), new.alert)
        self._report_timer.timer_period_ns = round(new.diagnostics.period_s * 1e9)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``pedestrian_alerts``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(PedestrianAlertsNode, arguments)
