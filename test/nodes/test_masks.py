"""Masks of the node under real DDS, with a model that knows colours."""

from __future__ import annotations

import array
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from feeds import Feed
from paced_encoder import TIMEOUT_S
from ros_world import Inbox, RosWorld, overrides
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from tiny_clipseg import write_clipseg

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.msg import LabelMap, SceneLabels
from scene_clip_ros.nodes.parameters import (
    BOXES_ALONE,
    LABELS_ALONE,
    MEMORY_ALONE,
    SceneClipParameters,
)
from scene_clip_ros.nodes.parameters.masks import MaskParameters
from scene_clip_ros.nodes.qos import LATCHED_QOS
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.segment_service import MAX_REQUESTS
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.report.mask_drawing import label_palette
from scene_clip_ros.srv import Segment, SetEnabled

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
WIDTH, HEIGHT = 64, 48
SERVICE = "scene_clip/segment"

VOCABULARY = "attributes:\n  colour: {labels: {red: [a red thing], green: [a green thing]}}\n"

ON: dict[str, Any] = {
    "masks__enabled": True,
    "masks__prompts": ["a red thing", "something green"],
    "masks__max_rate_hz": 0.0,
}


def picture(
    stamp: int, left: tuple[int, int, int] = RED, right: tuple[int, int, int] = BLUE
) -> Image:
    """Return a picture of two halves; ``stamp`` is in nanoseconds."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:, : WIDTH // 2], pixels[:, WIDTH // 2 :] = left, right
    return Image(
        header=Header(stamp=time_message(stamp), frame_id="front_optical"),
        width=WIDTH,
        height=HEIGHT,
        encoding="rgb8",
        step=3 * WIDTH,
        data=array.array("B", pixels.tobytes()),
    )


def labels_of(message: Image) -> ImageArray:
    """Return the labels of a mask, ``(H, W)``."""
    assert message.encoding == "mono8"
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)


class HeldSegmenter(FakeSegmenter):
    """Marks nothing before it is released, and counts how often it looks."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.begun = threading.Event()
        self.looks = 0

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        self.looks += 1
        self.begun.set()
        assert self.released.wait(TIMEOUT_S)
        return super().segment(images, prompts)


class BrokenSegmenter(FakeSegmenter):
    """Breaks on every picture, as a model does that runs out of memory."""

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        message = f"out of memory for {len(images)} pictures, {len(prompts)} prompts"
        raise RuntimeError(message)


@pytest.fixture
def run(world: RosWorld, tmp_path: Path) -> Any:
    """Run the node with a small vocabulary."""
    vocabulary = tmp_path / "vocabulary.yaml"
    vocabulary.write_text(VOCABULARY)
    return partial(world.scene_clip, vocabulary=str(vocabulary))


@pytest.fixture
def feed(world: RosWorld) -> Iterator[Any]:
    """Start a camera that sends pictures of a red and a blue half."""
    feeds: list[Feed] = []

    def start() -> Feed:
        feeds.append(Feed(world, Image, "front/image", make=picture))
        return feeds[-1]

    yield start
    for each in feeds:
        each.stop()


def latched(world: RosWorld, camera: str = "front") -> Inbox:
    return world.inbox(LabelMap, f"{camera}/scene_clip/mask_labels", qos=LATCHED_QOS)


def mask_model_in(report: DiagnosticArray) -> str:
    """Return what the engine's status says of the model of masks."""
    return next(
        value.value for status in report.status for value in status.values if value.key == "masks"
    )


def call(world: RosWorld, *texts: str, **fields: Any) -> Segment.Response:
    return world.call(Segment, SERVICE, Segment.Request(texts=list(texts), **fields))


def test_a_mask_has_the_size_and_the_header_of_its_picture(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run(**ON)
    sent = feed()
    world.wait_until(lambda: world.node.count_publishers("front/scene_clip/mask"), "the topic")
    masks = world.inbox(Image, "front/scene_clip/mask")

    mask = masks.wait_count(1)[0]

    assert mask.header in [each.header for each in sent.sent]
    assert (mask.width, mask.height) == (WIDTH, HEIGHT)
    assert (labels_of(mask)[:, : WIDTH // 2 - 2] == 1).all()
    assert (labels_of(mask)[:, WIDTH // 2 + 2 :] == 0).all()


def test_who_joins_late_still_gets_the_meaning_of_the_labels(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run(**ON)
    camera = feed()
    world.wait_until(lambda: world.node.count_publishers("front/scene_clip/mask"), "the topic")
    camera.stop()

    (label_map,) = latched(world).wait_count(1)

    assert label_map.labels == ["background", "a red thing", "something green"]
    assert label_map.header.frame_id == "front_optical"


def test_other_prompts_are_announced_before_their_first_mask(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run(**ON)
    feed()
    world.wait_until(lambda: world.node.count_publishers("front/scene_clip/mask"), "the topic")
    maps, masks = latched(world), world.inbox(Image, "front/scene_clip/mask")
    masks.wait_count(1)

    outcome = world.set_parameter("scene_clip", "masks.prompts", ["green", "red", "a blue thing"])
    maps.wait_for(lambda each: each.labels[1:] == ["green", "red", "a blue thing"], "the map")
    mask = masks.wait_for_new(lambda each: labels_of(each).max() == 3, "a mask of them")

    assert outcome.successful, outcome.reason
    assert (labels_of(mask)[:, :20] == 2).all()
    assert (labels_of(mask)[:, 40:] == 3).all()


def test_a_higher_threshold_takes_effect_at_once(world: RosWorld, run: Any, feed: Any) -> None:
    run(**ON)
    feed()
    world.wait_until(lambda: world.node.count_publishers("front/scene_clip/mask"), "the topic")
    masks = world.inbox(Image, "front/scene_clip/mask")
    masks.wait_for(lambda each: labels_of(each).any(), "a mask")

    assert world.set_parameter("scene_clip", "masks.thresholds", [1.0]).successful

    masks.wait_for_new(lambda each: not labels_of(each).any(), "an empty mask")


def test_without_a_subscriber_nothing_is_computed(world: RosWorld, run: Any, feed: Any) -> None:
    segmenter = HeldSegmenter()
    run(load_segmenter=lambda: segmenter, **ON)
    feed()
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")

    labels.wait_count(5)

    assert segmenter.looks == 0


def test_masks_that_were_never_on_are_not_advertised(world: RosWorld, run: Any, feed: Any) -> None:
    run()
    feed()
    world.inbox(SceneLabels, "front/scene_clip/labels").wait_count(2)

    assert world.node.count_publishers("front/scene_clip/mask") == 0
    assert world.node.count_publishers("front/scene_clip/mask_labels") == 0


def test_masks_can_be_switched_on_while_running_and_labels_go_on_while_the_model_is_loaded(
    world: RosWorld, run: Any, feed: Any
) -> None:
    may_load = threading.Event()

    def load() -> FakeSegmenter:
        assert may_load.wait(TIMEOUT_S)
        return FakeSegmenter()

    run(load_segmenter=load, **{**ON, "masks__enabled": False})
    feed()
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    response = world.call(
        SetEnabled, "scene_clip/set_enabled", SetEnabled.Request(function="masks", enabled=True)
    )
    masks = world.inbox(Image, "front/scene_clip/mask")
    labels.messages.clear()
    labels.wait_count(3)
    before = len(masks.messages)
    may_load.set()
    masks.wait_count(1)

    assert response.success, response.message
    assert before == 0


def test_a_model_that_could_not_be_loaded_is_tried_again_when_masks_are_switched_on_again(
    world: RosWorld, run: Any, feed: Any
) -> None:
    has_failed = threading.Event()

    def load() -> FakeSegmenter:
        if not has_failed.is_set():
            has_failed.set()
            message = "expected weights, got half of them"
            raise ModelError(message)
        return FakeSegmenter()

    run(load_segmenter=load, **{**ON, "masks__enabled": False})
    feed()
    switch = partial(world.set_parameter, "scene_clip", "masks.enabled")
    switch(value=True)
    world.wait_until(has_failed.is_set, "a first attempt")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    labels.wait_count(2)
    switch(value=False)
    switch(value=True)

    world.inbox(Image, "front/scene_clip/mask").wait_count(1)


def test_a_model_that_breaks_stops_neither_labels_nor_the_overlay(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run(load_segmenter=BrokenSegmenter, **ON)
    feed()
    world.wait_until(lambda: world.node.count_publishers("front/scene_clip/mask"), "the topic")
    masks = world.inbox(Image, "front/scene_clip/mask")
    overlays = world.inbox(Image, "front/scene_clip/overlay")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")

    overlays.wait_count(2)
    labels.wait_count(3)

    assert masks.messages == []


def test_the_overlay_shows_the_mask_of_its_own_frame(world: RosWorld, run: Any, feed: Any) -> None:
    run(**ON, boxes__enabled=False, alert__enabled=False)
    camera = feed()
    overlays = world.inbox(Image, "front/scene_clip/overlay")
    tint = (0.55 * np.array(RED) + 0.45 * label_palette(1)[1]).round()

    overlay = overlays.wait_count(1)[0]

    pixels = np.frombuffer(overlay.data, np.uint8).reshape(HEIGHT, WIDTH, 3)
    assert overlay.header in [each.header for each in camera.sent]
    is_tinted = (np.abs(pixels[:, : WIDTH // 2].astype(float) - tint) <= 2).all(axis=2)
    assert is_tinted.mean() > 0.2
    assert (pixels[0, WIDTH // 2 + 3 :] == BLUE).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("thresholds", [0.5, 0.5, 0.5]), "thresholds: expected 1 or 2 of them, got 3"),
        (("thresholds", [1.5]), "parameter masks.thresholds: expected"),
        (("prompts", ["a", "a"]), "texts: expected different ones, got 'a' twice"),
        (("model", "other"), "read-only"),
    ],
)
def test_wrong_parameters_are_refused_with_the_reason(
    world: RosWorld, run: Any, change: tuple[str, Any], reason: str
) -> None:
    run(**ON)

    outcome = world.set_parameter("scene_clip", f"masks.{change[0]}", change[1])

    assert not outcome.successful
    assert reason in outcome.reason


def test_a_model_that_is_not_there_cannot_be_switched_on(world: RosWorld, tmp_path: Path) -> None:
    world.add(
        SceneClipNode(
            load_encoder=lambda _values: FakeEncoder(),
            load_proposer=lambda _values: FakeProposer(),
            context=world.context,
            defaults=SceneClipParameters(masks=MaskParameters(model=str(tmp_path))),
        )
    )

    outcome = world.set_parameter("scene_clip", "masks.enabled", value=True)

    assert not outcome.successful
    assert "config.json: expected a configuration" in outcome.reason


def test_a_node_does_not_start_with_masks_of_a_model_that_cannot_be_loaded(run: Any) -> None:
    def fail() -> FakeSegmenter:
        message = "expected weights, got none"
        raise ModelError(message)

    with pytest.raises(ModelError, match="expected weights, got none"):
        run(load_segmenter=fail, **ON)


def test_the_service_marks_the_newest_frame_though_masks_are_off(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run()
    camera = feed()
    world.inbox(SceneLabels, "front/scene_clip/labels").wait_count(2)

    response = call(world, "something blue", "a red thing", threshold=0.9)

    assert response.success, response.message
    assert response.mask.header in [each.header for each in camera.sent]
    assert response.label_map.labels == ["background", "something blue", "a red thing"]
    assert (labels_of(response.mask)[:, :30] == 2).all()
    assert (labels_of(response.mask)[:, 34:] == 1).all()
    assert "a red thing: 50.0% of the picture" in response.message


def test_the_service_marks_the_frame_of_a_stamp_that_is_still_held(
    world: RosWorld, run: Any, feed: Any
) -> None:
    run()
    camera = feed()
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    labels.wait_count(2)
    camera.stop()
    last = camera.sent[-1].header.stamp
    labels.wait_for(lambda each: each.header.stamp == last, "its labels")

    held = call(world, "red", camera="front", stamp=last)
    gone = call(world, "red", stamp=camera.sent[0].header.stamp)

    assert held.success, held.message
    assert held.mask.header.stamp == last
    assert not gone.success
    assert "stamp: expected 0 or that of the newest frame of front" in gone.message


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"texts": []}, "texts: expected 1 to 255 of them, got 0", id="no text"),
        pytest.param({"texts": ["a"] * 300}, "got 300", id="too many"),
        pytest.param({"texts": ["a" * 999]}, "at most 256 characters", id="too long"),
        pytest.param({"texts": [""]}, "texts: expected words, got ''", id="empty text"),
        pytest.param(
            {"texts": ["a"], "threshold": 2.0}, "threshold: expected a number in [0, 1]", id="range"
        ),
        pytest.param({"texts": ["a"], "threshold": float("nan")}, "got nan", id="not a number"),
        pytest.param(
            {"texts": ["a"], "camera": "roof"}, "camera: expected one of front", id="camera"
        ),
        pytest.param({"texts": ["a"]}, "expected a frame of camera front, got none", id="no frame"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused_with_the_reason(
    world: RosWorld, run: Any, fields: dict[str, Any], reason: str
) -> None:
    run()

    response = world.call(Segment, SERVICE, Segment.Request(**fields))

    assert not response.success
    assert reason in response.message


def test_the_only_camera_must_be_named_among_several(world: RosWorld, run: Any) -> None:
    run(cameras=["front", "rear"])

    response = call(world, "red")

    assert response.message == "camera: expected one of front, rear, got ''"


def test_a_flood_is_refused_and_labels_go_on(world: RosWorld, run: Any, feed: Any) -> None:
    segmenter = HeldSegmenter()
    may_load = threading.Event()

    def load() -> FakeSegmenter:
        assert may_load.wait(TIMEOUT_S)
        return segmenter

    run(load_segmenter=load)
    feed()
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    labels.wait_count(1)
    client = world.node.create_client(Segment, SERVICE)
    world.wait_until(client.service_is_ready, "the service")
    calls = [client.call_async(Segment.Request(texts=["red"])) for _ in range(MAX_REQUESTS + 3)]

    world.wait_until(lambda: sum(each.done() for each in calls) == 3, "the refusals")
    labels.messages.clear()
    labels.wait_count(2)
    may_load.set()
    segmenter.released.set()
    world.wait_until(lambda: all(each.done() for each in calls), "the answers")

    answers = [each.result() for each in calls]
    assert sum(each.success for each in answers) == MAX_REQUESTS
    assert all("at most 8 requests" in each.message for each in answers if not each.success)


def test_a_checkpoint_is_loaded_by_the_first_request_and_named_in_diagnostics(
    world: RosWorld, feed: Any, tmp_path: Path
) -> None:
    folder = write_clipseg(tmp_path / "tiny")
    world.add(
        SceneClipNode(
            load_encoder=lambda _values: FakeEncoder(),
            load_proposer=lambda _values: FakeProposer(),
            context=world.context,
            parameter_overrides=overrides(
                masks__model=str(folder), device="cpu", diagnostics__period_s=0.1
            ),
        )
    )
    feed()
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    world.inbox(SceneLabels, "front/scene_clip/labels").wait_count(1)

    response = call(world, "a road", "a sky", threshold=0.0)
    reports.wait_for_new(
        lambda report: mask_model_in(report).startswith("tiny@"), "a report that names it"
    )

    assert response.success, response.message
    assert set(np.unique(labels_of(response.mask))) <= {1, 2}


def test_a_broken_model_is_told_in_the_answer(world: RosWorld, run: Any, feed: Any) -> None:
    run(load_segmenter=BrokenSegmenter)
    feed()
    world.inbox(SceneLabels, "front/scene_clip/labels").wait_count(1)

    response = call(world, "red")

    assert not response.success
    assert "out of memory" in response.message


@pytest.mark.parametrize("serve", [True, False])
def test_the_service_is_left_to_other_nodes_if_that_is_wanted(run: Any, *, serve: bool) -> None:
    node = run(masks__serve=serve)

    names = [service.srv_name for service in node.services]

    assert any(name.endswith(SERVICE) for name in names) is serve


@pytest.mark.parametrize("alone", [LABELS_ALONE, BOXES_ALONE, MEMORY_ALONE])
def test_nodes_of_one_function_make_no_masks(alone: SceneClipParameters) -> None:
    assert (alone.masks.enabled, alone.masks.serve) == (False, False)


def test_default_prompts_are_those_that_the_embedded_model_knows() -> None:
    assert MaskParameters().wanted().texts == ("road", "person", "vehicle", "vegetation", "sky")


def test_thresholds_that_do_not_fit_the_prompts_are_refused_at_start_up() -> None:
    with pytest.raises(ParameterError, match=r"masks\.prompts, masks\.thresholds: thresholds"):
        MaskParameters(thresholds=(0.1, 0.2))
