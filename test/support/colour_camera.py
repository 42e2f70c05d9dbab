"""A camera that shows one colour after the other, each named by the second of its stamp."""

from __future__ import annotations

import itertools
from typing import Any

from colors import BLUE, GREEN, NS, RED, picture
from image_messages import image_message
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage, Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.conversion import jpeg_message

COLOURS = {"red": RED, "green": GREEN, "blue": BLUE}


class ColourCamera:
    """Sends a picture when it is told to, and waits for its label.

    Attributes:
        sent: Messages sent so far.
        labels: What the node says of them.

    Args:
        world: Spins it.
        name: Of the camera.
        is_compressed: Whether pictures are sent as JPEG.
    """

    def __init__(
        self, world: RosWorld, name: str = "front", *, is_compressed: bool = False
    ) -> None:
        self.sent = 0
        self.labels = world.inbox(SceneLabels, f"{name}/scene_clip/labels")
        self._world = world
        self._is_compressed = is_compressed
        self._publisher = world.publisher(
            CompressedImage if is_compressed else Image,
            f"{name}/image/compressed" if is_compressed else f"{name}/image",
        )
        self._next = zip(itertools.count(1), itertools.cycle(COLOURS), strict=False)

    def make(self) -> tuple[str, Any]:
        """Return the next colour and its picture."""
        second, colour = next(self._next)
        rgb = picture(COLOURS[colour])
        message = image_message(rgb, second * NS)
        if self._is_compressed:
            return colour, jpeg_message(rgb, message.header, quality=90)
        return colour, message

    def send(self, message: Any) -> None:
        """Send a picture, or whatever it is."""
        self._publisher.publish(message)
        self.sent += 1

    def send_and_check(self) -> None:
        """Send pictures until one is labelled, and rightly.

        A process that has just started may not have heard of the publisher yet, and miss some.
        """
        sent: list[tuple[str, Any]] = []

        def is_labelled() -> bool:
            sent.append(self.make())
            self.send(sent[-1][1])
            headers = [message.header for _, message in sent]
            return any(it.header in headers for it in self.labels.messages)

        self.labels.messages.clear()
        self._world.wait_until(is_labelled, "a label")
        for colour, message in sent:
            self._check(colour, message)

    def send_one_and_check(self) -> None:
        """Send one picture to a node that has heard of this camera, and check its label."""
        colour, message = self.make()
        self.labels.messages.clear()
        self.send(message)
        self.labels.wait_for(lambda it: it.header == message.header, "the label of a picture")
        self._check(colour, message)

    def _check(self, colour: str, sent: Any) -> None:
        """Check every label of a picture; what others send has other headers."""
        for message in self.labels.messages:
            if message.header == sent.header:
                assert message.attributes[0].label == colour
