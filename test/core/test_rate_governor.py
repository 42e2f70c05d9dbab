"""A function is held back while results are late, with clocks and latencies made up."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.rate_governor import GovernorState, LatencyBudget, RateGovernor

BUDGET = LatencyBudget(0.1, min_rate_hz=2.0)
CAMERA_HZ = 30.0

LatencyOf = Callable[[float], float]
"""Latency in seconds if the function gets so many frames a second."""


class World:
    """A camera of 30 Hz, whose results come as late as a made-up machine says."""

    def __init__(self, governor: RateGovernor, *, camera_hz: float = CAMERA_HZ) -> None:
        self.governor = governor
        self._camera_hz = camera_hz
        self._now_s = 0.0
        self._credit = 0.0

    def run(self, seconds: int, latency_of: LatencyOf) -> list[GovernorState]:
        """Return the state after each second."""
        return [self._second(latency_of) for _ in range(seconds)]

    def _second(self, latency_of: LatencyOf) -> GovernorState:
        for _ in range(round(self._camera_hz)):
            given_hz = min(self.governor.state.rate_hz, self._camera_hz)
            self._credit += given_hz / self._camera_hz
            is_given = self._credit >= 1
            self._credit -= is_given
            self.governor.observe(
                "front",
                latency_ns=round(latency_of(given_hz) * 1e9),
                had_function=is_given,
                now_ns=round(self._now_s * 1e9),
            )
            self._now_s += 1 / self._camera_hz
        return self.governor.state


def steadily(latency_s: float) -> LatencyOf:
    return lambda _rate_hz: latency_s


def up_to(limit_hz: float) -> LatencyOf:
    """A machine that is late as soon as the function gets more than a rate."""
    return lambda rate_hz: 0.05 if rate_hz <= limit_hz else 0.3


def rates(states: list[GovernorState]) -> list[float]:
    return [state.rate_hz for state in states]


def test_without_a_budget_nothing_is_ever_held_back() -> None:
    governor = RateGovernor()
    assert set(rates(World(governor).run(30, steadily(5.0)))) == {math.inf}
    assert governor.state == GovernorState()


def test_results_in_time_hold_nothing_back() -> None:
    states = World(RateGovernor(BUDGET)).run(30, steadily(0.099))
    assert set(rates(states)) == {math.inf}
    assert not states[-1].is_late


def test_late_results_lower_the_rate_from_what_was_got_to_the_least_and_no_further() -> None:
    states = World(RateGovernor(BUDGET)).run(20, steadily(0.2))
    lowered = [rate for rate in rates(states) if math.isfinite(rate)]
    assert lowered[0] == pytest.approx(CAMERA_HZ / 2, abs=1)
    assert lowered == sorted(lowered, reverse=True)
    assert lowered[-1] == BUDGET.min_rate_hz
    assert states[-1].is_late
    assert states[-1].is_at_least_rate


def test_a_little_lateness_takes_a_little_rate() -> None:
    first = next(s for s in World(RateGovernor(BUDGET)).run(3, steadily(0.105)) if s.is_lowered)
    assert first.rate_hz == pytest.approx(0.9 * CAMERA_HZ, abs=1)


def test_the_rate_rises_again_when_there_is_room_until_it_holds_nothing_back() -> None:
    world = World(RateGovernor(BUDGET))
    world.run(20, steadily(0.2))
    recovery = rates(world.run(120, steadily(0.05)))
    assert recovery == sorted(recovery)
    assert recovery[5] < 4.0, "slowly"
    assert recovery[-1] == math.inf


def test_between_room_and_budget_nothing_changes() -> None:
    world = World(RateGovernor(BUDGET))
    world.run(3, steadily(0.2))
    before = world.run(2, steadily(0.09))[-1].rate_hz
    assert set(rates(world.run(60, steadily(0.09)))) == {before}
    assert 2.0 < before < 20.0


@pytest.mark.parametrize("limit_hz", [3.0, 7.5, 20.0])
def test_the_rate_settles_below_what_the_machine_can_do(limit_hz: float) -> None:
    states = World(RateGovernor(BUDGET)).run(600, up_to(limit_hz))
    settled = states[60:]
    assert all(0.6 * limit_hz <= state.rate_hz <= 1.1 * limit_hz for state in settled)
    assert sum(state.is_late for state in settled) <= 0.06 * len(settled)


def test_a_function_that_is_off_is_not_lowered() -> None:
    governor = RateGovernor(BUDGET)
    for second in range(10):
        governor.observe("front", latency_ns=10**9, had_function=False, now_ns=second * 10**9)
    assert governor.state.is_late
    assert not governor.state.is_lowered


def test_a_function_that_is_switched_off_meanwhile_is_not_held_back_for_ever() -> None:
    world = World(RateGovernor(BUDGET))
    world.run(20, steadily(0.2))
    for second in range(100, 300):
        world.governor.observe("front", latency_ns=1, had_function=False, now_ns=second * 10**9)
    assert not world.governor.state.is_lowered


def test_a_rate_above_what_the_function_is_limited_to_anyhow_holds_nothing_back() -> None:
    world = World(RateGovernor(LatencyBudget(0.1, max_rate_hz=6.0)))
    world.run(20, steadily(0.2))
    recovery = rates(world.run(60, steadily(0.05)))
    assert recovery[-1] == math.inf
    assert max(rate for rate in recovery if math.isfinite(rate)) < 6.0


def test_a_limit_below_the_least_rate_is_not_undercut_either() -> None:
    state = World(RateGovernor(LatencyBudget(0.1, max_rate_hz=1.0))).run(20, steadily(0.2))[-1]
    assert (state.rate_hz, state.is_at_least_rate) == (1.0, True)


def test_the_rate_is_lowered_from_that_of_the_camera_that_got_the_function_most() -> None:
    governor = RateGovernor(BUDGET)
    for tenth in range(11):
        for camera, often in (("front", 5), ("rear", 1)):
            governor.observe(
                camera,
                latency_ns=200_000_000,
                had_function=tenth % often == 0,
                now_ns=tenth * 100_000_000,
            )
    assert governor.state.rate_hz == pytest.approx(6.0, abs=1)


def test_another_budget_begins_with_nothing_held_back() -> None:
    world = World(RateGovernor(BUDGET))
    world.run(20, steadily(0.2))
    world.governor.set_budget(LatencyBudget(0.3))
    assert world.governor.state == GovernorState(LatencyBudget(0.3))
    assert set(rates(world.run(20, steadily(0.2)))) == {math.inf}
    world.governor.set_budget(LatencyBudget())
    assert set(rates(world.run(20, steadily(0.9)))) == {math.inf}


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=40))
def test_the_least_rate_is_never_undercut_and_the_same_feed_gives_the_same_rate(
    latencies_s: list[float],
) -> None:
    first, second = (World(RateGovernor(BUDGET), camera_hz=10.0) for _ in range(2))
    for latency_s in latencies_s:
        state = first.run(1, steadily(latency_s))[0]
        assert state.rate_hz >= BUDGET.min_rate_hz
        assert second.run(1, steadily(latency_s))[0] == state or math.isnan(state.p95_s)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"budget_s": -0.1}, r"latency_budget_s: expected a number in \[0, 60\], got -0.1"),
        ({"budget_s": math.nan}, "latency_budget_s: expected"),
        ({"min_rate_hz": 0.0}, r"min_rate_hz: expected a number in \[0.1, 120\], got 0"),
    ],
)
def test_a_budget_outside_its_range_is_refused(values: dict[str, float], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        LatencyBudget(**values)
