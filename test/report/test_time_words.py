from __future__ import annotations

import math

import pytest

from scene_clip_ros.report.time_words import count, spell_duration, spell_moment, spell_number


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.64, "0.6 s"),
        (3.0, "3 s"),
        (9.97, "10 s"),
        (20.4, "20 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (3720, "1 h 02 min"),
        (7200, "2 h"),
    ],
)
def test_durations_have_the_units_that_suit_them(seconds: float, expected: str) -> None:
    assert spell_duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"),
        (12.44, "12.4 s"),
        (59.96, "1 min 0.0 s"),
        (200.4, "3 min 20.4 s"),
        (3661, "1 h 1 min 1.0 s"),
    ],
)
def test_moments_are_told_to_the_tenth(seconds: float, expected: str) -> None:
    assert spell_moment(seconds) == expected


def test_what_is_no_number_is_a_dash() -> None:
    assert (spell_number(1.25, "ms"), spell_number(math.nan, "ms")) == ("1.2 ms", "–")


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 frames"), (1, "1 frame"), (18000, "18 000 frames")]
)
def test_counts_agree_with_their_noun(number: int, expected: str) -> None:
    assert count(number, "frame") == expected
