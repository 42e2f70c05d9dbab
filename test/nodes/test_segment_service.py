"""The service that marks pixels, under real DDS, with a model that knows colours."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from paced_encoder import TIMEOUT_S
from ros_world import RosWorld, overrides
from segmented import (
    BrokenSegmenter,
    HeldSegmenter,
    labels_of,
)
from tiny_clipseg import write_clipseg

from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.segment_service import MAX_REQUESTS
from scene_clip_ros.srv import Segment

SERVICE = "scene_clip/segment"


def mask_model_in(report: DiagnosticArray) -> str:
    """Return what the engine's status says of the model of masks."""
    return next(
        value.value for status in report.status for value in status.values if value.key == "masks"
    )


def call(world: RosWorld, *texts: str, **fields: Any) -> Segment.Response:
    return world.call(Segment, SERVICE, Segment.Request(texts=list(texts), **fields))


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
