from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import CAMERA, Walker, make_box, make_frame

from scene_clip_ros.core.alert_monitor import AlertMonitor
from scene_clip_ros.core.alert_policy import NOBODY
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import ScoredBox
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.zone import PinholeCamera

CLEAR, WARNING, STALE = AlertLevel.CLEAR, AlertLevel.WARNING, AlertLevel.STALE
SETTINGS = AlertSettings(stale_after_s=1.0)
CHILD = make_box(Walker(0.0, 10.0, height_m=1.1).xyxy, "child")
CLOCK_AHEAD_NS = 7 * NS_PER_S
"""The monotonic clock and the stamps of the camera have nothing to do with each other."""


class Feed:
    """A monitor whose boxes come at moments given in seconds."""

    def __init__(self, settings: AlertSettings = SETTINGS) -> None:
        self.monitor = AlertMonitor("front", settings)

    def boxes(self, seconds: float, *boxes: ScoredBox, age_s: float | None = None) -> Alert:
        t_ns = round(seconds * NS_PER_S)
        frame = make_frame(t_ns, *boxes)
        return self.monitor.on_boxes(frame, now_ns=t_ns + CLOCK_AHEAD_NS, age_s=age_s)

    def boxes_stamped(self, stamp_ns: int, seconds: float, *boxes: ScoredBox) -> Alert:
        """Feed boxes whose stamp does not follow the clock."""
        now_ns = round(seconds * NS_PER_S) + CLOCK_AHEAD_NS
        return self.monitor.on_boxes(make_frame(stamp_ns, *boxes), now_ns=now_ns)

    def beat(self, seconds: float) -> Alert:
        return self.monitor.on_heartbeat(round(seconds * NS_PER_S) + CLOCK_AHEAD_NS)

    def run(self, *moments: float) -> list[AlertLevel]:
        return [self.boxes(seconds).level for seconds in moments]


def test_nothing_is_told_before_the_first_boxes() -> None:
    alert = Feed().beat(0.0)

    assert (alert.level, alert.reason) == (STALE, "no boxes yet")
    assert (alert.stamp_ns, alert.since_ns, alert.boxes) == (0, 0, ())
    assert math.isnan(alert.time_to_contact_s)
    assert len(alert.zone) >= 3


def test_it_is_told_from_the_second_boxes_on() -> None:
    assert Feed().run(0.0, 0.1, 0.2) == [STALE, CLEAR, CLEAR]


def test_heartbeat_repeats_what_is_held() -> None:
    feed = Feed()
    feed.run(0.0)
    alert = feed.boxes(0.1)

    assert feed.beat(0.5) == alert


@pytest.mark.parametrize("stale_after_s", [0.3, 1.0, 2.5])
def test_silence_is_stale_within_the_set_time(stale_after_s: float) -> None:
    feed = Feed(AlertSettings(stale_after_s=stale_after_s))
    feed.run(0.0, 0.1)

    assert feed.beat(0.1 + stale_after_s - 0.01).level == CLEAR
    alert = feed.beat(0.1 + stale_after_s)

    assert alert.level == STALE
    assert alert.reason == f"no boxes for {stale_after_s:.1f} s"


def test_silence_hides_no_warning_as_clear() -> None:
    feed = Feed()
    for step in range(4):
        alert = feed.boxes(step / 10, CHILD)
    assert alert.level == WARNING

    assert feed.beat(1.2).level == WARNING
    assert feed.beat(1.4).level == STALE


def test_camera_that_comes_back_is_told_again_by_itself() -> None:
    feed = Feed()
    feed.run(0.0, 0.1)
    feed.beat(5.0)

    assert feed.run(6.0, 6.1, 6.2) == [STALE, CLEAR, CLEAR]


def test_model_slower_than_the_watchdog_is_never_told() -> None:
    feed = Feed()
    told = [feed.boxes(1.4 * step) for step in range(6)]

    assert {alert.level for alert in told} == {STALE}
    assert told[-1].reason == "boxes come every 1.4 s, expected within 1 s"


def test_model_that_becomes_fast_enough_is_told_again() -> None:
    assert Feed().run(0.0, 1.4, 2.8, 3.1, 3.4) == [STALE, STALE, STALE, CLEAR, CLEAR]


@pytest.mark.parametrize(
    ("max_age_s", "age_s", "level"),
    [
        pytest.param(0.5, 0.6, STALE, id="too old"),
        pytest.param(0.5, 0.4, CLEAR, id="young enough"),
        pytest.param(0.5, None, CLEAR, id="unknown"),
        pytest.param(0.0, 99.0, CLEAR, id="any age will do"),
        pytest.param(0.5, -3.0, CLEAR, id="camera's clock is ahead"),
    ],
)
def test_age_of_the_picture_is_watched(
    max_age_s: float, age_s: float | None, level: AlertLevel
) -> None:
    feed = Feed(replace(SETTINGS, max_age_s=max_age_s))
    feed.boxes(0.0)

    assert feed.boxes(0.1, age_s=age_s).level == level


def test_boxes_grow_old_between_heartbeats() -> None:
    feed = Feed(replace(SETTINGS, max_age_s=0.5))
    feed.boxes(0.0)
    feed.boxes(0.1, age_s=0.3)

    assert feed.beat(0.2).level == CLEAR
    assert feed.beat(0.4).reason == "boxes are 0.6 s old"


def test_stamps_that_stand_still_are_stale_however_often_boxes_come() -> None:
    feed = Feed()
    told = [feed.boxes_stamped(0, step / 10, CHILD) for step in range(30)]

    assert {alert.level for alert in told} == {STALE}
    assert told[-1].reason == "stamps do not advance for 2.9 s"


def test_stamps_that_stop_are_stale_within_the_set_time_and_end_by_themselves() -> None:
    feed = Feed()
    feed.run(0.0, 0.1, 0.2)
    frozen_ns = round(0.2 * NS_PER_S)

    assert feed.boxes_stamped(frozen_ns, 1.1).level == CLEAR
    assert feed.boxes_stamped(frozen_ns, 1.2).level == STALE
    assert feed.boxes_stamped(frozen_ns, 1.3).level == STALE
    assert feed.run(1.4, 1.5) == [STALE, CLEAR]


def test_picture_that_comes_twice_is_no_fault() -> None:
    feed = Feed()
    feed.run(0.0, 0.1)

    assert feed.boxes_stamped(round(0.1 * NS_PER_S), 0.15).level == CLEAR
    assert feed.run(0.2) == [CLEAR]


def test_reset_forgets_what_was_held_but_not_the_calibration() -> None:
    feed = Feed()
    feed.monitor.set_camera(CAMERA)
    feed.run(0.0, 0.1)

    feed.monitor.reset()

    assert feed.beat(0.2).reason == "no boxes yet"
    assert feed.beat(0.2).zone == SETTINGS.corridor.zone(CAMERA).points
    assert feed.run(0.3, 0.4) == [STALE, CLEAR]


def test_since_is_the_picture_from_which_the_level_has_been_told() -> None:
    feed = Feed()
    feed.run(1.0, 1.1, 1.2)
    stale = feed.beat(3.0)
    feed.boxes(5.0)
    clear = feed.boxes(5.1)

    assert stale.since_ns == round(1.2 * NS_PER_S)
    assert feed.beat(5.2).since_ns == clear.since_ns == round(5.1 * NS_PER_S)


def test_stamps_that_jump_back_do_not_leave_a_since_in_the_future() -> None:
    feed = Feed()
    feed.run(10.0, 10.1)
    frame = make_frame(3)

    alert = feed.monitor.on_boxes(frame, now_ns=round(10.2 * NS_PER_S) + CLOCK_AHEAD_NS)

    assert (alert.level, alert.stamp_ns, alert.since_ns) == (CLEAR, 3, 3)


def test_people_are_judged_while_stale() -> None:
    feed = Feed()
    for step in range(4):
        feed.boxes(1.2 * step, CHILD)

    alerts = [feed.boxes(3.6 + step / 10, CHILD) for step in (1, 2, 3)]

    assert alerts[-1].level == WARNING


def test_calibration_and_settings_reach_the_policy() -> None:
    feed = Feed()
    feed.monitor.set_camera(CAMERA)
    feed.run(0.0)
    assert feed.boxes(0.1).zone == SETTINGS.corridor.zone(CAMERA).points

    zone = ((0.0, 0.5), (1.0, 0.5), (0.5, 1.0))
    feed.monitor.set_settings(replace(SETTINGS, zone=zone, stale_after_s=0.2))

    assert feed.boxes(0.2).zone == zone
    assert feed.beat(0.4).level == STALE


def test_settings_that_cannot_hold_are_refused_and_change_nothing() -> None:
    feed = Feed()
    narrow = PinholeCamera(size_wh=(640, 480), focal_xy=(500.0, 500.0), centre_xy=(320.0, 440.0))
    feed.monitor.set_camera(narrow)
    feed.run(0.0)
    before = feed.boxes(0.1)

    with pytest.raises(ParameterError, match="corridor: expected the ground up to 5 m"):
        feed.monitor.set_settings(
            replace(SETTINGS, corridor=replace(SETTINGS.corridor, length_m=5.0), hold_s=0.0)
        )

    assert feed.boxes(0.2).zone == before.zone


@given(
    st.lists(st.tuples(st.floats(0, 2), st.booleans(), st.none() | st.floats(-1, 2)), max_size=30),
    st.floats(0.05, 1.5),
    st.sampled_from([0.0, 0.7]),
)
def test_clear_is_never_told_out_of_date(
    steps: list[tuple[float, bool, float | None]], stale_after_s: float, max_age_s: float
) -> None:
    feed = Feed(AlertSettings(stale_after_s=stale_after_s, max_age_s=max_age_s))
    seconds, arrived_s = 0.0, -math.inf
    for elapsed_s, is_arrival, age_s in steps:
        seconds += elapsed_s
        alert = feed.boxes(seconds, age_s=age_s) if is_arrival else feed.beat(seconds)
        arrived_s = seconds if is_arrival else arrived_s
        assert alert.level in {CLEAR, STALE}
        assert (alert.level == CLEAR) == (alert.reason == NOBODY)
        assert alert.level == STALE or seconds - arrived_s < stale_after_s + 1e-6
        assert alert.since_ns <= alert.stamp_ns
