"""Each function gets frames at a rate of its own, by their stamps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.functions import EVERY_FUNCTION, Functions
from scene_clip_ros.pipeline.function_schedule import FunctionSchedule, RateLimits

SECOND = 1_000_000_000
SLOW = RateLimits(labels=10.0, embedding=1.0, boxes=5.0, memory=2.0)


def run(
    schedule: FunctionSchedule, stamps_s: list[float], *, camera: str = "front"
) -> list[Functions | None]:
    return [schedule.take(camera, round(stamp_s * SECOND)) for stamp_s in stamps_s]


def drive(seconds: float, *, rate_hz: int = 30) -> list[float]:
    return [index / rate_hz for index in range(round(seconds * rate_hz))]


def test_without_limits_every_function_gets_every_frame() -> None:
    assert run(FunctionSchedule(), drive(1.0)) == [EVERY_FUNCTION] * 30


def test_each_function_keeps_to_its_own_rate() -> None:
    turns = [turn or frozenset() for turn in run(FunctionSchedule(SLOW), drive(4.0))]
    counts = {name: sum(name in turn for turn in turns) for name in EVERY_FUNCTION}
    assert counts == {"labels": 40, "embedding": 4, "boxes": 20, "memory": 8}
    assert turns[0] == EVERY_FUNCTION
    assert turns[3] == {"labels"}


def test_a_frame_that_no_function_gets_is_for_nothing() -> None:
    every_third = [turn is not None for turn in run(FunctionSchedule(SLOW), drive(1.0))]
    assert every_third == [True, False, False] * 10


def test_a_function_that_is_off_gets_no_frame_and_holds_up_none() -> None:
    schedule = FunctionSchedule(RateLimits(labels=1.0))
    for name in ("embedding", "boxes", "memory"):
        schedule.switch(name, on=False)
    assert run(schedule, [0.0, 0.5]) == [{"labels"}, None]


def test_while_nothing_is_on_frames_may_be_of_use_to_others() -> None:
    schedule = FunctionSchedule(SLOW, enabled=frozenset())
    assert run(schedule, [0.0, 0.1]) == [frozenset(), frozenset()]


def test_stamps_that_jump_back_start_anew() -> None:
    schedule = FunctionSchedule(RateLimits(1.0, 1.0, 1.0, 1.0))
    assert run(schedule, [100.0, 100.5, 50.0, 50.5, 51.0]) == [
        EVERY_FUNCTION,
        None,
        EVERY_FUNCTION,
        None,
        EVERY_FUNCTION,
    ]


def test_cameras_have_turns_of_their_own() -> None:
    schedule = FunctionSchedule(RateLimits(1.0, 1.0, 1.0, 1.0))
    assert run(schedule, [0.0]) == [EVERY_FUNCTION]
    assert run(schedule, [0.5], camera="rear") == [EVERY_FUNCTION]
    schedule.forget("front")
    assert run(schedule, [0.6]) == [EVERY_FUNCTION]
    assert run(schedule, [0.6], camera="rear") == [None]


def test_other_limits_hold_from_the_next_frame_and_leave_the_rest_as_it_is() -> None:
    schedule = FunctionSchedule(RateLimits(labels=1.0, boxes=1.0))
    run(schedule, [0.0])
    schedule.set_limits(RateLimits(labels=1.0, boxes=4.0, memory=1.0))
    assert run(schedule, [0.25, 0.5]) == [
        {"embedding", "boxes", "memory"},
        {"embedding", "boxes"},
    ]
    schedule.set_limits(RateLimits(labels=1.0))
    assert run(schedule, [0.6, 1.0]) == [EVERY_FUNCTION - {"labels"}, EVERY_FUNCTION]


@given(
    st.lists(st.integers(0, 10 * SECOND), min_size=1, max_size=60).map(sorted),
    st.tuples(*[st.sampled_from([0.0, 0.5, 3.0, 30.0])] * 4),
)
def test_the_same_stamps_are_picked_every_time(
    stamps_ns: list[int], rates_hz: tuple[float, float, float, float]
) -> None:
    first, second = (FunctionSchedule(RateLimits(*rates_hz)) for _ in range(2))
    turns = [first.take("front", stamp_ns) for stamp_ns in stamps_ns]
    assert turns == [second.take("front", stamp_ns) for stamp_ns in stamps_ns]
    assert turns[0] == EVERY_FUNCTION


@pytest.mark.parametrize("rate_hz", [-1.0, 121.0, math.nan])
def test_a_rate_outside_its_range_is_refused_by_name(rate_hz: float) -> None:
    with pytest.raises(ParameterError, match=r"boxes.max_rate_hz: expected a number in \[0, 120\]"):
        RateLimits(boxes=rate_hz)


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ParameterError, match="expected one of labels, embedding, boxes, memory"):
        FunctionSchedule().switch("smell", on=True)


def box_turns(schedule: FunctionSchedule, stamps_s: list[float]) -> int:
    return sum("boxes" in (turn or ()) for turn in run(schedule, stamps_s))


@pytest.mark.parametrize(
    ("limit_hz", "cap_hz", "expected"),
    [(0.0, 5.0, 20), (10.0, 5.0, 20), (5.0, 10.0, 20), (5.0, math.inf, 20), (0.0, math.inf, 120)],
)
def test_boxes_keep_to_the_lower_of_limit_and_cap(
    limit_hz: float, cap_hz: float, expected: int
) -> None:
    schedule = FunctionSchedule(RateLimits(boxes=limit_hz))
    schedule.cap_boxes(cap_hz)
    assert box_turns(schedule, drive(4.0)) == pytest.approx(expected, abs=1)


def test_a_cap_that_is_lifted_leaves_the_limit() -> None:
    schedule = FunctionSchedule(RateLimits(boxes=10.0))
    schedule.cap_boxes(1.0)
    schedule.set_limits(RateLimits(boxes=15.0))
    assert box_turns(schedule, drive(4.0)) == pytest.approx(4, abs=1)
    schedule.cap_boxes(math.inf)
    assert box_turns(schedule, [4 + stamp_s for stamp_s in drive(4.0)]) == pytest.approx(60, abs=1)
