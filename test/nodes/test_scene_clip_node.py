"""The node under real DDS, with a model that knows colours."""

from __future__ import annotations

import array
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from feeds import Feed
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from ros_world import RosWorld
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import parse_vocabulary
from scene_clip_ros.msg import FrameEmbedding, SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.srv import SetEnabled, SetVocabulary

RED, GREEN, BLUE = (230, 20, 20), (20, 230, 20), (20, 20, 230)

VOCABULARY = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {red: [red], green: [green], blue: [blue]}}
hazards:
  fire:
    phrasings: [red]
    contrasts: [blue, green]
"""


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    return str(path)


@pytest.fixture
def node(world: RosWorld, vocabulary: str) -> SceneClipNode:
    return world.scene_clip(vocabulary=vocabulary, diagnostics__period_s=0.2, labels__dwell_s=0.0)


def header(sec: int, nanosec: int = 0, *, frame_id: str = "front_optical") -> Header:
    return Header(stamp=Time(sec=sec, nanosec=nanosec), frame_id=frame_id)


def image(
    rgb: tuple[int, int, int],
    at: Header,
    *,
    encoding: str = "rgb8",
    size_wh: tuple[int, int] = (32, 24),
) -> Image:
    width, height = size_wh
    pixel = bytes(rgb) if encoding == "rgb8" else bytes(reversed(rgb))
    data = array.array("B", pixel * (width * height))
    return Image(
        header=at, width=width, height=height, encoding=encoding, step=3 * width, data=data
    )


def jpeg(rgb: tuple[int, int, int], at: Header) -> CompressedImage:
    picture = np.full((24, 32, 3), rgb[::-1], np.uint8)
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    return CompressedImage(header=at, format="jpeg", data=array.array("B", data))


def truncated(message: Image) -> Image:
    message.data = message.data[:100]
    return message


def label_of(message: SceneLabels) -> str:
    (colour,) = message.attributes
    return colour.label


def stamp_of(message: Any) -> float:
    stamp = message.header.stamp
    return stamp.sec + stamp.nanosec / 1e9


def at_second(sec: int) -> Any:
    return lambda message: message.header.stamp.sec == sec


@pytest.mark.usefixtures("node")
def test_labels_carry_the_header_of_their_image_untouched(world: RosWorld) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")

    camera.publish(image(GREEN, header(1234, 987_654_321, frame_id="any frame")))

    (message,) = labels.wait_count(1)
    assert message.header == header(1234, 987_654_321, frame_id="any frame")
    assert message.model_id == "fake-32"
    (colour,) = message.attributes
    assert (colour.name, colour.label) == ("colour", "green")
    assert [score.label for score in colour.scores] == ["red", "green", "blue"]
    assert sum(score.probability for score in colour.scores) == pytest.approx(1.0)
    assert colour.since == Time(sec=1234, nanosec=987_654_321)
    (fire,) = message.hazards
    assert not fire.active


def test_cameras_of_different_encodings_and_sizes_keep_their_own_headers(
    world: RosWorld, vocabulary: str
) -> None:
    world.scene_clip(
        vocabulary=vocabulary, cameras=["left", "right"], camera_topics=["a/image", "b/image"]
    )
    left = world.inbox(SceneLabels, "left/scene_clip/labels")
    right = world.inbox(SceneLabels, "right/scene_clip/labels")
    cameras = world.publisher(Image, "a/image"), world.publisher(Image, "b/image")

    cameras[0].publish(image(RED, header(1, frame_id="l"), size_wh=(64, 48)))
    cameras[1].publish(image(BLUE, header(2, frame_id="r"), encoding="bgr8"))

    (of_left,), (of_right,) = left.wait_count(1), right.wait_count(1)
    assert (label_of(of_left), of_left.header) == ("red", header(1, frame_id="l"))
    assert (label_of(of_right), of_right.header) == ("blue", header(2, frame_id="r"))


def test_compressed_images_are_labelled(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(vocabulary=vocabulary, transport="compressed")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(CompressedImage, "front/image/compressed")

    camera.publish(jpeg(BLUE, header(5)))

    (message,) = labels.wait_count(1)
    assert (label_of(message), message.header) == ("blue", header(5))


def test_a_raw_and_a_compressed_camera_work_side_by_side(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(
        vocabulary=vocabulary, cameras=["a", "b"], camera_topics=["a/image", "b/image/compressed"]
    )
    raw = world.inbox(SceneLabels, "a/scene_clip/labels")
    compressed = world.inbox(SceneLabels, "b/scene_clip/labels")

    world.publisher(Image, "a/image").publish(image(RED, header(1)))
    world.publisher(CompressedImage, "b/image/compressed").publish(jpeg(GREEN, header(2)))

    assert label_of(raw.wait_count(1)[0]) == "red"
    assert label_of(compressed.wait_count(1)[0]) == "green"


@pytest.mark.parametrize(
    "malformed",
    [
        pytest.param(truncated(image(RED, header(1))), id="short data"),
        pytest.param(image(RED, header(1), encoding="polaroid"), id="unknown encoding"),
        pytest.param(Image(header=header(1), encoding="rgb8"), id="no pixels"),
    ],
)
@pytest.mark.usefixtures("node")
def test_malformed_image_is_counted_and_the_next_good_one_labelled(
    world: RosWorld, malformed: Image
) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    camera = world.publisher(Image, "front/image")

    camera.publish(malformed)
    report = reports.wait_for(lambda it: values_of(it, "camera front")["failed"] == "1", "a count")
    camera.publish(image(GREEN, header(2)))

    assert values_of(report, "camera front")["last error"]
    assert status_of(report, "camera front").level == DiagnosticStatus.ERROR
    assert label_of(labels.wait_for(at_second(2), "the label of the good image")) == "green"
    assert len(labels.messages) == 1


@pytest.mark.usefixtures("node")
def test_diagnostics_tell_model_rates_and_latencies(world: RosWorld) -> None:
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    silent = reports.wait_count(1)[0]
    world.publisher(Image, "front/image").publish(image(RED, header(1)))
    report = reports.wait_for(lambda it: values_of(it, "camera front")["processed"] == "1", "it")

    assert status_of(silent, "camera front").message == "no frame received yet"
    assert status_of(silent, "camera front").level == DiagnosticStatus.ERROR
    engine = values_of(report, "engine")
    assert (engine["model"], engine["backend"]) == ("fake-32", "fake")
    assert float(engine["total p95 (ms)"]) > 0
    assert float(engine["memory (MB)"]) > 1
    assert float(values_of(report, "camera front")["age of last frame (s)"]) >= 0


@pytest.mark.usefixtures("node")
def test_a_changed_attribute_is_labelled_at_once_and_survives_switching_off(
    world: RosWorld,
) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")
    request = SetVocabulary.Request(attribute="colour", labels=["yellow", "white"])

    response = world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    switch(world, "labels", enabled=False)
    switch(world, "labels", enabled=True)
    camera.publish(image((240, 240, 10), header(3)))

    assert response.success, response.message
    assert "yellow" in response.vocabulary
    assert label_of(labels.wait_for(at_second(3), "a label")) == "yellow"


@pytest.mark.usefixtures("node")
def test_a_whole_vocabulary_is_swapped_in(world: RosWorld) -> None:
    text = "attributes: {tone: {labels: {dark: [black], bright: [white]}}}"

    response = world.call(
        SetVocabulary, "scene_clip/set_vocabulary", SetVocabulary.Request(vocabulary=text)
    )

    assert response.success, response.message
    assert [spec.name for spec in parse_vocabulary(response.vocabulary, source="").attributes] == [
        "tone"
    ]


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        pytest.param({"vocabulary": "attributes: 7"}, "expected", id="malformed text"),
        pytest.param({"attribute": "colour", "labels": ["red"]}, "two or more", id="one label"),
        pytest.param({"attribute": "shape"}, "shape", id="remove what is not there"),
        pytest.param({"attribute": "a", "query": "b"}, "expected one of", id="two entries"),
        pytest.param({}, "got none of them", id="nothing"),
    ],
)
@pytest.mark.usefixtures("node")
def test_a_wrong_vocabulary_is_refused_and_the_old_one_stays(
    world: RosWorld, request_fields: dict[str, Any], reason: str
) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")

    response = world.call(
        SetVocabulary, "scene_clip/set_vocabulary", SetVocabulary.Request(**request_fields)
    )
    camera.publish(image(RED, header(4)))

    assert not response.success
    assert reason in response.message
    assert "\n" not in response.message
    assert label_of(labels.wait_for(at_second(4), "a label")) == "red"


@pytest.mark.usefixtures("node")
def test_labels_that_are_switched_off_are_empty_until_switched_on(world: RosWorld) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")

    switch(world, "labels", enabled=False)
    camera.publish(image(RED, header(1)))
    off = labels.wait_for(at_second(1), "an empty message")
    switch(world, "labels", enabled=True)
    camera.publish(image(RED, header(2)))

    assert (off.attributes, off.hazards) == ([], [])
    assert label_of(labels.wait_for(at_second(2), "a label")) == "red"


def test_each_function_publishes_at_its_own_rate(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(vocabulary=vocabulary, labels__max_rate_hz=2.0, embedding__max_rate_hz=1.0)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    embeddings = world.inbox(FrameEmbedding, "front/scene_clip/embedding")
    boxes = world.inbox(ScoredBoxes, "front/scene_clip/boxes")
    camera = world.publisher(Image, "front/image")

    for tenth in range(11):
        camera.publish(
            image(RED, header(1, tenth * 10**8)) if tenth < 10 else image(RED, header(2))
        )
        boxes.wait_count(tenth + 1)

    embeddings.wait_for(at_second(2), "an embedding")
    assert [stamp_of(message) for message in labels.messages] == [1.0, 1.5, 2.0]
    assert [stamp_of(message) for message in embeddings.messages] == [1.0, 2.0]


def test_frames_that_no_function_gets_are_skipped_until_the_rates_are_lifted(
    world: RosWorld, vocabulary: str
) -> None:
    slow = {f"{name}__max_rate_hz": 0.5 for name in ("labels", "embedding", "boxes", "memory")}
    world.scene_clip(vocabulary=vocabulary, diagnostics__period_s=0.1, **slow)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    camera = world.publisher(Image, "front/image")

    camera.publish(image(RED, header(1)))
    labels.wait_count(1)
    camera.publish(truncated(image(RED, header(2))))
    report = reports.wait_for(lambda it: values_of(it, "camera front")["skipped"] == "1", "a skip")
    lifted = set_parameter(world, "labels.max_rate_hz", 0.0)
    camera.publish(image(BLUE, header(2, 500)))
    labels.wait_count(2)

    assert lifted.successful, lifted.reason
    front = values_of(report, "camera front")
    assert (front["processed"], front["failed"], front["last error"]) == ("1", "0", "")
    assert [stamp_of(message) for message in labels.messages] == [1.0, 2.0000005]


def test_the_overlay_is_drawn_of_frames_with_boxes_and_shows_the_labels_held_last(
    world: RosWorld, vocabulary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[FrameResult] = []

    def draw(rgb: ImageArray, result: FrameResult, *_: object, **__: object) -> ImageArray:
        drawn.append(result)
        return rgb

    monkeypatch.setattr("scene_clip_ros.nodes.overlay_output.draw_overlay", draw)
    world.scene_clip(
        vocabulary=vocabulary,
        boxes__max_rate_hz=1.0,
        labels__max_rate_hz=0.5,
        overlay__max_rate_hz=0.0,
    )
    overlays = world.inbox(Image, "front/scene_clip/overlay")
    embeddings = world.inbox(FrameEmbedding, "front/scene_clip/embedding")
    camera = world.publisher(Image, "front/image")

    for number, half_s in enumerate(range(2, 5)):
        camera.publish(image(GREEN, header(half_s // 2, half_s % 2 * 5 * 10**8)))
        embeddings.wait_count(number + 1)

    overlays.wait_count(2)
    assert [stamp_of(message) for message in overlays.messages] == [1.0, 2.0]
    assert [result.attributes[0].label for result in drawn] == ["green", "green"]


@pytest.mark.usefixtures("node")
def test_an_unknown_function_cannot_be_switched(world: RosWorld) -> None:
    request = SetEnabled.Request(function="teleport", enabled=True)

    response = world.call(SetEnabled, "scene_clip/set_enabled", request)

    assert not response.success
    assert response.message == (
        "function: expected one of labels, embedding, boxes, memory, questions, masks, alert, "
        "overlay, similarity, got 'teleport'"
    )


@pytest.mark.usefixtures("node")
def test_overlay_has_the_size_of_the_image_and_its_header(world: RosWorld) -> None:
    overlays = world.inbox(Image, "front/scene_clip/overlay")
    camera = world.publisher(Image, "front/image")

    camera.publish(image(GREEN, header(9), size_wh=(320, 240)))

    (overlay,) = overlays.wait_count(1)
    assert (overlay.width, overlay.height, overlay.encoding) == (320, 240, "rgb8")
    assert overlay.header == header(9)
    assert bytes(overlay.data) != bytes(GREEN) * (320 * 240)


def test_overlay_is_not_drawn_for_nobody(
    world: RosWorld, node: SceneClipNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr("scene_clip_ros.nodes.overlay_output.draw_overlay", drawn.append)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")

    world.publisher(Image, "front/image").publish(image(GREEN, header(1)))
    labels.wait_count(1)

    assert node.count_subscribers("front/scene_clip/overlay") == 0
    assert drawn == []


@pytest.mark.usefixtures("node")
def test_embedding_is_a_unit_vector_under_the_header_of_its_image(world: RosWorld) -> None:
    embeddings = world.inbox(FrameEmbedding, "front/scene_clip/embedding")

    world.publisher(Image, "front/image").publish(image(GREEN, header(8)))

    (message,) = embeddings.wait_count(1)
    assert (message.header, message.model_id, len(message.embedding)) == (header(8), "fake-32", 32)
    assert np.linalg.norm(message.embedding) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("labels.tau_s", -1.0, "out of range", id="out of range"),
        pytest.param("hazards.off_probability", 0.9, "hazard_on_probability", id="contradiction"),
        pytest.param("vocabulary", "/no/such/file", "/no/such/file", id="missing file"),
        pytest.param("model", "ViT-B-32", "read-only", id="read-only"),
        pytest.param("labels.tau_s", "slow", "type", id="wrong type"),
    ],
)
@pytest.mark.usefixtures("node")
def test_a_wrong_parameter_is_refused_with_the_reason(
    world: RosWorld, name: str, value: object, reason: str
) -> None:
    result = set_parameter(world, name, value)

    assert not result.successful
    assert reason in result.reason


@pytest.mark.usefixtures("node")
def test_another_vocabulary_file_takes_effect_while_running(
    world: RosWorld, tmp_path: Path
) -> None:
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = Feed(world, Image, "front/image", make=lambda ns: image(GREEN, header(ns // 10**9)))
    path = tmp_path / "other.yaml"
    path.write_text("attributes: {tone: {labels: {dark: [black], glaring: [green]}}}")
    labels.wait_for(lambda message: label_of(message) == "green", "a label")

    result = set_parameter(world, "vocabulary", str(path))

    assert result.successful, result.reason
    labels.wait_for(lambda message: label_of(message) == "glaring", "a label of the new vocabulary")
    camera.stop()


def test_stamps_that_jump_back_start_the_camera_anew(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(vocabulary=vocabulary, labels__tau_s=30.0, labels__dwell_s=30.0)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")

    camera.publish(image(RED, header(100)))
    labels.wait_for(at_second(100), "a label")
    camera.publish(image(BLUE, header(50)))
    message = labels.wait_for(at_second(50), "a label after the jump")

    assert label_of(message) == "blue"
    assert message.attributes[0].since == Time(sec=50)


def test_a_clock_that_jumps_back_starts_every_camera_anew(world: RosWorld, vocabulary: str) -> None:
    node = world.scene_clip(
        vocabulary=vocabulary, labels__tau_s=30.0, labels__dwell_s=30.0, use_sim_time=True
    )
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = world.publisher(Image, "front/image")
    clock = world.publisher(Clock, "/clock")

    clock.publish(Clock(clock=Time(sec=100)))
    camera.publish(image(RED, header(100)))
    labels.wait_for(at_second(100), "a label")
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 100 * 10**9, "the clock")
    clock.publish(Clock(clock=Time(sec=50)))
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 50 * 10**9, "the jump")
    camera.publish(image(BLUE, header(101)))

    assert label_of(labels.wait_for(at_second(101), "a label after the jump")) == "blue"


def status_of(report: DiagnosticArray, part: str) -> DiagnosticStatus:
    (status,) = [item for item in report.status if item.name == f"scene_clip: {part}"]
    return status


def values_of(report: DiagnosticArray, part: str) -> dict[str, str]:
    return {item.key: item.value for item in status_of(report, part).values}


def switch(world: RosWorld, function: str, *, enabled: bool) -> None:
    request = SetEnabled.Request(function=function, enabled=enabled)
    response = world.call(SetEnabled, "scene_clip/set_enabled", request)
    assert response.success, response.message


def set_parameter(world: RosWorld, name: str, value: object) -> Any:
    parameter = Parameter(name, value=value).to_parameter_msg()
    request = SetParameters.Request(parameters=[parameter])
    return world.call(SetParameters, "/scene_clip/set_parameters", request).results[0]
