"""The similarity picture is drawn for whoever looks, under the header of its newest frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import VOCABULARY, Camera, Color, image
from feeds import Feed
from ros_world import RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.stamps import stamp_ns, time_message
from scene_clip_ros.srv import SetEnabled

TOPIC = "front/scene_clip/similarity"
MAX_RATE_HZ = 5.0
ON_ITS_WAY_NS = 200_000_000
"""Stamps of frames that may have been taken before the function was switched off."""
OFF_NS = 1_000_000_000
"""Long enough for five pictures."""
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class Viewer:
    """Looks at the pictures, and shows frames until one is drawn."""

    def __init__(self, world: RosWorld) -> None:
        self._inbox = world.inbox(Image, TOPIC)
        self._camera = Camera(world)
        self._sec = 100

    def see(self, colour: Color) -> Image:
        """Show a colour until a picture is drawn of it."""
        first = self._sec
        while not (drawn := self._drawn_since(first)):
            self._camera.show(colour, self._sec)
            self._sec += 1
        return drawn[0]

    def _drawn_since(self, sec: int) -> list[Image]:
        return [each for each in self._inbox.messages if each.header.stamp.sec >= sec]


@pytest.fixture
def start(world: RosWorld, tmp_path: Path) -> Callable[..., SceneClipNode]:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)

    def run(**parameters: Any) -> SceneClipNode:
        return world.scene_clip(
            vocabulary=str(path), similarity__max_rate_hz=MAX_RATE_HZ, **parameters
        )

    return run


def pixels_of(message: Image, colour: tuple[int, int, int]) -> int:
    rgb = np.frombuffer(bytes(message.data), np.uint8)
    rgb = rgb.reshape(message.height, message.width, 3)
    return int((rgb == colour).all(axis=2).sum())


def test_frames_are_drawn_beside_each_other_under_the_header_of_the_newest(
    world: RosWorld, start: Callable[..., SceneClipNode]
) -> None:
    start()
    viewer = Viewer(world)
    first = viewer.see("red")
    second = viewer.see("blue")
    assert first.header.frame_id == "front_optical"
    assert (first.encoding, first.step) == ("rgb8", 3 * first.width)
    assert pixels_of(first, RED) > 500
    assert not pixels_of(first, BLUE)
    assert second.header.stamp.sec > first.header.stamp.sec
    assert pixels_of(second, RED) > 500
    assert pixels_of(second, BLUE) > 500


def test_no_more_frames_are_shown_than_wanted(
    world: RosWorld, start: Callable[..., SceneClipNode]
) -> None:
    start(similarity__frames=1)
    viewer = Viewer(world)
    viewer.see("red")
    newest = viewer.see("green")
    assert not pixels_of(newest, RED)
    assert pixels_of(newest, GREEN) > 500


def test_other_texts_take_effect_while_running(
    world: RosWorld, start: Callable[..., SceneClipNode]
) -> None:
    start(similarity__frames=1)
    viewer = Viewer(world)
    usual = viewer.see("red")
    texts = [f"text number {index}" for index in range(9)]
    outcome = world.set_parameter("scene_clip", "similarity.texts", texts)
    assert outcome.successful, outcome.reason
    assert viewer.see("red").height > usual.height


@pytest.mark.parametrize(
    ("texts", "reason"),
    [(["a"] * 61, "at most 60 texts, got 61"), (["a", " "], "an empty one")],
    ids=["too many", "empty"],
)
def test_texts_that_cannot_be_drawn_are_refused(
    world: RosWorld, start: Callable[..., SceneClipNode], texts: list[str], reason: str
) -> None:
    start()
    outcome = world.set_parameter("scene_clip", "similarity.texts", texts)
    assert not outcome.successful
    assert reason in outcome.reason


def test_nothing_is_drawn_while_it_is_switched_off(
    world: RosWorld, start: Callable[..., SceneClipNode]
) -> None:
    start(similarity__frames=1, similarity__texts=["red"])
    feed = Feed(world, Image, "front/image", make=red_picture)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    pictures = world.inbox(Image, TOPIC)
    pictures.wait_count(2)

    switch(world, enabled=False)
    off_ns = newest_ns(feed) + ON_ITS_WAY_NS
    labels.wait_for(lambda each: time_of(each) > off_ns + OFF_NS, "frames while it is off")
    on_ns = newest_ns(feed)
    switch(world, enabled=True)
    pictures.wait_for(lambda each: time_of(each) > on_ns, "a picture after it was switched on")

    assert not [each for each in pictures.messages if off_ns < time_of(each) < on_ns]


def switch(world: RosWorld, *, enabled: bool) -> None:
    request = SetEnabled.Request(function="similarity", enabled=enabled)
    assert world.call(SetEnabled, "scene_clip/set_enabled", request).success


def newest_ns(feed: Feed) -> int:
    return time_of(feed.sent[-1])


def time_of(message: Image | SceneLabels) -> int:
    return stamp_ns(message.header.stamp)


def red_picture(stamp_ns: int) -> Image:
    message = image("red", 0)
    message.header.stamp = time_message(stamp_ns)
    return message
