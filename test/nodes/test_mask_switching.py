"""Masks are switched on and off, and what cannot be is refused, under real DDS."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paced_encoder import TIMEOUT_S
from ros_world import RosWorld
from segmented import (
    HEIGHT,
    ON,
    WIDTH,
)
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.mask_services import MaskServices
from scene_clip_ros.nodes.parameters import (
    BOXES_ALONE,
    LABELS_ALONE,
    MEMORY_ALONE,
    SceneClipParameters,
)
from scene_clip_ros.nodes.parameters.masks import MaskParameters
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.srv import SetEnabled


@pytest.fixture
def switch(world: RosWorld) -> Any:
    """Switch masks on or off."""

    def set_enabled(*, enabled: bool) -> None:
        request = SetEnabled.Request(function="masks", enabled=enabled)
        response = world.call(SetEnabled, "scene_clip/set_enabled", request)
        assert response.success, response.message

    return set_enabled


def test_switching_off_and_on_during_a_load_is_never_refused_and_loads_once(
    world: RosWorld, run: Any, feed: Any, switch: Any
) -> None:
    may_load = threading.Event()
    loads: list[int] = []

    def load() -> FakeSegmenter:
        loads.append(1)
        assert may_load.wait(TIMEOUT_S)
        return FakeSegmenter()

    run(load_segmenter=load, **{**ON, "masks__enabled": False})
    feed()
    for _ in range(4):
        switch(enabled=True)
        switch(enabled=False)
    switch(enabled=True)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    labels.wait_count(3)
    may_load.set()

    world.inbox(Image, "front/scene_clip/mask").wait_count(1)
    assert len(loads) == 1


def test_a_frame_for_which_there_is_no_room_gets_no_mask_and_is_no_error(world: RosWorld) -> None:
    faults: list[str] = []
    values = SceneClipParameters(masks=MaskParameters(enabled=True))
    services = MaskServices(
        world.node,
        queue=ExecutorQueue(world.node),
        run=lambda _call: pytest.fail("nothing is to be computed"),
        errors=FrameErrors(faults.append, lambda: 0.0),
        find_segmenter=lambda _values: FakeSegmenter,
        values=values,
    )
    services.start()
    services.stop()
    drawn: list[FrameMask | None] = []

    services.outputs["front"].offer(
        CameraFrame("front", None, Header(), rgb=np.zeros((HEIGHT, WIDTH, 3), np.uint8)),
        values=values.masks,
        draw=drawn.append,
    )

    assert drawn == [None]
    assert faults == []


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


@pytest.mark.parametrize("alone", [LABELS_ALONE, BOXES_ALONE, MEMORY_ALONE])
def test_nodes_of_one_function_make_no_masks(alone: SceneClipParameters) -> None:
    assert (alone.masks.enabled, alone.masks.serve) == (False, False)


def test_default_prompts_are_those_that_the_embedded_model_knows() -> None:
    assert MaskParameters().wanted().texts == ("road", "person", "vehicle", "vegetation", "sky")


def test_thresholds_that_do_not_fit_the_prompts_are_refused_at_start_up() -> None:
    with pytest.raises(ParameterError, match=r"masks\.prompts, masks\.thresholds: thresholds"):
        MaskParameters(thresholds=(0.1, 0.2))


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
