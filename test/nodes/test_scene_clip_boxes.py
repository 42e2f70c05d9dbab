"""Boxes and alerts of the node under real DDS, with models that know colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from feeds import Feed
from image_messages import image_message
from paced_encoder import PacedEncoder
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.msg import PedestrianAlert, SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.parameters import BOXES_ALONE, LABELS_ALONE, SceneClipParameters
from scene_clip_ros.srv import SetEnabled, SetVocabulary

CLEAR, WARNING, STALE = PedestrianAlert.CLEAR, PedestrianAlert.WARNING, PedestrianAlert.STALE
RED, BLUE, YELLOW = (255, 0, 0), (0, 0, 255), (255, 255, 0)

VOCABULARY = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {dark: [black], bright: [white]}}
queries:
  child: [red]
  vehicle: [blue]
"""

QUICK = {
    "alert__stale_after_s": 0.4,
    "alert__persist_s": 0.0,
    "alert__hold_s": 0.1,
    "alert__heartbeat_hz": 50.0,
    "boxes__confirm_hits": 1,
}
"""Settings with which nothing takes long."""

IN_ZONE = (0.5, 0.9)
ASIDE = (0.1, 0.7)
"""Where objects stand: the middle of their bottom edge, as fractions of the picture."""


@dataclass(frozen=True)
class Scene:
    """A black picture with one square object, if any."""

    rgb: tuple[int, int, int] | None = None
    foot: tuple[float, float] = IN_ZONE
    size_wh: tuple[int, int] = (160, 90)

    @property
    def xyxy(self) -> list[int]:
        """The object in pixels."""
        half = round(0.15 * min(self.size_wh))
        u, v = (round(part * side) for part, side in zip(self.foot, self.size_wh, strict=True))
        return [u - half, v - 2 * half, u + half, v]

    def message(self, stamp_ns: int) -> Image:
        width, height = self.size_wh
        pixels = np.zeros((height, width, 3), np.uint8)
        if self.rgb is not None:
            left, top, right, bottom = self.xyxy
            pixels[top:bottom, left:right] = self.rgb
        return image_message(pixels, stamp_ns)


CHILD, CAR, NOBODY = Scene(RED), Scene(BLUE), Scene()


@pytest.fixture
def encoder(world: RosWorld) -> Iterator[PacedEncoder]:  # noqa: ARG001 (freed before it stops)
    encoder = PacedEncoder()
    yield encoder
    encoder.free()


@pytest.fixture
def start(world: RosWorld, tmp_path: Path) -> Callable[..., Any]:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    return partial(world.scene_clip, **QUICK, vocabulary=str(path))


def camera(world: RosWorld, scene: Scene, **options: Any) -> Feed:
    return Feed(world, Image, "front/image", make=scene.message, **options)


def boxes_of(world: RosWorld) -> Inbox:
    return world.inbox(ScoredBoxes, "front/scene_clip/boxes")


def alerts_of(world: RosWorld) -> Inbox:
    return world.inbox(PedestrianAlert, "front/scene_clip/alert")


def at(level: int) -> Callable[[PedestrianAlert], bool]:
    return lambda alert: alert.level == level


def labels_of(message: ScoredBoxes) -> list[str]:
    return [box.label for box in message.boxes]


@pytest.mark.parametrize(
    "size_wh", [(64, 48), (48, 64), (320, 90), (1280, 720)], ids=lambda it: f"{it[0]}x{it[1]}"
)
def test_boxes_are_pixels_of_the_subscribed_image_under_its_header(
    world: RosWorld, start: Callable[..., Any], size_wh: tuple[int, int]
) -> None:
    start()
    boxes, scene = boxes_of(world), Scene(RED, size_wh=size_wh)

    world.publisher(Image, "front/image").publish(scene.message(7_000_000_009))

    (message,) = boxes.wait_count(1)
    (box,) = message.boxes
    assert message.header == scene.message(7_000_000_009).header
    assert (message.width, message.height, message.model_id) == (*size_wh, "fake-32")
    assert (box.label, box.xyxy.tolist()) == ("child", scene.xyxy)
    assert box.track_id >= 0
    assert 0.35 < box.score <= 1
    assert box.objectness == pytest.approx(0.9)


def test_nothing_found_is_published_as_an_empty_list(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    boxes = boxes_of(world)

    world.publisher(Image, "front/image").publish(NOBODY.message(1))

    assert list(boxes.wait_count(1)[0].boxes) == []


def test_an_object_keeps_its_id(world: RosWorld, start: Callable[..., Any]) -> None:
    start()
    boxes = boxes_of(world)
    camera(world, CAR)

    ids = {box.track_id for message in boxes.wait_count(4) for box in message.boxes}

    assert len(ids) == 1


def test_a_child_in_the_zone_is_a_warning_until_it_has_left(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    alerts, feed = alerts_of(world), camera(world, CHILD)

    warning = alerts.wait_for(at(WARNING), "a warning")
    feed.make = Scene(RED, ASIDE).message
    clear = alerts.wait_for_new(at(CLEAR), "the all-clear")

    assert "child in the zone" in warning.reason
    assert warning.header.frame_id == "front_optical"
    assert list(clear.boxes) == []


def test_a_vehicle_in_the_zone_is_no_alert(world: RosWorld, start: Callable[..., Any]) -> None:
    start()
    alerts, boxes = alerts_of(world), boxes_of(world)
    camera(world, CAR)

    boxes.wait_for(lambda it: labels_of(it) == ["vehicle"], "a vehicle")

    assert list(alerts.wait_for(at(CLEAR), "the all-clear").boxes) == []


def test_a_query_set_while_running_holds_from_the_next_frame_on(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    boxes, publisher = boxes_of(world), world.publisher(Image, "front/image")
    umbrella = Scene(YELLOW, ASIDE)
    publisher.publish(umbrella.message(1 * 10**9))
    before = boxes.wait_count(1)[0]

    request = SetVocabulary.Request(query="yellow umbrella", labels=["yellow umbrella"])
    response = world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    publisher.publish(umbrella.message(2 * 10**9))
    after = boxes.wait_count(2)[1]

    assert response.success, response.message
    assert "yellow umbrella" not in labels_of(before)
    assert labels_of(after) == ["yellow umbrella"]


def test_a_query_that_is_removed_is_found_no_more(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    boxes, publisher = boxes_of(world), world.publisher(Image, "front/image")

    request = SetVocabulary.Request(query="child")
    response = world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    publisher.publish(CHILD.message(1))

    assert response.success, response.message
    assert "child" not in labels_of(boxes.wait_count(1)[0])


def test_a_kind_of_person_that_is_added_is_warned_of(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    alerts = alerts_of(world)
    camera(world, CAR)
    alerts.wait_for(at(CLEAR), "the all-clear")

    kinds = VOCABULARY.replace("vehicle: [blue]", "pupil: {is_a: child, phrasings: [blue]}")
    response = world.call(
        SetVocabulary, "scene_clip/set_vocabulary", SetVocabulary.Request(vocabulary=kinds)
    )

    assert response.success, response.message
    assert "pupil in the zone" in alerts.wait_for_new(at(WARNING), "a warning").reason


def test_a_node_that_looks_for_nobody_says_so_and_is_stale(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start(diagnostics__period_s=0.1)
    alerts, reports = alerts_of(world), world.inbox(DiagnosticArray, "/diagnostics")
    camera(world, CAR)
    alerts.wait_for(at(CLEAR), "the all-clear")

    request = SetVocabulary.Request(query="child")
    assert world.call(SetVocabulary, "scene_clip/set_vocabulary", request).success
    alerts.wait_for_new(at(STALE), "a stale alert")
    fault = "no alert can be raised: no query is one of alert.labels"
    reports.wait_for_new(lambda it: fault in status_of(it, "camera front").message, "a warning")

    request = SetVocabulary.Request(query="child", labels=["red"])
    assert world.call(SetVocabulary, "scene_clip/set_vocabulary", request).success
    assert alerts.wait_for_new(at(CLEAR), "the all-clear again")


def test_diagnostics_tell_the_detector(world: RosWorld, start: Callable[..., Any]) -> None:
    start(diagnostics__period_s=0.1)
    (report, *_) = world.inbox(DiagnosticArray, "/diagnostics").wait_count(1)

    engine = {item.key: item.value for item in status_of(report, "engine").values}

    assert engine["detector"] == "fake-proposer"


def test_a_camera_that_stops_is_stale_until_it_goes_on(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    alerts, feed = alerts_of(world), camera(world, CHILD)
    alerts.wait_for(at(WARNING), "a warning")

    feed.stop()
    stale = alerts.wait_for_new(at(STALE), "a stale alert")
    feed.resume()

    assert stale.reason.startswith("no boxes for")
    assert alerts.wait_for_new(at(WARNING), "a warning again")


def test_a_model_that_hangs_is_stale_until_it_goes_on(
    world: RosWorld, start: Callable[..., Any], encoder: PacedEncoder
) -> None:
    start(encoder)
    alerts = alerts_of(world)
    camera(world, CHILD)
    alerts.wait_for(at(WARNING), "a warning")

    encoder.hold()
    stale = alerts.wait_for_new(at(STALE), "a stale alert")
    encoder.free()

    assert stale.reason.startswith("no boxes for")
    assert alerts.wait_for_new(at(WARNING), "a warning again")


def test_a_model_slower_than_the_watchdog_is_stale_until_it_is_fast_enough(
    world: RosWorld, start: Callable[..., Any], encoder: PacedEncoder
) -> None:
    off = {f"{function}__enabled": False for function in ("labels", "embedding", "memory")}
    start(encoder, **off, alert__stale_after_s=0.2)
    alerts, every_alert, boxes = alerts_of(world), alerts_of(world), boxes_of(world)
    encoder.hold()
    camera(world, CHILD)

    for count in range(1, 4):
        encoder.permit_one()
        boxes.wait_count(count)
        alerts.wait_for_new(lambda alert: alert.reason.startswith("no boxes for"), "silence")
    while_slow = {alert.level for alert in every_alert.messages}
    encoder.free()

    assert while_slow == {STALE}
    assert alerts.wait_for_new(at(WARNING), "a warning")


def test_boxes_that_are_switched_off_are_silent_and_make_the_alert_stale(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    alerts, boxes = alerts_of(world), boxes_of(world)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    camera(world, NOBODY)
    alerts.wait_for(at(CLEAR), "the all-clear")

    switch(world, "boxes", enabled=False)
    stale = alerts.wait_for_new(at(STALE), "a stale alert")
    boxes.wait_for_silence(lambda: labels.wait_new_count(3))
    switch(world, "boxes", enabled=True)

    assert stale.reason.startswith("no boxes for")
    assert alerts.wait_for_new(at(CLEAR), "the all-clear again")


def test_alerts_can_be_switched_off_and_on(world: RosWorld, start: Callable[..., Any]) -> None:
    start()
    alerts, boxes = alerts_of(world), boxes_of(world)
    camera(world, NOBODY)
    alerts.wait_for(at(CLEAR), "the all-clear")

    switch(world, "alert", enabled=False)
    alerts.wait_for_silence(lambda: boxes.wait_new_count(3))
    switch(world, "alert", enabled=True)

    assert alerts.wait_for_new(at(CLEAR), "the all-clear again")


def test_boxes_cannot_be_switched_on_without_a_detector(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start(boxes__enabled=False)
    alerts = alerts_of(world)

    response = world.call(
        SetEnabled, "scene_clip/set_enabled", SetEnabled.Request(function="boxes", enabled=True)
    )

    assert not response.success
    assert "expected true at start-up" in response.message
    assert alerts.wait_count(1)[0].level == STALE


def test_other_box_settings_hold_from_the_next_frame_on(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start()
    boxes = boxes_of(world)
    camera(world, CHILD)
    boxes.wait_for(lambda it: labels_of(it) == ["child"], "a child")

    outcome = world.set_parameter("scene_clip", "boxes.min_score", 1.0)

    assert outcome.successful, outcome.reason
    assert boxes.wait_for_new(lambda it: not it.boxes, "nothing good enough")


def test_diagnostics_tell_the_alert_of_a_camera(world: RosWorld, start: Callable[..., Any]) -> None:
    start(diagnostics__period_s=0.1)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    camera(world, CHILD)

    report = reports.wait_for(lambda it: values_of(it).get("alert") == "WARNING", "the alert")

    assert "child in the zone" in values_of(report)["alert reason"]


def test_the_overlay_shows_boxes_and_alert(world: RosWorld, start: Callable[..., Any]) -> None:
    start()
    overlays = world.inbox(Image, "front/scene_clip/overlay")
    alerts = alerts_of(world)
    camera(world, Scene(RED, size_wh=(320, 180)))
    alerts.wait_for(at(WARNING), "a warning")

    (first, *_) = overlays.wait_count(1)

    plain = np.frombuffer(Scene(RED, size_wh=(320, 180)).message(0).data, np.uint8)
    assert (first.width, first.height) == (320, 180)
    assert np.mean(np.frombuffer(first.data, np.uint8) != plain) > 0.01


def test_executables_of_one_function_leave_the_topics_of_the_others_alone() -> None:
    def switched(values: SceneClipParameters) -> tuple[bool, bool, bool]:
        return values.labels.enabled, values.boxes.enabled, values.alert.enabled

    assert switched(LABELS_ALONE) == (True, False, False)
    assert switched(BOXES_ALONE) == (False, True, False)


def test_labels_that_were_never_on_are_not_advertised(
    world: RosWorld, start: Callable[..., Any]
) -> None:
    start(labels__enabled=False)
    boxes, publisher = boxes_of(world), world.publisher(Image, "front/image")

    publisher.publish(NOBODY.message(1))
    boxes.wait_count(1)
    before = world.node.count_publishers("front/scene_clip/labels")
    switch(world, "labels", enabled=True)
    publisher.publish(NOBODY.message(2))

    assert before == 0
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    publisher.publish(NOBODY.message(3))
    assert labels.wait_count(1)[0].attributes[0].label == "dark"


def switch(world: RosWorld, function: str, *, enabled: bool) -> None:
    request = SetEnabled.Request(function=function, enabled=enabled)
    response = world.call(SetEnabled, "scene_clip/set_enabled", request)
    assert response.success, response.message


def values_of(report: DiagnosticArray) -> dict[str, str]:
    return {item.key: item.value for item in status_of(report, "camera front").values}


def status_of(report: DiagnosticArray, part: str) -> DiagnosticStatus:
    (status,) = [item for item in report.status if item.name.endswith(part)]
    return status


def test_boxes_are_lowered_to_keep_a_budget_and_diagnostics_say_so(
    world: RosWorld, start: Any
) -> None:
    start(latency_budget_s=1e-6, boxes__min_rate_hz=4.0, diagnostics__period_s=0.1)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    labels, boxes = world.inbox(SceneLabels, "front/scene_clip/labels"), boxes_of(world)
    camera(world, CHILD)

    over = "over the budget of 0.00 s with boxes at their least rate"
    report = reports.wait_for(lambda it: over in engine_of(it).message, over)
    lowered = {pair.key: pair.value for pair in engine_of(report).values}
    labelled = labels.wait_new_count(20)
    first, last = (each.header.stamp for each in (labelled[0], labelled[19]))
    while_lowered = [m for m in boxes.messages if is_between(m, first, last)]
    result = world.set_parameter("scene_clip", "latency_budget_s", 0.0)
    reports.wait_for_new(lambda it: engine_of(it).message == "running", "no budget")

    assert engine_of(report).level == DiagnosticStatus.WARN
    assert lowered["boxes lowered to (Hz)"] == "4.00"
    assert 2 <= len(while_lowered) <= 6
    assert result.successful, result.reason


def engine_of(report: DiagnosticArray) -> DiagnosticStatus:
    return next(status for status in report.status if status.name.endswith(": engine"))


def is_between(message: ScoredBoxes, first: Time, last: Time) -> bool:
    stamp = (message.header.stamp.sec, message.header.stamp.nanosec)
    return (first.sec, first.nanosec) <= stamp <= (last.sec, last.nanosec)
