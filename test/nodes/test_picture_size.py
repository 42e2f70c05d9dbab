"""Compressed pictures are decoded as large as they are needed, under real DDS."""

from __future__ import annotations

import array
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.msg import SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.srv import QueryFrames, Segment

SIZE_WH = (1280, 720)
RED = (230, 20, 20)
VOCABULARY = "attributes:\n  colour: {labels: {red: [a red thing], green: [a green thing]}}\n"


class SeeingEncoder(FakeEncoder):
    """Remembers how large the whole pictures were that it got."""

    def __init__(self) -> None:
        super().__init__()
        self.heights: list[int] = []

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.heights.extend(image.shape[0] for image in images)
        return super().encode_images(images)


def painted(rgb: tuple[int, int, int] = RED) -> ImageArray:
    return np.full((SIZE_WH[1], SIZE_WH[0], 3), rgb, np.uint8)


def jpeg(stamp_s: float) -> CompressedImage:
    header = Header(stamp=time_message(round(stamp_s * 1e9)), frame_id="front_optical")
    data = array.array("B", encode_jpeg(painted()))
    return CompressedImage(header=header, format="jpeg", data=data)


@pytest.fixture
def encoder() -> SeeingEncoder:
    return SeeingEncoder()


@pytest.fixture
def start(world: RosWorld, encoder: SeeingEncoder, tmp_path: Path) -> Callable[..., Any]:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    return partial(world.scene_clip, encoder, vocabulary=str(path), transport="compressed")


def publish_one(world: RosWorld, stamp_s: float = 1.0) -> None:
    """Send a picture and wait for its labels."""
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    world.publisher(CompressedImage, "front/image/compressed").publish(jpeg(stamp_s))
    labels.wait_count(1)


def test_labels_alone_see_a_reduced_picture(
    world: RosWorld, start: Any, encoder: SeeingEncoder
) -> None:
    start(boxes__enabled=False, memory__enabled=False)

    publish_one(world)

    assert encoder.heights == [90]


def test_boxes_are_found_in_the_whole_picture(
    world: RosWorld, start: Any, encoder: SeeingEncoder
) -> None:
    start()
    boxes = world.inbox(ScoredBoxes, "front/scene_clip/boxes")

    publish_one(world)

    (message,) = boxes.wait_count(1)
    assert (message.width, message.height) == SIZE_WH
    assert encoder.heights[0] == SIZE_WH[1]


@pytest.mark.parametrize("topic", ["overlay", "mask"])
def test_the_whole_picture_is_decoded_while_somebody_looks(
    world: RosWorld, start: Any, encoder: SeeingEncoder, topic: str
) -> None:
    start(boxes__enabled=False, masks__enabled=True, masks__prompts=["a red thing"])
    warm_up = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(CompressedImage, "front/image/compressed")
    camera.publish(jpeg(1.0))
    warm_up.wait_count(1)

    pictures = world.inbox(Image, f"front/scene_clip/{topic}")
    camera.publish(jpeg(2.0))

    (picture,) = pictures.wait_count(1)
    assert (picture.width, picture.height) == SIZE_WH
    assert (encoder.heights[0] < SIZE_WH[1], encoder.heights[-1]) == (True, SIZE_WH[1])


def test_a_thumbnail_is_as_high_as_it_is_wanted(
    world: RosWorld, start: Any, encoder: SeeingEncoder
) -> None:
    start(boxes__enabled=False, memory__thumbnail_height_px=300)
    publish_one(world)
    request = QueryFrames.Request(text="a red thing", top_k=1, thumbnails=True)

    response = world.call(QueryFrames, "scene_clip/query_frames", request)

    assert response.success, response.message
    assert encoder.heights == [360]
    assert decode_compressed(response.hits[0].thumbnail.data).shape[0] == 300


def test_a_segment_is_of_the_whole_picture_though_the_engine_saw_a_reduced_one(
    world: RosWorld, start: Any, encoder: SeeingEncoder
) -> None:
    start(boxes__enabled=False)
    publish_one(world)
    request = Segment.Request(texts=["a red thing", "a green thing"])

    response = world.call(Segment, "scene_clip/segment", request)

    assert response.success, response.message
    assert (response.mask.width, response.mask.height) == SIZE_WH
    assert set(response.mask.data) == {1}
    assert encoder.heights[0] < SIZE_WH[1]


@pytest.mark.parametrize(
    ("least_side", "min_side", "height", "is_whole"),
    [
        (90, 16, 90, False),
        (16, 180, 180, False),
        (None, 16, 720, True),
        (90, None, 720, True),
    ],
    ids=["outputs need more", "the engine needs more", "outputs need all", "the engine needs all"],
)
def test_a_frame_is_as_large_as_both_sides_need_it_and_whole_when_asked(
    *, least_side: int | None, min_side: int | None, height: int, is_whole: bool
) -> None:
    message = jpeg(1.5)
    frame = CameraFrame("front", message, message.header, least_side=least_side)

    assert frame.decode(min_side).shape[0] == height
    assert frame.is_whole == is_whole
    whole = frame.in_full()
    assert (whole.camera, whole.stamp_ns, whole.rgb.shape[0]) == ("front", 1_500_000_000, 720)


def test_a_raw_picture_is_whole_whatever_is_needed() -> None:
    data = array.array("B", painted().tobytes())
    message = Image(width=1280, height=720, encoding="rgb8", step=3840, data=data)
    frame = CameraFrame("front", message, message.header, least_side=1)

    assert frame.decode(1).shape == (720, 1280, 3)
    assert frame.is_whole


def test_a_picture_that_is_malformed_is_so_at_every_size() -> None:
    message = jpeg(1.0)
    message.data = message.data[:1000]

    with pytest.raises(ImageError, match="truncated"):
        CameraFrame("front", message, message.header, least_side=1).decode(1)
