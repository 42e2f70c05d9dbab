"""Offers the pictures of a camera topic to the engine, undecoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.nodes.conversion import decode_compressed_image, decode_image
from scene_clip_ros.nodes.parameters.cameras import is_compressed
from scene_clip_ros.nodes.qos import CAMERA_QOS, overridable
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.pipeline.engine import Engine, FrameJob


@dataclass(slots=True)
class CameraFrame:
    """One message on its way through the engine.

    Attributes:
        message: As received; released once decoded.
        header: Of the message, handed on untouched.
        generation: How often the clock had jumped when it was received.
        rgb: ``(H, W, 3)`` uint8 once decoded, for whoever draws on it.
    """

    message: Image | CompressedImage | None
    header: Header
    generation: int = 0
    rgb: ImageArray | None = None

    def decode(self) -> ImageArray:
        """Decode the message, once.

        Returns:
            ``(H, W, 3)`` uint8 RGB.

        Raises:
            ImageError: The message is malformed.
        """
        message, self.message = self.message, None
        decode = decode_image if isinstance(message, Image) else decode_compressed_image
        self.rgb = decode(message)
        return self.rgb


class CameraInput:
    """Subscribes to one camera.

    Args:
        node: Node that subscribes.
        engine: Keeps the newest frame of the camera.
        camera: Name of the camera.
        topic: Its topic, which tells the type, see :func:`is_compressed`.
        generation: Tells how often the clock has jumped.
        is_watched: Tells whether somebody looks at the picture itself.
    """

    def __init__(
        self,
        node: Node,
        engine: Engine,
        *,
        camera: str,
        topic: str,
        generation: Callable[[], int],
        is_watched: Callable[[], bool],
    ) -> None:
        """Subscribe with the sensor-data profile, which users may override."""
        self._engine = engine
        self._camera = camera
        self._generation = generation
        self._is_watched = is_watched
        node.create_subscription(
            CompressedImage if is_compressed(topic) else Image,
            topic,
            self._submit,
            CAMERA_QOS,
            qos_overriding_options=overridable(),
        )

    def _submit(self, message: Image | CompressedImage) -> None:
        frame = CameraFrame(message, message.header, self._generation())
        stamp = stamp_ns(message.header.stamp)
        self._engine.submit(
            FrameJob(
                self._camera,
                stamp,
                frame.decode,
                context=frame,
                is_watched=self._is_watched(),
            )
        )
