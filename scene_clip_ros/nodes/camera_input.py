"""Offers the pictures of a camera topic to the engine, undecoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.core.types import Frame, ImageArray
from scene_clip_ros.nodes.conversion import decode_compressed_image, decode_image
from scene_clip_ros.nodes.parameters.cameras import is_compressed
from scene_clip_ros.nodes.qos import overridable
from scene_clip_ros.nodes.stamps import check_stamp, stamp_ns
from scene_clip_ros.pipeline.engine import Engine, FrameJob


@dataclass(slots=True)
class CameraFrame:
    """One message on its way through the engine.

    Attributes:
        camera: Name of the camera.
        message: As received; released once decoded in full.
        header: Of the message, handed on untouched.
        generation: How often the clock had jumped when it was received.
        least_side: Shortest side that is good enough for what is drawn and kept of the picture,
            pixels; None: all of it is needed.
        rgb: ``(H, W, 3)`` uint8 once decoded, perhaps reduced.
    """

    camera: str
    message: Image | CompressedImage | None
    header: Header
    generation: int = 0
    least_side: int | None = None
    rgb: ImageArray | None = None

    @property
    def stamp_ns(self) -> int:
        """Stamp of the message in nanoseconds."""
        return stamp_ns(self.header.stamp)

    @property
    def is_whole(self) -> bool:
        """Whether the picture has been decoded in full."""
        return self.rgb is not None and self.message is None

    def decode(self, min_side: int | None) -> ImageArray:
        """Decode the message, as large as the engine and the outputs need it.

        Args:
            min_side: Shortest side that is good enough for the engine, pixels; None: in full.

        Returns:
            ``(H, W, 3)`` uint8 RGB.

        Raises:
            ImageError: The picture is malformed.
            MessageError: So is the stamp.
        """
        assert self.message is not None
        check_stamp(self.header.stamp)
        sides = (min_side, self.least_side)
        needed = None if None in sides else max(side for side in sides if side is not None)
        is_reduced = needed is not None and isinstance(self.message, CompressedImage)
        message = self.message
        if not is_reduced:
            self.message = None
        self.rgb = _decode(message, min_side=needed)
        return self.rgb

    def in_full(self) -> Frame:
        """Return the whole picture, decoded again if it was reduced; on any thread.

        Raises:
            ImageError: The message is malformed.
        """
        rgb = self.rgb if self.message is None else _decode(self.message, min_side=None)
        assert rgb is not None
        return Frame(self.camera, self.stamp_ns, rgb)


def _decode(message: Image | CompressedImage, *, min_side: int | None) -> ImageArray:
    """Decode a message; only compressed pictures can be reduced."""
    if isinstance(message, Image):
        return decode_image(message)
    return decode_compressed_image(message, min_side=min_side)


class CameraInput:
    """Subscribes to one camera.

    Args:
        node: Node that subscribes.
        engine: Keeps the newest frame of the camera.
        camera: Name of the camera.
        topic: Its topic, which tells the type, see :func:`is_compressed`.
        qos: What is asked of its publisher, unless users override it.
        generation: Tells how often the clock has jumped.
        is_watched: Tells whether somebody needs every picture, whatever the engine does with it.
        least_side: Tells what is needed of a picture that is decoded, see `CameraFrame`.

    Attributes:
        topic: Full name of the topic, as remapped.
    """

    def __init__(
        self,
        node: Node,
        engine: Engine,
        *,
        camera: str,
        topic: str,
        qos: QoSProfile,
        generation: Callable[[], int],
        is_watched: Callable[[], bool],
        least_side: Callable[[], int | None],
    ) -> None:
        """Subscribe."""
        self._engine = engine
        self._camera = camera
        self._generation = generation
        self._is_watched = is_watched
        self._least_side = least_side
        subscription = node.create_subscription(
            CompressedImage if is_compressed(topic) else Image,
            topic,
            self._submit,
            qos,
            qos_overriding_options=overridable(),
        )
        self.topic: str = subscription.topic_name

    def _submit(self, message: Image | CompressedImage) -> None:
        frame = CameraFrame(
            self._camera,
            message,
            message.header,
            self._generation(),
            least_side=self._least_side(),
        )
        self._engine.submit(
            FrameJob(
                frame.camera,
                frame.stamp_ns,
                frame.decode,
                context=frame,
                is_watched=self._is_watched(),
                size_bytes=len(message.data),
            )
        )
