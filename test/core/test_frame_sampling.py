from __future__ import annotations

from itertools import pairwise

import numpy as np
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
    [(25, 5, 5), (30, 5, 5), (10, 4, 4), (30, 20, 20), (30, 25, 25), (5, 5, 5), (2, 5, 2)],
    ids=["divides", "thirty", "does not divide", "two of three", "most", "as fast", "slower"],
)
def test_a_steady_camera_gives_the_rate_or_its_own(
    camera_hz: int, rate_hz: int, expected: int
) -> None:
    stamps = [round(index * 1e9 / camera_hz) for index in range(20 * camera_hz)]
    assert len(pick(stamps, rate_hz)) == pytest.approx(20 * expected, abs=1)


def test_jitter_does_not_halve_the_rate() -> None:
    stamps = [index * 200 * MS + (index % 3 - 1) * 15 * MS for index in range(100)]
    assert pick(stamps, 5) == stamps


@given(st.lists(st.integers(-8 * MS, 8 * MS), min_size=30, max_size=90))
def test_jitter_makes_no_fourth_frame_of_each_third(jitter_ns: list[int]) -> None:
    stamps = [round(index * 1e9 / 30) + each for index, each in enumerate([0, *jitter_ns[1:]])]
    assert pick(stamps, 10) == stamps[::3]


def test_a_frame_that_is_missing_leaves_the_grid_as_it_is() -> None:
    stamps = [index * 100 * MS for index in range(10) if index != 4]
    assert pick(stamps, 5) == [0, 200 * MS, 500 * MS, 600 * MS, 800 * MS]


def test_another_rate_counts_from_the_last_pick() -> None:
    sampler = RateSampler(5.0)
    assert sampler.takes("front", 0)
    sampler.set_rate(1.0)
    assert [sampler.takes("front", s * 100 * MS) for s in (2, 7, 10, 17, 20)] == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_a_camera_that_is_forgotten_begins_anew() -> None:
    sampler = RateSampler(1.0)
    for camera in ("front", "rear"):
        sampler.takes(camera, 0)
    sampler.forget("front")
    sampler.forget("never seen")
    assert [sampler.takes(camera, 100 * MS) for camera in ("front", "rear")] == [True, False]
    sampler.forget()
    assert sampler.takes("rear", 200 * MS)


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


def turns(cameras: int, rate_hz: float, *, seconds: int = 20) -> list[list[bool]]:
    """Return by frame which of some cameras that take their pictures at once are picked."""
    sampler = RateSampler(rate_hz, apart=True)
    stamps = [round(index * 1e9 / 30) for index in range(30 * seconds)]
    return [[sampler.takes(str(camera), stamp) for camera in range(cameras)] for stamp in stamps]


@pytest.mark.parametrize(("cameras", "at_once"), [(1, 1), (2, 1), (3, 1), (4, 1), (6, 2)])
def test_cameras_apart_take_turns_at_the_same_rate(cameras: int, at_once: int) -> None:
    picked = np.array(turns(cameras, 4.0))
    assert picked[0].all()
    assert picked.sum(axis=0) == pytest.approx(np.full(cameras, 80), abs=2)
    assert picked[10:].sum(axis=1).max() == at_once


def test_cameras_that_go_apart_while_running_lose_no_more_than_half_a_period() -> None:
    sampler = RateSampler(1.0)
    cameras = ("front", "left", "right")
    for camera in cameras:
        sampler.takes(camera, 0)
    sampler.set_rate(2.0, apart=True)
    stamps = [round(index * 1e9 / 30) for index in range(1, 30)]
    first = {
        camera: next(stamp for stamp in stamps if sampler.takes(camera, stamp))
        for camera in cameras
    }
    assert len(set(first.values())) == 3
    assert all(0.24e9 <= stamp <= 0.76e9 for stamp in first.values())
