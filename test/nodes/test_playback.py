"""When frames are due."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.nodes.playback import Schedule, clock_ns, repeated
from scene_clip_ros.nodes.player_source import PlayedFrame


def frame(stamp_ns: int, camera: str = "front") -> PlayedFrame:
    return PlayedFrame(camera, stamp_ns, "lens", lambda: np.zeros((1, 1, 3), np.uint8))


def test_frames_are_due_as_recorded_whatever_the_first_stamp() -> None:
    schedule = Schedule(speed=1.0, rate_hz=0.0)

    due = [schedule.due_s(frame(stamp)) for stamp in (5_000_000_000, 5_100_000_000, 7_000_000_000)]

    assert due == pytest.approx([0.0, 0.1, 2.0])


def test_double_speed_halves_the_time() -> None:
    schedule = Schedule(speed=2.0, rate_hz=0.0)

    assert [schedule.due_s(frame(stamp)) for stamp in (0, 10**9)] == pytest.approx([0.0, 0.5])


def test_a_rate_holds_for_each_camera() -> None:
    schedule = Schedule(speed=1.0, rate_hz=10.0)

    due = [
        schedule.due_s(frame(stamp, camera))
        for stamp, camera in ((0, "left"), (3, "right"), (7, "left"), (9, "left"), (9, "right"))
    ]

    assert due == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.1])


def test_a_repeated_drive_keeps_its_pace() -> None:
    stamps = [item.stamp_ns for item in islice(repeated([frame(100), frame(110), frame(120)]), 7)]

    assert stamps == [100, 110, 120, 130, 140, 150, 160]


def test_nothing_repeats_to_nothing() -> None:
    assert list(repeated([])) == []


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20).map(sorted))
def test_stamps_of_a_repeated_drive_never_fall(stamps: list[int]) -> None:
    played = [item.stamp_ns for item in islice(repeated(map(frame, stamps)), len(stamps))]
    twice = [
        item.stamp_ns
        for item in islice(repeated([frame(stamp) for stamp in stamps]), 2 * len(stamps))
    ]

    assert played == stamps
    assert twice == sorted(twice)


@pytest.mark.parametrize(
    ("now_s", "expected_ns"),
    [(0.0, 100), (1.0, 100), (1.5, 150), (2.0, 200), (9.0, 200)],
)
def test_clock_runs_evenly_between_two_frames_and_not_beyond(
    now_s: float, expected_ns: int
) -> None:
    assert clock_ns(now_s, before=(1.0, 100), after=(2.0, 200)) == expected_ns
