"""Pictures as cameras send them."""

from __future__ import annotations

from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.nodes import conversion
from scene_clip_ros.nodes.stamps import time_message


def image_message(rgb: ImageArray, stamp_ns: int) -> Image:
    """Return a ``(H, W, 3)`` picture as ``rgb8``, in the frame ``front_optical``."""
    header = Header(stamp=time_message(stamp_ns), frame_id="front_optical")
    return conversion.image_message(rgb, header)
