"""The calibration of a recorded camera."""

from __future__ import annotations

from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.core.zone import PinholeCamera, pinhole_from_matrices
from scene_clip_ros.media.bag_types import CAMERA_INFO_TYPE
from scene_clip_ros.media.bags import BagReader


def read_pinhole_camera(reader: BagReader, topic: str) -> PinholeCamera | None:
    """Return the camera of the first calibration on a topic, of rectified pictures if it tells.

    Args:
        reader: The recording.
        topic: Absolute name of a topic of ``sensor_msgs/CameraInfo``.

    Returns:
        ``None`` if there is no such message, or if it is that of an uncalibrated camera, whose
        matrices have a focal length of 0.

    Raises:
        SourceError: The calibration makes no sense, or the recording is damaged; names file
            and topic.
    """
    topics = [t for t in reader.topics if t.name == topic and t.msgtype == CAMERA_INFO_TYPE]
    first = next(reader.messages(topics), None)
    if first is None:
        return None
    try:
        info = reader.deserialize(first)
        size_wh = int(info.width), int(info.height)
        return pinhole_from_matrices(info.k, info.p, size_wh=size_wh)
    except ParameterError as err:
        message = f"{reader.path}: {topic}: {err}"
        raise SourceError(message) from err
