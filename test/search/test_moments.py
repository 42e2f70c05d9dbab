from __future__ import annotations

import numpy as np
import pytest
from archives import DIM, draw_vectors
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.search.moments import Moments, PackedMoments, ScoreMoments, pool_scores

seeds = st.integers(0, 2**16)
sizes = st.integers(1, 60)


def measured(scores: np.ndarray) -> ScoreMoments:
    return ScoreMoments(len(scores), float(scores.mean()), float(scores.var()))


def assert_same(one: ScoreMoments, other: ScoreMoments) -> None:
    assert one.count == other.count
    assert one.mean == pytest.approx(other.mean, abs=1e-6)
    assert one.variance == pytest.approx(other.variance, abs=1e-6)


@given(seeds, sizes)
def test_moments_of_scores_are_those_of_scoring_every_row(seed: int, size: int) -> None:
    rows, query = draw_vectors(seed, size), draw_vectors(seed + 1, 1)[0]

    assert_same(Moments.of(rows).of_scores(query), measured(rows @ query))


@given(seeds, sizes, sizes)
def test_moments_add_up(seed: int, size: int, other_size: int) -> None:
    rows, others = draw_vectors(seed, size), draw_vectors(seed + 1, other_size)
    query = draw_vectors(seed + 2, 1)[0]

    together = Moments.of(rows) + Moments.of(others)

    assert_same(together.of_scores(query), measured(np.concatenate([rows, others]) @ query))


@given(st.lists(sizes, min_size=1, max_size=4), seeds)
def test_moments_of_scores_pool(parts: list[int], seed: int) -> None:
    scores = np.random.default_rng(seed).uniform(-1, 1, sum(parts))
    pieces = np.split(scores, np.cumsum(parts)[:-1])

    assert_same(pool_scores([measured(piece) for piece in pieces]), measured(scores))


def test_packing_keeps_the_covariance() -> None:
    moments = Moments.of(draw_vectors(0, 50))

    unpacked = PackedMoments.of(moments).unpack()

    assert PackedMoments.of(moments).triangle.shape == (DIM * (DIM + 1) // 2,)
    np.testing.assert_allclose(unpacked.covariance, moments.covariance, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(unpacked.mean, moments.mean)


def test_z_counts_deviations_above_the_mean() -> None:
    assert ScoreMoments(5, 0.2, 0.01).z_of(0.5) == pytest.approx(3.0)


def test_z_is_zero_where_all_score_the_same() -> None:
    assert ScoreMoments(5, 0.2, 0.0).z_of(0.2000001) == 0.0
