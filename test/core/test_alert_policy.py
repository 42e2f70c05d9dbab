from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street import (
    CAMERA,
    EXACT,
    SIZE_WH,
    Detector,
    Walker,
    clip,
    drive_past,
    make_box,
    make_frame,
)

from scene_clip_ros.core.alert_policy import NOBODY, AlertPolicy
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_tracker import BoxTracker, TrackRule
from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox
from scene_clip_ros.core.smoothing import NS_PER_S

CLEAR, CAUTION, WARNING = AlertLevel.CLEAR, AlertLevel.CAUTION, AlertLevel.WARNING
SETTINGS = AlertSettings()
CHILD = make_box(Walker(0.0, 10.0, height_m=1.1).xyxy, "child")
ADULT = make_box(Walker(0.5, 15.0).xyxy)
BESIDE = make_box(Walker(-2.4, 10.0).xyxy)
AWAY = make_box(Walker(-6.0, 10.0).xyxy)

CROSSINGS = [
    pytest.param(Walker(-5.0, 24.0, 1.5), 7.0, id="adult"),
    pytest.param(Walker(4.0, 26.0, -1.2, height_m=1.1, label="child"), 7.0, id="child"),
    pytest.param(
        Walker(3.0, 20.0, -0.5, height_m=0.45, width_m=0.7, label="baby"), 5.0, id="crawling baby"
    ),
    pytest.param(
        Walker(-4.0, 25.0, 1.0, height_m=1.35, width_m=0.9, label="wheelchair user"),
        6.0,
        id="wheelchair user",
    ),
    pytest.param(
        Walker(-9.0, 24.0, 4.0, height_m=1.8, width_m=1.7, label="cyclist"), 7.0, id="cyclist"
    ),
]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is told at one moment of a drive, and the truth."""

    seconds: float
    alert: Alert
    walker: Walker

    @property
    def is_in_corridor(self) -> bool:
        return abs(self.walker.across_m) <= 1.5 and self.walker.ahead_m <= 22.0


def make_policy(settings: AlertSettings = SETTINGS) -> AlertPolicy:
    policy = AlertPolicy("front", settings)
    policy.set_camera(CAMERA)
    return policy


def drive(
    walker: Walker, *, ego_mps: float, detector: Detector, until_m: float = 1.0
) -> list[Moment]:
    """Track and judge a drive up to somebody who crosses."""
    tracker, policy = BoxTracker(TrackRule()), make_policy()
    seconds = (walker.ahead_m - until_m) / ego_mps
    moments = []
    for frame, now in drive_past((walker,), seconds=seconds, ego_mps=ego_mps, detector=detector):
        boxes = tracker.update(frame.stamp_ns, frame.boxes, size_wh=SIZE_WH)
        alert = policy.update(replace(frame, boxes=boxes))
        moments.append(Moment(frame.stamp_ns / NS_PER_S, alert, now[0]))
    return moments


def feed(
    seen: Iterable[tuple[ScoredBox, ...]], *, policy: AlertPolicy | None = None, first: int = 0
) -> list[Alert]:
    """Judge boxes that come at 10 Hz."""
    policy = policy or make_policy()
    return [
        policy.update(make_frame((first + index) * NS_PER_S // 10, *boxes))
        for index, boxes in enumerate(seen)
    ]


def tracked(frame: FrameBoxes) -> FrameBoxes:
    """Give every box an id, by its place in the list."""
    boxes = (replace(box, track_id=index) for index, box in enumerate(frame.boxes))
    return replace(frame, boxes=tuple(boxes))


def levels(alerts: Iterable[Alert]) -> str:
    return "".join(alert.level.name[:2] + " " for alert in alerts).strip()


@pytest.mark.parametrize(("walker", "ego_mps"), CROSSINGS)
def test_crossing_is_a_warning_within_300_ms_of_entering(walker: Walker, ego_mps: float) -> None:
    moments = drive(walker, ego_mps=ego_mps, detector=Detector(miss_rate=0.0))

    entered_s = next(moment.seconds for moment in moments if moment.is_in_corridor)
    warned_s = next(moment.seconds for moment in moments if moment.alert.level == WARNING)

    assert warned_s - entered_s <= 0.31


@pytest.mark.parametrize(("walker", "ego_mps"), CROSSINGS)
def test_missed_frames_hardly_delay_the_warning(walker: Walker, ego_mps: float) -> None:
    delays_s = []
    for seed in range(12):
        moments = drive(walker, ego_mps=ego_mps, detector=Detector(miss_rate=0.1, seed=seed))
        entered_s = next(moment.seconds for moment in moments if moment.is_in_corridor)
        warned_s = next(moment.seconds for moment in moments if moment.alert.level == WARNING)
        delays_s.append(warned_s - entered_s)

    assert np.median(delays_s) <= 0.3
    assert max(delays_s) <= 0.61


@pytest.mark.parametrize(("walker", "ego_mps"), CROSSINGS)
def test_crossing_is_a_caution_before_it_is_a_warning(walker: Walker, ego_mps: float) -> None:
    told = [moment.alert.level for moment in drive(walker, ego_mps=ego_mps, detector=EXACT)]

    assert told.index(CAUTION) < told.index(WARNING)


def test_time_to_contact_of_a_warning_is_that_of_the_truth() -> None:
    errors = []
    for seed in range(10):
        moments = drive(Walker(-5.0, 28.0, 1.3), ego_mps=7.0, detector=Detector(seed=seed))
        errors += [
            moment.alert.time_to_contact_s / (moment.walker.ahead_m / 7.0) - 1
            for moment in moments
            if moment.alert.level == WARNING and moment.alert.boxes
        ]
    known = np.abs([error for error in errors if math.isfinite(error)])

    assert len(known) > 0.9 * len(errors)
    assert np.median(known) < 0.1
    assert np.mean(known < 0.3) > 0.95


@pytest.mark.parametrize(
    "walker",
    [
        pytest.param(Walker(2.4, 30.0), id="standing at the kerb"),
        pytest.param(Walker(-3.0, 30.0, 0.0, 1.2), id="walking beside the road"),
        pytest.param(Walker(3.5, 30.0, 0.0, -1.2, height_m=1.0), id="child coming along"),
        pytest.param(Walker(-7.0, 30.0, 1.2), id="stopping short of the corridor"),
    ],
)
def test_nobody_in_the_corridor_is_never_a_warning(walker: Walker) -> None:
    told = {
        moment.alert.level
        for seed in range(10)
        for moment in drive(walker, ego_mps=8.0, detector=Detector(noise_px=1.5, seed=seed))
        if not moment.is_in_corridor
    }

    assert WARNING not in told


def test_warning_needs_someone_to_stay_in_the_zone() -> None:
    assert levels(feed([(), (CHILD,), (CHILD,), (CHILD,)])) == "CL CA CA WA"


def test_short_miss_does_not_start_the_time_again() -> None:
    assert levels(feed([(CHILD,), (), (CHILD,)])) == "CA CA WA"


def test_longer_miss_starts_the_time_again() -> None:
    assert levels(feed([(CHILD,), (), (), (CHILD,), (CHILD,)])) == "CA CA CA CA CA"


def test_time_unseen_between_pictures_is_no_time_in_the_zone() -> None:
    policy = make_policy()
    feed([(CHILD,)], policy=policy)

    assert levels(feed([(CHILD,), (CHILD,), (CHILD,)], policy=policy, first=30)) == "CA CA WA"


def test_level_is_cleared_only_after_the_hold_time() -> None:
    alerts = feed([(CHILD,)] * 3 + [()] * 11)

    assert levels(alerts[2:12]) == " ".join(["WA"] * 10)
    assert alerts[12].level == CLEAR


def test_warning_falls_to_caution_while_someone_is_near() -> None:
    assert levels(feed([(CHILD,)] * 3 + [(BESIDE,)] * 11)[-2:]) == "CA CA"


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        pytest.param([()], NOBODY, id="nobody"),
        pytest.param([(AWAY,)], NOBODY, id="someone far beside"),
        pytest.param([(BESIDE,)], "person near the zone", id="near"),
        pytest.param([(BESIDE, BESIDE)], "2 people near the zone", id="two near"),
        pytest.param([(CHILD,)] * 3, "child in the zone", id="inside"),
        pytest.param([(CHILD, BESIDE)] * 3, "child in the zone", id="most urgent only"),
        pytest.param([(CHILD, ADULT)] * 3, "2 people in the zone", id="two inside"),
        pytest.param([(CHILD,)] * 3 + [()] * 4, "child in the zone until 0.4 s ago", id="held"),
    ],
)
def test_reason_says_why_in_words(seen: list[tuple[ScoredBox, ...]], reason: str) -> None:
    assert feed(seen)[-1].reason == reason


def test_reason_tells_the_time_to_contact() -> None:
    walker = Walker(0.0, 18.0, height_m=1.1, label="child")

    alert = drive(walker, ego_mps=6.0, detector=EXACT, until_m=9.0)[-1].alert

    assert alert.reason == f"child in the zone, contact in {alert.time_to_contact_s:.1f} s"


def test_alert_carries_those_who_caused_it_most_urgent_first() -> None:
    alert = feed([(BESIDE, ADULT, AWAY, CHILD)] * 3)[-1]

    assert alert.boxes == (CHILD, ADULT)
    assert alert.stamp_ns == 2 * NS_PER_S // 10
    assert alert.camera == "front"
    assert alert.zone == SETTINGS.corridor.zone(CAMERA).points
    assert math.isnan(alert.time_to_contact_s)


def test_alert_that_is_held_names_those_who_caused_it_and_not_bystanders() -> None:
    alerts = feed([(CHILD,)] * 3 + [(BESIDE,)] * 3)

    assert levels(alerts[-1:]) == "WA"
    assert alerts[-1].boxes == (CHILD,)
    assert alerts[-1].reason == "child in the zone until 0.3 s ago"


def test_time_to_contact_runs_on_while_held_and_ends_when_it_has_passed() -> None:
    walker = Walker(0.0, 18.3, height_m=1.1, label="child")
    policy = make_policy()
    drive = drive_past((walker,), seconds=1.4, ego_mps=9.0, detector=EXACT)
    last = [policy.update(tracked(frame)) for frame, _ in drive][-1]

    held = feed([(BESIDE,)] * 8, policy=policy, first=14)

    expected_s = [last.time_to_contact_s - step / 10 for step in range(1, 9)]
    assert {alert.level for alert in held} == {WARNING}
    assert last.time_to_contact_s == pytest.approx(6.6 / 9, rel=0.01)
    for alert, seconds in zip(held, expected_s, strict=True):
        passed = seconds < 0
        assert alert.time_to_contact_s == pytest.approx(
            math.nan if passed else seconds, nan_ok=True
        )


def test_words_tell_the_contact_of_those_whom_they_name() -> None:
    policy = make_policy()
    drive = drive_past((Walker(2.4, 16.0),), seconds=1.0, ego_mps=5.0, detector=EXACT)
    *before, last = [tracked(frame) for frame, _ in drive]
    for frame in before:
        policy.update(frame)

    alert = policy.update(replace(last, boxes=(*last.boxes, CHILD)))

    assert alert.boxes == (CHILD, *last.boxes)
    assert alert.reason == "child in the zone"
    assert alert.time_to_contact_s == pytest.approx((16.0 - 4.5) / 5, rel=0.01)


def test_since_is_the_picture_from_which_the_level_has_been_held() -> None:
    alerts = feed([(), (CHILD,), (CHILD,), (CHILD,), (CHILD,)])

    assert [alert.since_ns * 10 // NS_PER_S for alert in alerts] == [0, 1, 1, 3, 3]


def test_jump_back_in_time_starts_anew() -> None:
    policy = make_policy()
    feed([(CHILD,)] * 5, policy=policy, first=100)

    alert = feed([()], policy=policy)[0]

    assert (alert.level, alert.since_ns) == (CLEAR, 0)


def test_reset_forgets_what_was_held_but_not_the_calibration() -> None:
    policy = make_policy()
    feed([(CHILD,)] * 5, policy=policy)

    policy.reset()

    assert policy.held is None
    assert policy.zone == SETTINGS.corridor.zone(CAMERA)
    assert levels(feed([()], policy=policy)) == "CL"


def test_other_settings_hold_from_the_next_picture_and_keep_the_level() -> None:
    policy = make_policy()
    feed([(CHILD,)] * 5, policy=policy)

    policy.set_settings(replace(SETTINGS, labels=("person",)))

    assert levels(feed([(CHILD,)] * 11, policy=policy, first=5)) == "WA " * 9 + "CL CL"


BOXES = st.builds(
    lambda xyxy, label, score, track_id: replace(
        make_box(
            clip((min(xyxy[::2]), min(xyxy[1::2]), max(xyxy[::2]), max(xyxy[1::2]))),
            label,
            score=score,
        ),
        track_id=track_id,
    ),
    xyxy=st.tuples(*[st.floats(0, 1280)] * 4),
    label=st.sampled_from(["person", "child", "car"]),
    score=st.floats(0, 1),
    track_id=st.integers(-1, 3),
)
FRAMES = st.lists(
    st.tuples(st.integers(-NS_PER_S // 20, NS_PER_S // 2), st.lists(BOXES, max_size=4)), max_size=25
)


@settings(max_examples=60)
@given(FRAMES)
def test_whatever_is_seen_the_alert_explains_itself(
    frames: list[tuple[int, list[ScoredBox]]],
) -> None:
    policy, t_ns, seen = make_policy(), NS_PER_S, set[ScoredBox]()
    for elapsed_ns, boxes in frames:
        t_ns = max(0, t_ns + elapsed_ns)
        seen.update(boxes)
        alert = policy.update(FrameBoxes("front", t_ns, SIZE_WH, tuple(boxes)))
        assert alert is policy.held
        assert alert.stamp_ns == t_ns
        assert alert.since_ns <= t_ns
        assert set(alert.boxes) <= seen
        assert (alert.reason == NOBODY) == (alert.level == CLEAR) == (alert.boxes == ())
        assert math.isnan(alert.time_to_contact_s) or alert.time_to_contact_s >= 0


@settings(max_examples=60)
@given(FRAMES)
def test_level_never_falls_before_the_hold_time(
    frames: list[tuple[int, list[ScoredBox]]],
) -> None:
    policy, t_ns, rose_ns, held = make_policy(), 0, 0, CLEAR
    for elapsed_ns, boxes in frames:
        t_ns += abs(elapsed_ns)
        level = policy.update(FrameBoxes("front", t_ns, SIZE_WH, tuple(boxes))).level
        assert level >= held or t_ns - rose_ns >= SETTINGS.hold_s * NS_PER_S
        rose_ns = t_ns if level > held else rose_ns
        held = level
