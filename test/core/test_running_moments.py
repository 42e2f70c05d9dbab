from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.running_moments import (
    PENDING_ROWS,
    CosineSums,
    HalfArray,
    RunningMoments,
)
from scene_clip_ros.core.types import FloatArray

DIM = 6


def unit_rows(count: int, seed: int) -> HalfArray:
    """Draw rows that are all much alike, as the embeddings of one drive are."""
    rows = np.random.default_rng(seed).normal(2.0, 1.0, (count, DIM))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def a_query(seed: int) -> FloatArray:
    query = np.random.default_rng([seed, 1]).normal(size=DIM)
    return np.asarray(query / np.linalg.norm(query), np.float32)


def assert_sums_are_those_of(sums: CosineSums, rows: HalfArray, query: FloatArray) -> None:
    cosines = rows.astype(np.float64) @ query.astype(np.float64)
    assert sums.count == len(rows)
    assert sums.mean == pytest.approx(cosines.mean() if len(rows) else 0.0, abs=1e-12)
    assert sums.deviation == pytest.approx(cosines.std() if len(rows) else 0.0, abs=1e-7)


@given(st.lists(st.booleans(), max_size=5 * PENDING_ROWS), st.integers(0, 99))
def test_moments_are_those_of_the_rows_that_are_there(additions: list[bool], seed: int) -> None:
    rows, query = unit_rows(len(additions), seed), a_query(seed)
    moments = RunningMoments(DIM)
    first = last = 0
    for is_addition in additions:
        if is_addition:
            moments.add(rows[last])
            last += 1
        elif first < last:
            moments.remove(rows[first])
            first += 1

    assert_sums_are_those_of(moments.view().project(query), rows[first:last], query)


def test_rows_that_came_and_left_long_ago_leave_no_trace() -> None:
    rows, query = unit_rows(20_000, 3), a_query(3)
    moments = RunningMoments(DIM)
    for index, row in enumerate(rows):
        moments.add(row)
        if index >= 50:
            moments.remove(rows[index - 50])

    assert_sums_are_those_of(moments.view().project(query), rows[-50:], query)


@pytest.mark.parametrize("more", [1, PENDING_ROWS, 3 * PENDING_ROWS])
def test_view_does_not_change_with_what_comes_after_it(more: int) -> None:
    rows, query = unit_rows(50 + more, 4), a_query(4)
    moments = RunningMoments(DIM)
    for row in rows[:50]:
        moments.add(row)
    view = moments.view()
    for row in rows[50:]:
        moments.add(row)
    moments.clear()

    assert_sums_are_those_of(view.project(query), rows[:50], query)


def test_sums_of_two_parts_are_those_of_the_whole() -> None:
    rows, query = unit_rows(90, 5), a_query(5)
    parts = [RunningMoments(DIM), RunningMoments(DIM)]
    for index, row in enumerate(rows):
        parts[index % 3 == 0].add(row)

    sums = [part.view().project(query) for part in parts]

    assert_sums_are_those_of(sums[0] + sums[1], rows, query)


def test_z_counts_deviations_from_the_mean() -> None:
    assert CosineSums(count=2, total=0.4, squares=0.1).z_of(0.4) == pytest.approx(2.0)


@pytest.mark.parametrize(
    "sums",
    [
        pytest.param(CosineSums(), id="no rows"),
        pytest.param(CosineSums(count=5, total=1.0, squares=0.2), id="all alike"),
    ],
)
def test_z_is_zero_where_nothing_differs(sums: CosineSums) -> None:
    assert sums.z_of(0.9) == 0.0
