"""Reads the calibration of a camera."""

from __future__ import annotations

from sensor_msgs.msg import CameraInfo

from scene_clip_ros.core.zone import PinholeCamera


def pinhole_camera(message: CameraInfo) -> PinholeCamera | None:
    """Return the camera of a calibration, distortion left aside.

    Returns:
        None for a camera that is not calibrated, which has a focal length of 0.

    Raises:
        ParameterError: The calibration makes no sense.
    """
    focal_px, _, centre_x, _, _, centre_y, *_ = map(float, message.k)
    if focal_px == 0:
        return None
    return PinholeCamera(
        size_wh=(int(message.width), int(message.height)),
        focal_px=focal_px,
        centre_xy=(centre_x, centre_y),
    )
