from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import EXACT, SIZE_WH, Detector, Walker, drive_past

from scene_clip_ros.core.box_tracker import BoxTracker, TrackRule
from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.time_to_contact import TimeToContact

WINDOW_S = 1.0


def approach(
    walker: Walker, *, detector: Detector, ego_mps: float = 7.0, is_tracked: bool = True
) -> list[tuple[float, float]]:
    """Return the true and the told seconds until contact of every sighting."""
    tracker, contact, told = BoxTracker(TrackRule()), TimeToContact(WINDOW_S), []
    seconds = walker.ahead_m / (ego_mps - walker.ahead_mps)
    for frame, now in drive_past((walker,), seconds=seconds, ego_mps=ego_mps, detector=detector):
        seen = frame.boxes
        if is_tracked:
            seen = tracker.update(frame.stamp_ns, seen, size_wh=SIZE_WH)
        for box in seen:
            contact.update(frame.stamp_ns, box.xyxy, SIZE_WH)
            told.append((now[0].ahead_m / (ego_mps - walker.ahead_mps), contact.seconds))
    return told


def feed(
    heights: Iterable[float], *, step_s: float = 0.1, contact: TimeToContact | None = None
) -> TimeToContact:
    contact = contact or TimeToContact(WINDOW_S)
    for index, height in enumerate(heights):
        contact.update(round(index * step_s * NS_PER_S), box_of(height), SIZE_WH)
    return contact


def box_of(height: float, *, bottom: float = 500.0) -> Xyxy:
    return (600.0, bottom - height, 640.0, bottom)


@given(st.floats(0.5, 5.0), st.floats(100.0, 400.0), st.sampled_from([0.05, 0.1, 0.2]))
def test_exact_growth_gives_the_exact_time(
    contact_s: float, last_height: float, step_s: float
) -> None:
    left_s = [contact_s + step_s * index for index in range(10)][::-1]

    contact = feed((last_height * contact_s / left for left in left_s), step_s=step_s)

    assert contact.seconds == pytest.approx(contact_s, rel=1e-6)


@pytest.mark.parametrize("is_tracked", [False, True], ids=["detected", "tracked"])
@pytest.mark.parametrize(
    ("walker", "ego_mps"),
    [
        pytest.param(Walker(0.5, 30.0), 7.0, id="adult at 7 m/s"),
        pytest.param(Walker(0.0, 30.0, height_m=1.1, label="child"), 5.0, id="child at 5 m/s"),
        pytest.param(Walker(0.2, 30.0, ahead_mps=-1.4), 4.0, id="walking towards the vehicle"),
        pytest.param(Walker(1.5, 25.0, -0.5), 6.0, id="crossing"),
    ],
)
def test_noisy_and_missed_boxes_give_the_time_within_30_percent_below_4_s(
    walker: Walker, ego_mps: float, *, is_tracked: bool
) -> None:
    told = [
        pair
        for seed in range(20)
        for pair in approach(
            walker,
            detector=Detector(miss_rate=0.15, seed=seed),
            ego_mps=ego_mps,
            is_tracked=is_tracked,
        )
        if 0.4 < pair[0] < 4
    ]
    truth, seconds = np.array(told).T
    known = np.isfinite(seconds)
    error = np.abs(seconds[known] / truth[known] - 1)

    assert known.mean() > 0.9
    assert np.median(error) < 0.1
    assert (error < 0.3).mean() > 0.93


def test_nothing_is_told_before_there_is_enough_to_tell() -> None:
    told = [seconds for _, seconds in approach(Walker(0.0, 20.0), detector=EXACT)]

    assert [math.isnan(seconds) for seconds in told[:5]] == [True, True, True, False, False]


def test_nothing_is_told_of_a_short_past_however_many_samples() -> None:
    assert math.isnan(feed((100 / (1 - index / 60) for index in range(9)), step_s=1 / 30).seconds)


@pytest.mark.parametrize("ego_mps", [0.0, -3.0], ids=["standing", "moving away"])
def test_nothing_is_told_of_someone_who_does_not_approach(ego_mps: float) -> None:
    walker = Walker(0.0, 15.0)
    drive = drive_past((walker,), seconds=4.0, ego_mps=ego_mps)
    contact = TimeToContact(WINDOW_S)
    told = []
    for frame, _ in drive:
        for box in frame.boxes:
            contact.update(frame.stamp_ns, box.xyxy, SIZE_WH)
            told.append(contact.seconds)

    assert np.mean(np.isfinite(told)) < 0.15


def test_time_is_counted_on_while_the_box_is_cut_by_the_picture() -> None:
    told = approach(Walker(0.0, 25.0), detector=EXACT)
    cut = [(truth, seconds) for truth, seconds in told if 0.1 < truth < 0.4]

    assert len(cut) >= 2
    assert all(seconds == pytest.approx(truth, abs=0.02) for truth, seconds in cut)


def test_time_is_not_counted_on_for_longer_than_the_window() -> None:
    contact = feed(400 / (8 - index) for index in range(5))
    cut = box_of(300, bottom=720)

    contact.update(round(1.3 * NS_PER_S), cut, SIZE_WH)
    assert contact.seconds >= 0
    contact.update(round(1.5 * NS_PER_S), cut, SIZE_WH)
    assert math.isnan(contact.seconds)


def test_time_is_never_negative() -> None:
    contact = feed(400 / (8 - index) for index in range(5))

    contact.update(round(0.9 * NS_PER_S), box_of(300, bottom=720), SIZE_WH)

    assert contact.seconds == 0.0


def test_jump_back_in_time_starts_anew() -> None:
    contact = feed(400 / (30 - index) for index in range(12))
    assert math.isfinite(contact.seconds)

    contact.update(0, box_of(50), SIZE_WH)

    assert math.isnan(contact.seconds)


def test_second_box_of_the_same_moment_replaces_the_first() -> None:
    heights = [400 / (30 - index) for index in range(12)]
    contact, doubled = feed(heights), TimeToContact(WINDOW_S)
    for index, height in enumerate(heights):
        doubled.update(index * NS_PER_S // 10, box_of(9), SIZE_WH)
        doubled.update(index * NS_PER_S // 10, box_of(height), SIZE_WH)

    assert doubled.seconds == pytest.approx(contact.seconds)


@given(
    st.lists(
        st.tuples(st.integers(0, NS_PER_S // 2), st.floats(0, 720), st.floats(0, 720)), max_size=30
    )
)
def test_whatever_comes_the_time_is_not_negative_or_unknown(
    steps: list[tuple[int, float, float]],
) -> None:
    contact, t_ns = TimeToContact(WINDOW_S), 0
    for elapsed_ns, one, other in steps:
        t_ns += elapsed_ns
        contact.update(t_ns, (0.0, min(one, other), 50.0, max(one, other)), SIZE_WH)
        assert math.isnan(contact.seconds) or 0 <= contact.seconds < math.inf
