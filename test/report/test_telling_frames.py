from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.telling_frames import (
    choose_telling,
    measure_typicality,
    pick_apart,
    pick_evenly,
)

stamps_and_costs = st.lists(
    st.tuples(st.integers(0, 10**9), st.floats(-1, 1)), min_size=1, max_size=50
).map(sorted)


def columns(frames: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([f[1] for f in frames]), np.array([f[0] for f in frames], np.int64)


def test_the_frame_that_is_like_no_other_is_least_typical() -> None:
    rows = np.eye(3, dtype=np.float32)[[0, 0, 0, 1]]
    typicality = measure_typicality(rows)
    assert typicality.argmin() == 3
    assert typicality[:3] == pytest.approx([3 / 10**0.5] * 3)


def test_opposite_frames_have_no_typical_one() -> None:
    rows = np.array([[1, 0], [-1, 0]], np.float32)
    assert measure_typicality(rows).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("shape", [(0, 4), (3, 0)], ids=["no frames", "not embedded"])
def test_nothing_embedded_is_no_error(shape: tuple[int, int]) -> None:
    assert measure_typicality(np.empty(shape, np.float32)).tolist() == [0.0] * shape[0]


@given(stamps_and_costs, st.integers(0, 8))
def test_typical_and_unusual_frames_are_different_ones(
    frames: list[tuple[int, float]], count: int
) -> None:
    typicality, stamps = columns(frames)
    telling = choose_telling(typicality, stamps, count=count)
    chosen = (*telling.typical, *telling.unusual)
    assert len(set(chosen)) == len(chosen)
    assert len(telling.typical) <= count
    assert len(telling.unusual) <= count


@given(stamps_and_costs, st.integers(1, 8))
def test_the_cheapest_is_picked_and_the_others_are_apart(
    frames: list[tuple[int, float]], count: int
) -> None:
    costs, stamps = columns(frames)
    picked = pick_apart(costs, stamps, count=count)
    assert costs[picked[0]] == costs.min()
    assert 1 <= len(picked) <= count
    apart = (stamps[-1] - stamps[0]) // (2 * count)
    gaps = np.diff(np.sort(stamps[list(picked)]))
    assert (gaps >= apart).all()


def test_one_frame_is_typical_and_none_unusual() -> None:
    telling = choose_telling(np.ones(1), np.zeros(1, np.int64), count=4)
    assert (telling.typical, telling.unusual) == ((0,), ())


@given(stamps_and_costs, st.integers(1, 12))
def test_even_picks_are_in_order_and_no_more_than_asked_for(
    frames: list[tuple[int, float]], count: int
) -> None:
    _, stamps = columns(frames)
    picked = pick_evenly(stamps, count=count)
    assert list(picked) == sorted(set(picked))
    assert 1 <= len(picked) <= count
    assert len(stamps) > count or len(picked) == len(stamps)


def test_even_picks_are_the_middles_of_equal_parts() -> None:
    assert pick_evenly(np.arange(0, 101, dtype=np.int64), count=4) == (12, 37, 62, 87)
