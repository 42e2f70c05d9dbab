"""Results as vision_msgs, over real DDS, with the real package or its stand-in of equal types."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from image_messages import image_message
from rclpy.topic_endpoint_info import TopicEndpointInfo
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import Image
from vision_msgs.msg import Classification, Detection2DArray, LabelInfo

from scene_clip_ros.msg import SceneLabels, ScoredBoxes
from scene_clip_ros.nodes import vision_outputs
from scene_clip_ros.nodes.qos import LATCHED_QOS
from scene_clip_ros.srv import SetVocabulary

VOCABULARY = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {dark: [black], bright: [white]}}
hazards:
  fire: {phrasings: [red], contrasts: [black]}
queries:
  child: [red]
  vehicle: [blue]
"""

HASHES = {
    "detections": "RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968",
    "classification": "RIHS01_f74db28d0eaef3afb78f48bf2161cd709a1383a0309d3454383b25be11345143",
    "label_info": "RIHS01_3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783",
}
"""What vision_msgs 4.1.1 itself generates (REP-2016): who has other types is not received."""


def picture(rgb: tuple[int, int, int] | None, stamp_ns: int) -> Image:
    """Return a black picture with one square, or nothing, in it."""
    pixels = np.zeros((90, 160, 3), np.uint8)
    if rgb is not None:
        pixels[40:80, 60:100] = rgb
    return image_message(pixels, stamp_ns)


@pytest.fixture
def _node(world: RosWorld, tmp_path: Path) -> None:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    world.scene_clip(vocabulary=str(path), boxes__confirm_hits=1)


def outputs_of(world: RosWorld, message_type: type, name: str) -> Inbox:
    return world.inbox(message_type, f"front/scene_clip/{name}")


def test_without_the_package_nothing_is_advertised_and_all_else_goes_on(
    world: RosWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision_outputs, "HAS_VISION_MSGS", False)
    world.scene_clip()
    boxes = outputs_of(world, ScoredBoxes, "boxes")

    world.publisher(Image, "front/image").publish(picture(None, 1))

    boxes.wait_count(1)
    assert not world.node.count_publishers("front/scene_clip/detections")
    assert not world.node.count_publishers("front/scene_clip/classification")
    assert not world.node.count_publishers("scene_clip/label_info")


@pytest.mark.usefixtures("_node")
def test_detections_are_the_boxes_with_their_centre_and_size(world: RosWorld) -> None:
    detections = outputs_of(world, Detection2DArray, "detections")
    boxes = outputs_of(world, ScoredBoxes, "boxes")

    world.publisher(Image, "front/image").publish(picture((255, 0, 0), 7_000_000_009))

    (message,), (scored,) = detections.wait_count(1), boxes.wait_count(1)
    (detection,), (box,) = message.detections, scored.boxes
    assert message.header == detection.header == picture(None, 7_000_000_009).header
    assert [it.hypothesis.class_id for it in detection.results] == ["child"]
    assert detection.results[0].hypothesis.score == pytest.approx(box.score)
    centre = detection.bbox.center
    assert (centre.position.x, centre.position.y, centre.theta) == (80.0, 60.0, 0.0)
    assert (detection.bbox.size_x, detection.bbox.size_y) == (40.0, 40.0)
    assert detection.id == str(box.track_id)


@pytest.mark.usefixtures("_node")
def test_nothing_found_is_an_empty_message(world: RosWorld) -> None:
    detections = outputs_of(world, Detection2DArray, "detections")

    world.publisher(Image, "front/image").publish(picture(None, 1))

    assert list(detections.wait_count(1)[0].detections) == []


@pytest.mark.usefixtures("_node")
def test_classification_has_every_probability_of_the_labels(world: RosWorld) -> None:
    classification = outputs_of(world, Classification, "classification")
    labels = outputs_of(world, SceneLabels, "labels")

    world.publisher(Image, "front/image").publish(picture(None, 3))

    (message,), (scene,) = classification.wait_count(1), labels.wait_count(1)
    seen = {it.class_id: it.score for it in message.results}
    (colour,), (fire,) = scene.attributes, scene.hazards
    expected = {f"colour/{score.label}": score.probability for score in colour.scores}
    assert message.header == scene.header
    assert seen == pytest.approx({**expected, "fire": fire.probability})
    assert max(seen, key=lambda name: seen[name]) == "colour/dark"


@pytest.mark.usefixtures("_node")
def test_whoever_joins_late_gets_the_queries_that_hold_now(world: RosWorld) -> None:
    request = SetVocabulary.Request(query="truck", labels=["a yellow thing"])
    response = world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    world.set_parameter("scene_clip", "boxes.min_score", 0.625)

    infos = world.inbox(LabelInfo, "scene_clip/label_info", qos=LATCHED_QOS)
    (info,) = infos.wait_count(1)

    assert response.success, response.message
    assert [(it.class_id, it.class_name) for it in info.class_map] == [
        (0, "child"),
        (1, "vehicle"),
        (2, "truck"),
    ]
    assert info.threshold == 0.625


@pytest.mark.usefixtures("_node")
@pytest.mark.skipif(
    not hasattr(TopicEndpointInfo, "topic_type_hash"), reason="ROS 2 Humble has no type hashes"
)
def test_types_are_those_of_vision_msgs_to_the_hash(world: RosWorld) -> None:
    topics = {name: f"/front/scene_clip/{name}" for name in HASHES}
    topics["label_info"] = "/scene_clip/label_info"

    for name, topic in topics.items():
        world.wait_until(lambda topic=topic: world.node.count_publishers(topic), topic)
        (publisher,) = world.node.get_publishers_info_by_topic(topic)
        assert str(publisher.topic_type_hash) == HASHES[name]
