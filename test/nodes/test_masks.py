"""Masks of the node under real DDS, with a model that knows colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from ros_world import Inbox, RosWorld
from segmented import (
    BLUE,
    HEIGHT,
    ON,
    RED,
    WIDTH,
    BrokenSegmenter,
    HeldSegmenter,
    labels_of,
)
from sensor_msgs.msg import Image

from scene_clip_ros.msg import LabelMap, SceneLabels
from scene_clip_ros.nodes.qos import LATCHED_QOS
from scene_clip_ros.report.mask_drawing import label_palette


def latched(world: RosWorld, camera: str = "front") -> Inbox:
    return world.inbox(LabelMap, f"{camera}/scene_clip/mask_labels", qos=LATCHED_QOS)


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
