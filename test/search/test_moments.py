from __future__ import annotations

import numpy as np
import pytest
from archives import DIM, draw_vectors
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.search.moments import Moments, QueryProducts, sum_scores

seeds = st.integers(0, 2**16)
sizes = st.integers(1, 60)


def assert_same(one: CosineSums, other: CosineSums) -> None:
    assert one.count == other.count
    assert one.mean == pytest.approx(other.mean, abs=1e-6)
    assert one.deviation == pytest.approx(other.deviation, abs=1e-4)


@given(seeds, sizes)
def test_moments_of_scores_are_those_of_scoring_every_row(seed: int, size: int) -> None:
    rows, query = draw_vectors(seed, size), draw_vectors(seed + 1, 1)[0]

    projected = Moments.of(rows).project(QueryProducts.of(query))

    assert_same(projected, sum_scores(rows @ query))


@given(seeds, sizes, sizes)
def test_sums_of_parts_add_up(seed: int, size: int, other_size: int) -> None:
    rows, others = draw_vectors(seed, size), draw_vectors(seed + 1, other_size)
    query = draw_vectors(seed + 2, 1)[0]

    together = Moments.of(rows).project(QueryProducts.of(query)) + sum_scores(others @ query)

    assert_same(together, sum_scores(np.concatenate([rows, others]) @ query))


def test_moments_are_kept_once_each() -> None:
    assert Moments.of(draw_vectors(0, 50)).triangle.shape == (DIM * (DIM + 1) // 2,)


def test_scores_of_a_sample_stand_for_all_frames() -> None:
    sums = sum_scores(np.array([0.1, 0.3]), frames=1000)

    assert sums.count == 1000
    assert sums.mean == pytest.approx(0.2)
    assert sums.deviation == pytest.approx(0.1)


def test_no_scores_add_up_to_nothing() -> None:
    assert sum_scores(np.empty(0)) == CosineSums()
