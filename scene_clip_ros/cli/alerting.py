"""Judges the boxes of a recording; what is late or missing does not count offline."""

from __future__ import annotations

import sys

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.core.alert_policy import AlertPolicy
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.frame_source import FrameSource


class RecordedAlerts:
    """The policy of every camera of a recording.

    Raises:
        SourceError: The calibration of a camera makes no sense.
    """

    def __init__(self, source: FrameSource, settings: AlertSettings) -> None:
        """Read the calibrations; only bags have any.

        Args:
            source: The recording.
            settings: Of the policy.
        """
        self._policies = {
            camera: _make_policy(source, camera, settings) for camera in source.cameras
        }

    def judge(self, result: FrameResult) -> Alert | None:
        """Return what is held from this frame on; ``None`` while boxes are off."""
        if result.boxes is None:
            return None
        return self._policies[result.camera].update(result.boxes)


def _make_policy(source: FrameSource, camera: str, settings: AlertSettings) -> AlertPolicy:
    """Return a policy whose zone fits the camera, or the usual zone if none does."""
    policy = AlertPolicy(camera, settings)
    if isinstance(source, BagSource):
        try:
            policy.set_camera(source.pinhole_camera(camera))
        except ParameterError as err:
            print(f"{PROGRAM}: camera {camera}: calibration not used: {err}", file=sys.stderr)
    return policy
