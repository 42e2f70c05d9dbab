from __future__ import annotations

import math

import pytest

from scene_clip_ros.report.stamp_gaps import StampGap, measure_stamps

MS = 1_000_000
START_NS = 10**18


def at(*millis: int) -> list[int]:
    return [START_NS + each * MS for each in millis]


def test_a_steady_camera_has_its_rate_and_no_gaps() -> None:
    facts = measure_stamps(at(*range(0, 2000, 100)))
    assert (facts.frames, facts.gaps, facts.jumps_back, facts.implausible) == (20, (), 0, 0)
    assert facts.rate_hz == pytest.approx(10.0)
    assert facts.length_s == pytest.approx(2.0)
    assert (facts.interval_ms, facts.interval_p95_ms) == (100.0, 100.0)


def test_a_stall_is_found_with_its_times_and_lowers_the_rate() -> None:
    facts = measure_stamps(at(0, 100, 200, 900, 1000, 1100))
    assert facts.gaps == (StampGap(*at(200, 900)),)
    assert facts.gaps[0].length_s == pytest.approx(0.7)
    assert facts.rate_hz == pytest.approx(6 / 1.2)


def test_three_intervals_are_not_yet_a_stall() -> None:
    assert measure_stamps(at(0, 100, 200, 500, 600)).gaps == ()
    assert len(measure_stamps(at(0, 100, 200, 501, 600)).gaps) == 1


def test_one_frame_has_no_rate() -> None:
    facts = measure_stamps(at(0))
    assert (facts.frames, facts.length_s, facts.gaps) == (1, 0.0, ())
    assert math.isnan(facts.rate_hz)
    assert math.isnan(facts.interval_ms)


def test_a_clock_that_stands_still_has_no_rate() -> None:
    facts = measure_stamps(at(0, 0, 0))
    assert (facts.frames, facts.length_s, facts.gaps) == (3, 0.0, ())


def test_jumps_back_are_counted_and_do_not_look_like_stalls() -> None:
    facts = measure_stamps(at(0, 100, 200, 50, 150, 250))
    assert (facts.jumps_back, facts.gaps) == (1, ())


def test_stamps_of_another_age_are_counted_and_do_not_stretch_the_drive() -> None:
    facts = measure_stamps([0, 1, *at(0, 100, 200)])
    assert (facts.frames, facts.implausible) == (5, 2)
    assert facts.start_ns == START_NS
    assert facts.rate_hz == pytest.approx(10.0)
