from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.smoothing import NS_PER_S, DwellGate, ExponentialSmoother

VALUES = st.lists(st.floats(-1, 1), min_size=1, max_size=30)
STEPS_NS = st.lists(st.integers(0, NS_PER_S), min_size=30, max_size=30)


def test_first_value_passes_unchanged() -> None:
    assert ExponentialSmoother(5.0).update(7, np.array([0.3]))[0] == 0.3


def test_step_has_come_through_by_63_percent_after_tau() -> None:
    smoother = ExponentialSmoother(2.0)
    smoother.update(0, np.array([0.0]))
    assert smoother.update(2 * NS_PER_S, np.array([1.0]))[0] == pytest.approx(1 - math.exp(-1))


@pytest.mark.parametrize("rate_hz", [5, 10, 30])
def test_smoothing_does_not_depend_on_the_frame_rate(rate_hz: int) -> None:
    smoother = ExponentialSmoother(0.5)
    smoother.update(0, np.array([0.0]))
    for frame in range(1, rate_hz + 1):
        value = smoother.update(frame * NS_PER_S // rate_hz, np.array([1.0]))[0]
    assert value == pytest.approx(1 - math.exp(-2), abs=1e-6)


def test_zero_tau_does_not_smooth() -> None:
    smoother = ExponentialSmoother(0.0)
    smoother.update(0, np.array([0.0]))
    assert smoother.update(1, np.array([1.0]))[0] == 1.0


def test_jump_back_in_time_starts_anew() -> None:
    smoother = ExponentialSmoother(10.0)
    smoother.update(5 * NS_PER_S, np.array([0.0]))
    assert smoother.update(4 * NS_PER_S, np.array([1.0]))[0] == 1.0


@given(VALUES, STEPS_NS, st.floats(0, 10))
def test_smoothed_value_stays_between_the_values_seen(
    values: list[float], steps_ns: list[int], tau_s: float
) -> None:
    smoother = ExponentialSmoother(tau_s)
    for index, (value, t_ns) in enumerate(
        zip(values, itertools.accumulate(steps_ns), strict=False)
    ):
        smoothed = smoother.update(t_ns, np.array([value]))[0]
        seen = values[: index + 1]
        assert min(seen) - 1e-9 <= smoothed <= max(seen) + 1e-9


def test_first_proposal_is_held_at_once() -> None:
    gate: DwellGate[str] = DwellGate(10.0)
    assert gate.update(3, "rain") == "rain"
    assert gate.since_ns == 3


def test_challenger_is_held_after_its_dwell_time() -> None:
    gate: DwellGate[str] = DwellGate(1.0)
    gate.update(0, "rain")
    assert gate.update(1 * NS_PER_S, "fog") == "rain"
    assert gate.update(2 * NS_PER_S - 1, "fog") == "rain"
    assert gate.update(2 * NS_PER_S, "fog") == "fog"
    assert gate.since_ns == 2 * NS_PER_S


def test_break_starts_the_dwell_time_again() -> None:
    gate: DwellGate[str] = DwellGate(1.0)
    gate.update(0, "rain")
    gate.update(1 * NS_PER_S, "fog")
    gate.update(2 * NS_PER_S - 1, "rain")
    assert gate.update(2 * NS_PER_S, "fog") == "rain"


def test_other_challenger_starts_its_own_dwell_time() -> None:
    gate: DwellGate[str] = DwellGate(1.0)
    gate.update(0, "rain")
    gate.update(1 * NS_PER_S, "fog")
    assert gate.update(2 * NS_PER_S, "snow") == "rain"


def test_gate_that_jumps_back_in_time_holds_the_proposal_at_once() -> None:
    gate: DwellGate[bool] = DwellGate(10.0)
    gate.update(5 * NS_PER_S, False)
    assert gate.held_at(4 * NS_PER_S) is None
    assert gate.update(4 * NS_PER_S, True) is True


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=30), STEPS_NS, st.floats(0, 2))
def test_gate_never_flips_faster_than_its_dwell_time(
    proposals: list[str], steps_ns: list[int], dwell_s: float
) -> None:
    gate: DwellGate[str] = DwellGate(dwell_s)
    flips_ns = []
    held = None
    for proposal, t_ns in zip(proposals, itertools.accumulate(steps_ns), strict=False):
        before, held = held, gate.update(t_ns, proposal)
        if held != before:
            flips_ns.append(t_ns)
            assert gate.since_ns == t_ns
    gaps_ns = [after - before for before, after in itertools.pairwise(flips_ns)]
    assert all(gap_ns >= round(dwell_s * NS_PER_S) for gap_ns in gaps_ns)
