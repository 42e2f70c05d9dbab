"""Pictures of plain colours sent past a node, and questions about them."""

from __future__ import annotations

import array
from collections.abc import Sequence
from typing import Any

from builtin_interfaces.msg import Time
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.models.fake_encoder import COLOR_WORDS
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.srv import QueryFrames

SERVICE = "scene_clip/query_frames"

Color = str | tuple[int, int, int]
"""A word that the fake encoder knows, or RGB."""

VOCABULARY = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {red: [red], green: [green], blue: [blue]}}
"""


def image(
    color: Color, sec: int, *, camera: str = "front", size_wh: tuple[int, int] = (32, 24)
) -> Image:
    """Return a picture of one colour."""
    width, height = size_wh
    data = array.array(
        "B", bytes(COLOR_WORDS[color] if isinstance(color, str) else color) * (width * height)
    )
    header = Header(stamp=Time(sec=sec), frame_id=f"{camera}_optical")
    return Image(
        header=header, width=width, height=height, encoding="rgb8", step=3 * width, data=data
    )


class Camera:
    """Sends a picture when the one before has been labelled, so that none is dropped."""

    def __init__(self, world: RosWorld, name: str = "front") -> None:
        self._world = world
        self._name = name
        self._labels: Inbox = world.inbox(SceneLabels, f"{name}/scene_clip/labels")
        self._images = world.publisher(Image, f"{name}/image")

    def show(self, color: Color, sec: int, **options: Any) -> None:
        """Send one picture and wait until it has been looked at."""
        self._images.publish(image(color, sec, camera=self._name, **options))
        self._labels.wait_for(lambda it: it.header.stamp.sec == sec, f"labels at {sec} s")

    def show_all(self, colors: Sequence[Color], *, start: int = 100) -> None:
        """Send a picture a second."""
        for sec, color in enumerate(colors, start=start):
            self.show(color, sec)


def ask(world: RosWorld, *, text: str = "", **request: Any) -> QueryFrames.Response:
    """Ask for frames and return the response."""
    return world.call(QueryFrames, SERVICE, QueryFrames.Request(text=text, **request))


def wait_for_kept(world: RosWorld, frames: int) -> None:
    """Wait until so many frames are kept."""
    world.wait_until(lambda: ask(world, text="red").searched == frames, f"{frames} frames")


def picture_message(data: bytes, *, format: str = "png") -> CompressedImage:  # noqa: A002
    """Return a message with any bytes."""
    return CompressedImage(format=format, data=array.array("B", data))


def seconds(response: QueryFrames.Response) -> list[int]:
    """Return the stamps of the hits, best first."""
    return [hit.header.stamp.sec for hit in response.hits]
