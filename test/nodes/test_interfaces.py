"""Every message and service is generated, documented and survives a trip over DDS."""

from __future__ import annotations

import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Header

import scene_clip_ros.msg
import scene_clip_ros.srv
from scene_clip_ros.msg import (
    AttributeLabel,
    FrameEmbedding,
    Hazard,
    LabelMap,
    LabelScore,
    NormalizedPoint,
    PedestrianAlert,
    SceneLabels,
    ScoredBox,
    ScoredBoxes,
)
from scene_clip_ros.srv import Ask, QueryFrames, Segment, SetEnabled, SetVocabulary

HEADER = Header(stamp=Time(sec=1_700_000_000, nanosec=123_456_789), frame_id="front_optical")
SINCE = Time(sec=1_699_999_990, nanosec=5)
RELIABLE = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


def make_labels() -> SceneLabels:
    rain = LabelScore(label="rain", probability=0.75, cosine=0.25)
    clear = LabelScore(label="clear", probability=0.25, cosine=-0.125)
    weather = AttributeLabel(
        name="weather",
        label="rain",
        probability=0.75,
        cosine=0.25,
        since=SINCE,
        scores=[rain, clear],
    )
    person = Hazard(name="person_on_road", active=True, probability=0.5, cosine=0.25, since=SINCE)
    return SceneLabels(header=HEADER, attributes=[weather], hazards=[person], model_id="tiny")


def make_box() -> ScoredBox:
    corners = np.array([0.5, 1.0, 1919.5, 1080.0], np.float32)
    return ScoredBox(label="baby", score=0.5, objectness=0.75, xyxy=corners, track_id=3)


def make_alert() -> PedestrianAlert:
    return PedestrianAlert(
        header=HEADER,
        level=PedestrianAlert.WARNING,
        reason="baby in the zone",
        boxes=[make_box()],
        zone=[NormalizedPoint(x=0.25, y=1.0), NormalizedPoint(x=0.5, y=0.5)],
        time_to_contact_s=1.5,
        since=SINCE,
    )


def make_embedding() -> FrameEmbedding:
    values = array.array("f", np.linspace(-1, 1, 512, dtype=np.float32))
    return FrameEmbedding(header=HEADER, model_id="tiny", embedding=values)


MESSAGES: dict[str, Callable[[], Any]] = {
    "labels": make_labels,
    "boxes": lambda: ScoredBoxes(header=HEADER, boxes=[make_box(), make_box()], model_id="tiny"),
    "no boxes": lambda: ScoredBoxes(header=HEADER),
    "alert": make_alert,
    "embedding": make_embedding,
    "label map": lambda: LabelMap(header=HEADER, labels=["background", "road"]),
}


@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES.keys())
def test_message_arrives_unchanged_over_dds(graph: Any, make: Callable[[], Any]) -> None:
    sent = make()
    received: list[Any] = []
    listener = graph.create_node("listener")
    listener.create_subscription(type(sent), "topic", received.append, RELIABLE)
    graph.create_node("talker").create_publisher(type(sent), "topic", RELIABLE).publish(sent)

    graph.spin_until(lambda: received, what="the message")

    assert received == [sent]


def test_full_hd_image_arrives_whole_with_best_effort(graph: Any) -> None:
    pixels = np.arange(1920 * 1080 * 3, dtype=np.uint32).astype(np.uint8)
    image = Image(header=HEADER, height=1080, width=1920, encoding="rgb8", step=5760)
    image.data = array.array("B", pixels.tobytes())
    received: list[Image] = []
    listener = graph.create_node("listener")
    listener.create_subscription(Image, "image", received.append, qos_profile_sensor_data)
    publisher = graph.create_node("camera").create_publisher(Image, "image", BEST_EFFORT)
    graph.spin_until(publisher.get_subscription_count, what="the subscription")

    publisher.publish(image)
    graph.spin_until(lambda: received, what="the image")

    assert received[0].header == HEADER
    assert np.array_equal(np.frombuffer(received[0].data, np.uint8), pixels)


SERVICES: dict[str, tuple[Any, Any, Any]] = {
    "query_frames": (
        QueryFrames,
        QueryFrames.Request(text="a red truck", window_s=60.0, cameras=["front"]),
        QueryFrames.Response(success=True, searched=1800, mean=0.25, deviation=0.125),
    ),
    "ask": (
        Ask,
        Ask.Request(question="Is it raining?"),
        Ask.Response(success=True, answered=False, answer="cannot tell", kind="language"),
    ),
    "segment": (
        Segment,
        Segment.Request(texts=["a puddle"], camera="front"),
        Segment.Response(success=True, label_map=LabelMap(labels=["background", "a puddle"])),
    ),
    "set_vocabulary": (
        SetVocabulary,
        SetVocabulary.Request(attribute="weather", labels=["clear", "rain"]),
        SetVocabulary.Response(success=False, message="expected two labels, got one"),
    ),
    "set_enabled": (
        SetEnabled,
        SetEnabled.Request(function="labels", enabled=False),
        SetEnabled.Response(success=True),
    ),
}


@pytest.mark.parametrize(
    ("service", "request_", "response"), SERVICES.values(), ids=SERVICES.keys()
)
def test_service_carries_request_and_response(
    graph: Any, service: Any, request_: Any, response: Any
) -> None:
    requests: list[Any] = []

    def answer(request: Any, _: Any) -> Any:
        requests.append(request)
        return response

    graph.create_node("server").create_service(service, "service", answer)
    client = graph.create_node("client").create_client(service, "service")

    assert graph.call(client, request_) == response
    assert requests == [request_]


def test_a_new_query_searches_everything_and_returns_ten_frames() -> None:
    request = QueryFrames.Request()

    assert (request.top_k, request.window_s, list(request.cameras)) == (10, 0.0, [])
    assert request.min_score == -1.0


def test_alert_levels_grow_with_the_care_they_ask_for() -> None:
    alert = PedestrianAlert

    assert alert.CLEAR < alert.CAUTION < alert.WARNING < alert.STALE


def test_a_field_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(AssertionError, match="must be a sub message of type 'Header'"):
        SceneLabels(header="front")


def test_every_definition_is_generated(repository: Path) -> None:
    generated = {
        "msg": {name for name in dir(scene_clip_ros.msg) if name[0].isupper()},
        "srv": {name.split("_")[0] for name in dir(scene_clip_ros.srv) if name[0].isupper()},
    }

    for kind, names in generated.items():
        assert names == {path.stem for path in (repository / kind).glob(f"*.{kind}")}


def test_domains_of_two_tests_do_not_hear_each_other(graph: Any) -> None:
    import rclpy
    from domain_coordinator import domain_id
    from rclpy.context import Context

    other = Context()
    with domain_id() as number:
        rclpy.init(args=[], context=other, domain_id=number)
        try:
            assert other.get_domain_id() != graph.context.get_domain_id()
        finally:
            other.try_shutdown()
