from __future__ import annotations

import numpy as np
import pytest
from archives import DIM, draw_vectors, unit

from scene_clip_ros.search.index_build import build_lists
from scene_clip_ros.search.index_choice import EXACT_ROWS, RECALL_GOAL


def test_small_segment_is_one_list_and_exact() -> None:
    index = build_lists(draw_vectors(0, 100).astype(np.float16))

    assert (index.lists, index.probes, index.recall) == (1, 1, 1.0)
    assert index.members.tolist() == [0] * 100
    assert index.centroids.shape == (0, DIM)


def test_every_row_is_in_the_list_of_its_nearest_centroid() -> None:
    vectors = draw_vectors(0, EXACT_ROWS).astype(np.float16)

    index = build_lists(vectors)

    scores = vectors.astype(np.float32) @ index.centroids.T
    chosen = np.take_along_axis(scores, index.members[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(chosen, scores.max(axis=1), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(index.centroids, axis=1), 1.0, atol=1e-5)


def test_stated_recall_holds_for_queries_that_it_was_not_measured_with() -> None:
    vectors = draw_vectors(0, 2 * EXACT_ROWS).astype(np.float16)
    index = build_lists(vectors)
    rows = vectors.astype(np.float32)
    generator = np.random.default_rng(99)
    queries = unit(
        rows[generator.integers(0, len(rows), 200)]
        + 0.5 * unit(generator.standard_normal((200, DIM)))
    )

    best = np.argsort(-queries @ rows.T, axis=1)[:, :10]
    read = np.argsort(-queries @ index.centroids.T, axis=1)[:, : index.probes]
    found = (index.members[best][:, :, None] == read[:, None, :]).any(axis=2)

    assert index.recall >= RECALL_GOAL
    assert index.probes < index.lists
    assert found.mean() >= 0.95


def test_higher_goal_reads_more_lists() -> None:
    vectors = draw_vectors(0, EXACT_ROWS).astype(np.float16)

    probes = [build_lists(vectors, goal=goal).probes for goal in (0.5, 0.98, 1.0)]

    assert probes == sorted(probes)
    assert probes[0] < probes[-1]


@pytest.mark.parametrize("rows", [1, EXACT_ROWS], ids=["one row", "many rows"])
def test_equal_rows_are_no_trouble(rows: int) -> None:
    same = np.repeat(draw_vectors(0, 1), rows, axis=0).astype(np.float16)

    index = build_lists(same)

    assert len(index.members) == rows
    assert np.isfinite(index.centroids).all()


def test_index_is_the_same_every_time() -> None:
    vectors = draw_vectors(0, EXACT_ROWS).astype(np.float16)

    first, second = build_lists(vectors), build_lists(vectors)

    np.testing.assert_array_equal(first.members, second.members)
    assert first.probes == second.probes
