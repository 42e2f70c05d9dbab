"""Reads and publishes the calibration of a camera."""

from __future__ import annotations

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from scene_clip_ros.core.zone import PinholeCamera, pinhole_from_matrices
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable


def pinhole_camera(message: CameraInfo) -> PinholeCamera | None:
    """Return the camera of a calibration, that of the rectified picture where it is known.

    Returns:
        None for a camera that is not calibrated, whose matrices have a focal length of 0.

    Raises:
        ParameterError: The calibration makes no sense.
    """
    size_wh = int(message.width), int(message.height)
    return pinhole_from_matrices(message.k, message.p, size_wh=size_wh)


def camera_info_message(camera: PinholeCamera, header: Header) -> CameraInfo:
    """Return the calibration of a camera without distortion, under the header of its image."""
    width, height = camera.size_wh
    (focal_x, focal_y), (centre_x, centre_y) = camera.focal_xy, camera.centre_xy
    return CameraInfo(
        header=header,
        width=width,
        height=height,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[focal_x, 0.0, centre_x, 0.0, focal_y, centre_y, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[focal_x, 0.0, centre_x, 0.0, 0.0, focal_y, centre_y, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


class CameraInfoOutput:
    """The topic ``camera_info`` of one camera.

    Args:
        node: Node that publishes.
        name: Name of the camera, prefix of the topic.
        camera: Its calibration.
    """

    def __init__(self, node: Node, name: str, camera: PinholeCamera) -> None:
        """Advertise the topic."""
        self._camera = camera
        self._publisher = node.create_publisher(
            CameraInfo, f"{name}/camera_info", RESULT_QOS, qos_overriding_options=overridable()
        )

    def publish(self, header: Header) -> None:
        """Publish under the header of a picture, as camera drivers do."""
        self._publisher.publish(camera_info_message(self._camera, header))
