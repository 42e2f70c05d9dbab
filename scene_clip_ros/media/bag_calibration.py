"""The calibration of a recorded camera."""

from __future__ import annotations

from typing import Any

from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.media.bag_types import CAMERA_INFO_TYPE
from scene_clip_ros.media.bags import BagReader


def read_pinhole_camera(reader: BagReader, topic: str) -> PinholeCamera | None:
    """Return the camera of the first calibration on a topic, distortion left aside.

    Args:
        reader: The recording.
        topic: Absolute name of a topic of ``sensor_msgs/CameraInfo``.

    Returns:
        ``None`` if there is no such message, or if it is that of an uncalibrated camera, which
        has a focal length of 0.

    Raises:
        SourceError: The calibration makes no sense, or the recording is damaged; names file
            and topic.
    """
    topics = [t for t in reader.topics if t.name == topic and t.msgtype == CAMERA_INFO_TYPE]
    first = next(reader.messages(topics), None)
    if first is None:
        return None
    try:
        return _pinhole_camera(reader.deserialize(first))
    except ParameterError as err:
        message = f"{reader.path}: {topic}: {err}"
        raise SourceError(message) from err


def _pinhole_camera(info: Any) -> PinholeCamera | None:
    """Return the camera of a CameraInfo message."""
    focal_px, _, centre_x, _, _, centre_y, *_ = map(float, info.k)
    if focal_px == 0:
        return None
    return PinholeCamera(
        size_wh=(int(info.width), int(info.height)),
        focal_px=focal_px,
        centre_xy=(centre_x, centre_y),
    )
