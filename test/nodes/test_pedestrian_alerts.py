"""The node that judges boxes, under real DDS, fed by a detector of the test."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from box_messages import FAR_ASIDE, IN_ZONE, BoxFeed, boxes_at, person
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from ros_world import Inbox, RosWorld, overrides
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo

from scene_clip_ros.core.zone import DEFAULT_ZONE, Corridor, PinholeCamera
from scene_clip_ros.msg import PedestrianAlert, ScoredBoxes
from scene_clip_ros.nodes.pedestrian_alerts import PedestrianAlertsNode

CLEAR, WARNING, STALE = PedestrianAlert.CLEAR, PedestrianAlert.WARNING, PedestrianAlert.STALE

QUICK = {
    "alert__stale_after_s": 0.4,
    "alert__persist_s": 0.1,
    "alert__hold_s": 0.2,
    "alert__heartbeat_hz": 50.0,
    "diagnostics__period_s": 0.1,
}
"""Settings with which nothing takes long."""

BOXES = "front/scene_clip/boxes"


def start(world: RosWorld, **parameters: Any) -> PedestrianAlertsNode:
    given = overrides(**{**QUICK, **parameters})
    return world.add(PedestrianAlertsNode(context=world.context, parameter_overrides=given))


def alerts_of(world: RosWorld, camera: str = "front") -> Inbox:
    return world.inbox(PedestrianAlert, f"{camera}/scene_clip/alert")


def at(level: int) -> Callable[[PedestrianAlert], bool]:
    return lambda alert: alert.level == level


def corners(alert: PedestrianAlert) -> list[tuple[float, float]]:
    return [(point.x, point.y) for point in alert.zone]


def calibration(*, focal_px: float, centre_y: float = 360.0) -> CameraInfo:
    k = [focal_px, 0.0, 640.0, 0.0, focal_px, centre_y, 0.0, 0.0, 1.0]
    return CameraInfo(width=1280, height=720, k=k)


def test_a_child_in_the_zone_is_a_warning_until_it_has_left(world: RosWorld) -> None:
    start(world)
    alerts, feed = alerts_of(world), BoxFeed(world)

    feed.show(person(IN_ZONE, track_id=4))
    warning = alerts.wait_for(at(WARNING), "a warning")
    feed.show(person(FAR_ASIDE, track_id=4))
    clear = alerts.wait_for_new(at(CLEAR), "the all-clear")

    assert "child in the zone" in warning.reason
    (box,) = warning.boxes
    assert (box.label, box.track_id, box.xyxy.tolist()) == ("child", 4, list(IN_ZONE))
    assert warning.header in [sent.header for sent in feed.sent]
    assert warning.since.sec >= 100
    assert (list(clear.boxes), clear.reason) == ([], "nobody in or near the zone")
    assert math.isnan(clear.time_to_contact_s)


def test_silence_is_stale_and_ends_by_itself(world: RosWorld) -> None:
    start(world)
    alerts, feed = alerts_of(world), BoxFeed(world)

    feed.show(person(IN_ZONE))
    alerts.wait_for(at(WARNING), "a warning")
    feed.stop()
    stale = alerts.wait_for_new(at(STALE), "a stale alert")
    feed.show(person(IN_ZONE))
    again = alerts.wait_for_new(at(WARNING), "a warning again")

    assert stale.reason.startswith("no boxes for")
    assert list(stale.boxes) == []
    assert stale.header in [sent.header for sent in feed.sent]
    assert again.header.frame_id == "front_optical"


def test_the_heart_beats_before_the_first_boxes(world: RosWorld) -> None:
    start(world)
    beats = alerts_of(world).wait_count(3)

    assert {beat.level for beat in beats} == {STALE}
    assert {beat.reason for beat in beats} == {"no boxes yet"}
    assert beats[0].header.stamp == Time()


def test_the_heart_keeps_beating_under_the_newest_header_when_boxes_stop(world: RosWorld) -> None:
    start(world)
    alerts, feed = alerts_of(world), BoxFeed(world)
    feed.show()
    alerts.wait_for(at(CLEAR), "boxes that are judged")

    feed.stop()
    newest = feed.sent[-1].header
    alerts.wait_for(lambda alert: alert.header == newest, "the newest boxes")
    alerts.messages.clear()
    beats = alerts.wait_count(5)

    assert all(beat.header == newest for beat in beats)


def test_boxes_that_come_slower_than_the_watchdog_never_look_fresh(world: RosWorld) -> None:
    start(world, alert__stale_after_s=0.1)
    alerts, feed = alerts_of(world), BoxFeed(world, period_s=0.2)

    feed.show(person(IN_ZONE))
    alerts.wait_for(lambda alert: alert.header.stamp == Time(sec=100, nanosec=800_000_000), "five")

    assert {alert.level for alert in alerts.messages} == {STALE}
    assert any("boxes come every" in alert.reason for alert in alerts.messages)


def test_cameras_are_judged_apart(world: RosWorld) -> None:
    start(world, cameras=["front", "rear/left"])
    front, rear = alerts_of(world), alerts_of(world, "rear/left")

    BoxFeed(world, "rear/left").show(person(IN_ZONE, "wheelchair user"))
    warning = rear.wait_for(at(WARNING), "a warning behind")

    assert "wheelchair user" in warning.reason
    assert {alert.level for alert in front.messages} == {STALE}


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        pytest.param(boxes_at(1, person((1, math.nan, 2, 3))), "nan", id="nan"),
        pytest.param(boxes_at(1, person((5, 5, 5, 9))), "left < right", id="no width"),
        pytest.param(ScoredBoxes(), "size of the picture", id="empty message"),
    ],
)
def test_malformed_boxes_are_counted_and_the_next_ones_judged(
    world: RosWorld, broken: ScoredBoxes, error: str
) -> None:
    start(world)
    alerts, reports = alerts_of(world), world.inbox(DiagnosticArray, "/diagnostics")
    feed = BoxFeed(world)
    feed.stop()

    world.publisher(ScoredBoxes, BOXES).publish(broken)
    report = reports.wait_for(lambda it: values_of(it)["failed"] == "1", "the failure counted")
    feed.show(person(IN_ZONE))

    assert error in values_of(report)["last error"]
    assert alerts.wait_for(at(WARNING), "a warning").header.stamp.sec == 100


def test_diagnostics_tell_rate_age_and_alert(world: RosWorld) -> None:
    start(world)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    silent = reports.wait_count(1)[0]

    BoxFeed(world).show(person(IN_ZONE))
    report = reports.wait_for(lambda it: values_of(it)["alert"] == "WARNING", "the alert")

    assert silent.status[0].level == DiagnosticStatus.ERROR
    assert values_of(silent)["alert"] in ("", "STALE")
    assert float(values_of(report)["output rate (Hz)"]) > 0
    assert float(values_of(report)["age of last frame (s)"]) >= 0
    assert "in the zone" in values_of(report)["alert reason"]
    assert [status.name for status in report.status] == [
        "pedestrian_alerts: camera front",
        "pedestrian_alerts: topics",
    ]


def test_the_calibration_of_a_camera_sets_its_zone(world: RosWorld) -> None:
    start(world, alert__camera_info_topics=["calibration"])
    alerts = alerts_of(world)
    before = alerts.wait_count(1)[0]

    world.publisher(CameraInfo, "calibration").publish(calibration(focal_px=900.0))
    expected = Corridor().zone(PinholeCamera((1280, 720), (900.0, 900.0), (640.0, 360.0)))
    after = alerts.wait_for_new(lambda it: corners(it) != corners(before), "another zone")

    assert np.allclose(corners(before), DEFAULT_ZONE.points)
    assert np.allclose(corners(after), expected.points)


@pytest.mark.parametrize(
    ("message", "zone"),
    [
        pytest.param(calibration(focal_px=0.0), (), id="not calibrated"),
        pytest.param(calibration(focal_px=math.nan), (), id="malformed"),
        pytest.param(calibration(focal_px=900.0), (0.0, 1.0, 0.5, 0.5, 1.0, 1.0), id="given zone"),
    ],
)
def test_the_zone_stays_without_a_use_for_the_calibration(
    world: RosWorld, message: CameraInfo, zone: tuple[float, ...]
) -> None:
    start(world, **({"alert__zone": list(zone)} if zone else {}))
    alerts = alerts_of(world)
    before = alerts.wait_count(1)[0]

    world.publisher(CameraInfo, "front/camera_info").publish(message)
    BoxFeed(world).show(person(FAR_ASIDE))  # comes after the calibration
    after = alerts.wait_for(lambda it: it.header.stamp.nanosec >= 200_000_000, "judged boxes")

    assert corners(after) == corners(before)


def test_a_refused_calibration_is_used_once_the_corridor_is_corrected(world: RosWorld) -> None:
    start(world)
    alerts = alerts_of(world)
    refused = calibration(focal_px=900.0, centre_y=900.0)  # the road is below the picture
    world.publisher(CameraInfo, "front/camera_info").publish(refused)
    BoxFeed(world).show(person(FAR_ASIDE))  # comes after the calibration
    before = alerts.wait_for(lambda it: it.header.stamp.nanosec >= 200_000_000, "judged boxes")

    corrected = world.set_parameter("pedestrian_alerts", "alert.corridor.camera_pitch_deg", 30.0)
    after = alerts.wait_for_new(lambda it: corners(it) != corners(before), "another zone")

    camera = PinholeCamera((1280, 720), (900.0, 900.0), (640.0, 900.0))
    assert corrected.successful, corrected.reason
    assert np.allclose(corners(before), DEFAULT_ZONE.points)
    assert np.allclose(corners(after), Corridor(camera_pitch_deg=30.0).zone(camera).points)


def test_a_refused_calibration_survives_switching_alerts_off(world: RosWorld) -> None:
    start(world)
    alerts = alerts_of(world)
    refused = calibration(focal_px=900.0, centre_y=900.0)
    world.publisher(CameraInfo, "front/camera_info").publish(refused)
    feed = BoxFeed(world)
    feed.show(person(FAR_ASIDE))  # comes after the calibration
    alerts.wait_for(lambda it: it.header.stamp.nanosec >= 200_000_000, "judged boxes")

    off = world.set_parameter("pedestrian_alerts", "alert.enabled", False)
    on = world.set_parameter("pedestrian_alerts", "alert.enabled", True)
    again = alerts.wait_for_new(at(CLEAR), "the all-clear")

    assert (off.successful, on.successful) == (True, True)
    assert np.allclose(corners(again), DEFAULT_ZONE.points)


@pytest.mark.parametrize("focal_px", [math.nan, 900.0], ids=["malformed", "out of sight"])
def test_a_useless_calibration_is_named_once_and_not_for_every_picture(
    world: RosWorld, focal_px: float, capfd: pytest.CaptureFixture[str]
) -> None:
    start(world)
    alerts, infos = alerts_of(world), world.publisher(CameraInfo, "front/camera_info")
    for _ in range(5):
        infos.publish(calibration(focal_px=focal_px, centre_y=900.0))
    BoxFeed(world).show(person(FAR_ASIDE))  # comes after the calibrations
    alerts.wait_for(lambda it: it.header.stamp.nanosec >= 200_000_000, "judged boxes")

    assert capfd.readouterr().err.count("calibration not used") == 1


def test_another_zone_holds_from_the_next_boxes_on_and_can_be_taken_back(world: RosWorld) -> None:
    start(world)
    alerts, feed = alerts_of(world), BoxFeed(world)
    feed.show(person(FAR_ASIDE))
    alerts.wait_for(at(CLEAR), "somebody far aside")

    left_half = [0.0, 0.0, 0.5, 0.0, 0.5, 1.0, 0.0, 1.0]
    given = world.set_parameter("pedestrian_alerts", "alert.zone", left_half)
    warning = alerts.wait_for_new(at(WARNING), "a warning")
    taken_back = world.set_parameter("pedestrian_alerts", "alert.zone", [])

    assert given.successful, given.reason
    assert corners(warning) == list(zip(left_half[::2], left_half[1::2], strict=True))
    assert taken_back.successful, taken_back.reason
    assert corners(alerts.wait_for_new(at(CLEAR), "the all-clear")) != left_half


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("alert.hold_s", -1.0, "out of range", id="out of range"),
        pytest.param("alert.zone", [0.1, 0.2, 0.3], "pairs of x and y", id="odd numbers"),
        pytest.param("alert.zone", [0.0, 0.0, 1.0, 1.0], "at least 3 corners", id="a line"),
        pytest.param(
            "alert.zone", [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0], "do not cross", id="crossed"
        ),
        pytest.param("alert.zone", [0.0, 2.0, 1.0], "each from 0 to 1", id="outside the picture"),
        pytest.param("alert.zone", "left", "double[]", id="wrong type"),
        pytest.param("alert.labels", [""], "at least one label", id="empty label"),
        pytest.param("cameras", ["rear"], "read-only", id="read-only"),
    ],
)
def test_nonsense_is_refused_with_the_reason(
    world: RosWorld, name: str, value: object, reason: str
) -> None:
    start(world)

    outcome = world.set_parameter("pedestrian_alerts", name, value)

    assert not outcome.successful
    assert reason in outcome.reason


def test_a_corridor_out_of_sight_is_refused_for_every_camera(world: RosWorld) -> None:
    start(world, cameras=["front", "rear"])
    front, rear = alerts_of(world), alerts_of(world, "rear")
    zone = corners(front.wait_count(1)[0])
    world.publisher(CameraInfo, "rear/camera_info").publish(calibration(focal_px=900.0))
    rear.wait_for(lambda it: corners(it) != zone, "the zone of the calibration")

    up = world.set_parameter("pedestrian_alerts", "alert.corridor.camera_pitch_deg", -45.0)

    assert not up.successful
    assert "corridor" in up.reason
    assert corners(front.wait_for_new(at(STALE), "a heartbeat")) == zone


def test_alerts_that_are_switched_off_are_silent_until_switched_on(world: RosWorld) -> None:
    node = start(world)
    alerts, feed = alerts_of(world), BoxFeed(world)
    feed.show()
    alerts.wait_for(at(CLEAR), "the all-clear")

    def send_more() -> None:
        sent = len(feed.sent)
        world.wait_until(lambda: len(feed.sent) > sent + 5, "more boxes")

    off = world.set_parameter(node.get_name(), "alert.enabled", False)
    alerts.wait_for_silence(send_more)
    on = world.set_parameter(node.get_name(), "alert.enabled", True)

    assert off.successful
    assert on.successful
    assert alerts.wait_for(at(CLEAR), "the all-clear")


def test_stamps_that_jump_back_start_the_camera_anew(world: RosWorld) -> None:
    start(world, alert__hold_s=60.0)
    alerts, feed = alerts_of(world), BoxFeed(world)
    feed.show(person(IN_ZONE))
    alerts.wait_for(at(WARNING), "a warning")

    feed.jump_to(50)
    feed.show()
    clear = alerts.wait_for_new(at(CLEAR), "the all-clear, though the warning would be held")

    assert clear.header.stamp.sec == 50


def test_a_clock_that_jumps_back_starts_every_camera_anew(world: RosWorld) -> None:
    node = start(world, alert__stale_after_s=60.0, use_sim_time=True)
    alerts, clock = alerts_of(world), world.publisher(Clock, "/clock")
    clock.publish(Clock(clock=Time(sec=100)))
    feed = BoxFeed(world)
    feed.show()
    alerts.wait_for(at(CLEAR), "the all-clear")
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 100 * 10**9, "the clock")

    feed.stop()
    clock.publish(Clock(clock=Time(sec=50)))

    assert alerts.wait_for_new(at(STALE), "a stale alert").reason == "no boxes yet"


def test_pictures_that_are_too_old_are_stale(world: RosWorld) -> None:
    start(world, alert__max_age_s=1.0)
    alerts, feed = alerts_of(world), BoxFeed(world, start_s=100)  # long ago by the node's clock

    feed.show(person(IN_ZONE))
    stale = alerts.wait_for(lambda alert: "old" in alert.reason, "an age")

    assert stale.level == STALE


def test_no_model_library_is_loaded() -> None:
    program = (
        "import sys, scene_clip_ros.nodes.pedestrian_alerts\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd="/"
    )

    assert {"torch", "torchvision", "open_clip", "cv2"}.isdisjoint(run.stdout.split())


def values_of(report: DiagnosticArray, camera: str = "front") -> dict[str, str]:
    (status,) = [item for item in report.status if item.name.endswith(f"camera {camera}")]
    return {item.key: item.value for item in status.values}
