"""What a memory keeps when stamps jump, cameras stop, or clocks disagree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_frames import DIM, keep, stamps_of, turned

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits
from scene_clip_ros.core.smoothing import NS_PER_S

MAX_AGE_S = 20
PERIOD_NS = NS_PER_S // 2
TWO_HOURS_S = 7200
SKEWS = st.integers(-(10**9), 10**9).map(lambda skew_s: skew_s * NS_PER_S)


def a_memory() -> FrameMemory:
    return FrameMemory(DIM, MemoryLimits(max_age_s=MAX_AGE_S), block_rows=8)


def run(memory: FrameMemory, cameras: dict[str, int], *, start_s: float = 0, stop_s: float) -> None:
    """Let cameras see every half second; their clocks are off by the nanoseconds given."""
    for now_ns in range(round(start_s * NS_PER_S), round(stop_s * NS_PER_S), PERIOD_NS):
        for camera, skew_ns in cameras.items():
            keep(memory, camera, now_ns + skew_ns, turned(0))


def test_jump_back_forgets_every_camera_that_is_beyond_it() -> None:
    memory = a_memory()
    for camera, second in (("rear", 3), ("left", 5), ("front", 6)):
        keep(memory, camera, second * NS_PER_S, turned(0))

    keep(memory, "front", 4 * NS_PER_S, turned(0))

    kept = {camera: stamps_of(memory, camera) for camera in ("rear", "left", "front")}
    assert kept == {"rear": [3 * NS_PER_S], "left": [], "front": [4 * NS_PER_S]}


def test_camera_that_stopped_before_a_jump_back_leaves_with_it() -> None:
    memory = a_memory()
    run(memory, {"front": 0, "rear": 0}, start_s=1000, stop_s=1009)
    run(memory, {"front": 0}, stop_s=1)

    assert (stamps_of(memory, "rear"), stamps_of(memory, "front")) == ([], [0, PERIOD_NS])
    assert memory.statistics().newest_ns == PERIOD_NS


def test_frame_that_comes_a_little_late_is_passed_over() -> None:
    memory = a_memory()
    for stamp_ns in (5 * NS_PER_S, 4 * NS_PER_S, 5 * NS_PER_S + 1):
        keep(memory, "front", stamp_ns, turned(0))

    assert stamps_of(memory, "front") == [5 * NS_PER_S, 5 * NS_PER_S + 1]


@given(SKEWS)
def test_cameras_keep_their_last_seconds_however_far_their_clocks_are_apart(skew_ns: int) -> None:
    memory = a_memory()
    run(memory, {"front": 0, "rear": skew_ns}, stop_s=3 * MAX_AGE_S)

    slack_ns = 10 * NS_PER_S + PERIOD_NS
    for camera in ("front", "rear"):
        stamps_ns = stamps_of(memory, camera)
        span_ns = stamps_ns[-1] - stamps_ns[0]
        assert MAX_AGE_S * NS_PER_S - slack_ns <= span_ns <= MAX_AGE_S * NS_PER_S
        assert stamps_ns == list(range(stamps_ns[0], stamps_ns[-1] + 1, PERIOD_NS))


@given(SKEWS)
def test_camera_that_stopped_is_forgotten_in_time_whatever_its_clock(skew_ns: int) -> None:
    memory = a_memory()
    run(memory, {"rear": skew_ns}, stop_s=5)
    run(memory, {"front": 0}, start_s=5, stop_s=5 + MAX_AGE_S + 11)

    assert stamps_of(memory, "rear") == []
    assert stamps_of(memory, "front")


@given(SKEWS, st.integers(1, 30))
def test_full_memory_lets_the_frames_leave_that_came_first(skew_ns: int, room: int) -> None:
    limits = MemoryLimits(max_age_s=TWO_HOURS_S, max_frames=2 * room)
    memory = FrameMemory(DIM, limits, block_rows=8)
    run(memory, {"front": 0, "rear": skew_ns}, stop_s=60)

    slack = 10 * NS_PER_S // PERIOD_NS
    kept = [len(stamps_of(memory, camera)) for camera in ("front", "rear")]
    assert sum(kept) == 2 * room
    assert abs(kept[0] - kept[1]) <= 2 * slack


@pytest.mark.parametrize("pause_s", [MAX_AGE_S + 1, TWO_HOURS_S])
def test_frames_from_before_a_long_pause_are_forgotten(pause_s: int) -> None:
    memory = a_memory()
    run(memory, {"front": 0, "rear": 0}, stop_s=5)
    run(memory, {"front": 0}, start_s=5 + pause_s, stop_s=6 + pause_s)

    assert memory.statistics().frames == 2


def test_statistics_tell_times_on_the_clock_that_is_ahead() -> None:
    memory = a_memory()
    run(memory, {"front": 0, "rear": TWO_HOURS_S * NS_PER_S}, stop_s=5)
    statistics = memory.statistics()

    assert statistics.newest_ns == stamps_of(memory, "rear")[-1]
    assert statistics.oldest_ns == stamps_of(memory, "rear")[0]
