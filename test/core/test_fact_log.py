"""What was decided is kept within limits, camera by camera, and comes back in order of time."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.fact_log import FactLog
from scene_clip_ros.core.frame_memory import MAX_DISORDER_NS
from scene_clip_ros.core.questions.types import FrameFacts
from scene_clip_ros.core.smoothing import NS_PER_S

CAMERAS = ("front", "left", "rear")

MS = NS_PER_S // 1000

a_camera = st.sampled_from(CAMERAS)
steps = st.lists(st.tuples(a_camera, st.integers(-300, 2000)), max_size=60)
"""Cameras, and milliseconds from the last stamp of any: seldom a little late, mostly later."""


def facts(camera: str, t_s: float) -> FrameFacts:
    return FrameFacts(camera, round(t_s * NS_PER_S))


def log_of(*items: FrameFacts, max_age_s: float = 300.0, max_frames: int = 1000) -> FactLog:
    log = FactLog(max_age_s, max_frames)
    for item in items:
        log.add(item)
    return log


def run(moves: list[tuple[str, int]]) -> list[FrameFacts]:
    stamp_ns, made = 10**12, []
    for camera, step_ms in moves:
        stamp_ns += step_ms * MS
        made.append(FrameFacts(camera, stamp_ns))
    return made


@given(moves=steps, max_age_s=st.floats(0.1, 20.0), max_frames=st.integers(1, 20))
def test_limits_hold_whatever_comes(
    moves: list[tuple[str, int]], max_age_s: float, max_frames: int
) -> None:
    log = log_of(*run(moves), max_age_s=max_age_s, max_frames=max_frames)

    for camera in CAMERAS:
        stamps = [item.stamp_ns for item in log.window(cameras=[camera])]
        assert len(stamps) <= max_frames
        assert all(stamps[-1] - stamp <= round(max_age_s * NS_PER_S) for stamp in stamps)


@given(moves=steps, window_s=st.floats(0.0, 30.0), back_s=st.integers(0, 10))
def test_a_window_holds_what_came_in_it_and_nothing_else_in_order(
    moves: list[tuple[str, int]], window_s: float, back_s: int
) -> None:
    log = log_of(*run(moves))
    everything = log.window()
    end_ns = (everything[-1].stamp_ns if everything else 0) - back_s * NS_PER_S

    window = log.window(end_ns, window_s, ("front", "rear"))

    first_ns = end_ns - round(window_s * NS_PER_S) if window_s else 0
    assert list(window) == [
        item
        for item in everything
        if item.camera in ("front", "rear") and first_ns <= item.stamp_ns <= end_ns
    ]
    stamps = [item.stamp_ns for item in window]
    assert stamps == sorted(stamps)


@given(moves=steps)
def test_a_camera_is_kept_as_if_it_were_alone(moves: list[tuple[str, int]]) -> None:
    items = run(moves)

    together = log_of(*items).window(cameras=["left"])

    assert together == log_of(*(item for item in items if item.camera == "left")).window()


def test_the_newest_stamp_of_the_cameras_asked_for_ends_the_window() -> None:
    log = log_of(facts("front", 1), facts("front", 5), facts("rear", 9))

    assert log.window(window_s=4.0) == (facts("front", 5), facts("rear", 9))
    assert log.window(window_s=4.0, cameras=("front",)) == (facts("front", 1), facts("front", 5))


def test_time_that_jumps_back_clears_that_camera_alone() -> None:
    log = log_of(facts("front", 100), facts("rear", 100), facts("front", 50))

    assert log.window() == (facts("front", 50), facts("rear", 100))


def test_facts_that_are_a_little_late_are_passed_over() -> None:
    last = facts("front", 100)
    late = FrameFacts("front", last.stamp_ns - MAX_DISORDER_NS)

    assert log_of(last, late).window() == (last,)


def test_frames_of_one_stamp_are_all_kept() -> None:
    assert log_of(facts("front", 1), facts("front", 1)).window() == (facts("front", 1),) * 2


def test_what_is_forgotten_is_gone() -> None:
    log = log_of(facts("front", 1), facts("rear", 2))

    log.clear()

    assert log.window() == ()


def test_other_limits_hold_from_the_next_facts_on() -> None:
    log = log_of(*(facts("front", t_s) for t_s in range(10)))

    log.set_limits(2.0, 1000)
    log.add(facts("front", 10))

    assert log.window() == tuple(facts("front", t_s) for t_s in (8, 9, 10))


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ((0.0, 10), r"max_age_s: expected a number in \[0.1, 86400\], got 0"),
        ((float("nan"), 10), "max_age_s: expected"),
        ((1.0, 0), r"max_frames: expected a whole number in \[1, 10000000\], got 0"),
    ],
    ids=["age", "nan", "frames"],
)
def test_limits_out_of_range_are_refused(limits: tuple[float, int], problem: str) -> None:
    with pytest.raises(ParameterError, match=problem):
        FactLog(*limits)


def test_one_thread_may_look_while_another_adds() -> None:
    log, done = FactLog(1.0, 50), threading.Event()

    def add() -> None:
        for number in range(3000):
            log.add(FrameFacts(CAMERAS[number % 3], number * MS))
        done.set()

    thread = threading.Thread(target=add)
    thread.start()
    windows = [log.window()]
    while not done.is_set():
        windows.append(log.window())
    thread.join()

    for window in windows:
        stamps = [item.stamp_ns for item in window]
        assert stamps == sorted(stamps)
        assert len(stamps) <= 150
