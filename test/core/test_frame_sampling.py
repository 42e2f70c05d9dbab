from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.frame_sampling import RateSampler

MS = 1_000_000


def pick(stamps_ns: list[int], rate_hz: float) -> list[int]:
    sampler = RateSampler(rate_hz)
    return [stamp for stamp in stamps_ns if sampler.takes("front", stamp)]


@pytest.mark.parametrize(
    ("camera_hz", "rate_hz", "expected"),
    [(25, 5, 5), (30, 5, 5), (10, 4, 4), (5, 5, 5), (2, 5, 2)],
    ids=["divides", "thirty", "does not divide", "as fast", "slower"],
)
def test_a_steady_camera_gives_the_rate_or_its_own(
    camera_hz: int, rate_hz: int, expected: int
) -> None:
    stamps = [round(index * 1e9 / camera_hz) for index in range(20 * camera_hz)]
    assert len(pick(stamps, rate_hz)) == pytest.approx(20 * expected, abs=1)


def test_jitter_does_not_halve_the_rate() -> None:
    stamps = [index * 200 * MS + (index % 3 - 1) * 15 * MS for index in range(100)]
    assert pick(stamps, 5) == stamps


def test_a_jump_back_and_a_gap_start_anew() -> None:
    stamps = [0, 100 * MS, 200 * MS, 90_030 * MS, 90_130 * MS, 90_230 * MS, 5 * MS, 105 * MS]
    assert pick(stamps, 5) == [0, 200 * MS, 90_030 * MS, 90_230 * MS, 5 * MS]


def test_cameras_are_thinned_out_by_themselves() -> None:
    sampler = RateSampler(1.0)
    assert [sampler.takes(camera, 0) for camera in ("front", "rear", "front")] == [
        True,
        True,
        False,
    ]


@given(st.lists(st.integers(0, 10**11), min_size=1).map(sorted), st.floats(0.1, 100.0))
def test_picks_are_at_least_half_a_period_apart_and_begin_with_the_first(
    stamps: list[int], rate_hz: float
) -> None:
    picked = pick(stamps, rate_hz)
    assert picked[0] == stamps[0]
    assert all(late - early >= 0.5e9 / rate_hz - 2 for early, late in pairwise(picked))
