"""cv_bridge, where it is installed, for the encodings that this package does not know."""

from __future__ import annotations

import array
from collections.abc import Sequence
from importlib import import_module

import numpy as np

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.buffers import ImageBuffer, view_bytes


def decode_with_cv_bridge(
    data: ImageBuffer,
    *,
    encoding: str,
    width: int,
    height: int,
    step: int,
    is_bigendian: bool,
    known: Sequence[str],
) -> ImageArray:
    """Decode one raw image with cv_bridge.

    Args:
        data: Buffer of the pixels.
        encoding: Name of the encoding.
        width: Pixels.
        height: Pixels.
        step: Bytes from one row to the next.
        is_bigendian: Byte order of samples of more than one byte.
        known: Encodings that need no cv_bridge, for the message.

    Returns:
        ``(H, W, 3)`` uint8 RGB, C-contiguous.

    Raises:
        ImageError: cv_bridge is not installed, or refuses the image.
    """
    try:
        cv_bridge = import_module("cv_bridge")
        sensor_msgs = import_module("sensor_msgs.msg")
    except (ImportError, AttributeError) as err:
        # AttributeError: a cv_bridge that was built for another major version of NumPy.
        names = ", ".join(known)
        message = f"expected an encoding of {names} (no cv_bridge for others), got {encoding!r}"
        raise ImageError(message) from err
    image = sensor_msgs.Image(width=width, height=height, encoding=encoding, step=step)
    image.is_bigendian = int(is_bigendian)
    image.data = array.array("B", view_bytes(data).tobytes())
    try:
        rgb = cv_bridge.CvBridge().imgmsg_to_cv2(image, desired_encoding="rgb8")
    except (cv_bridge.CvBridgeError, TypeError, ValueError, RuntimeError) as err:
        message = f"expected an image that cv_bridge can turn into rgb8, got {encoding!r}: {err}"
        raise ImageError(message) from err
    return np.ascontiguousarray(rgb, dtype=np.uint8)
