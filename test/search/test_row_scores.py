from __future__ import annotations

import threading

import faiss
import numpy as np
import pytest

from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.search.row_scores import best_rows, single_thread


def some_rows(count: int, dim: int) -> HalfArray:
    rows = np.random.default_rng([count, dim]).normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


@pytest.mark.parametrize("dim", [1, 3, 8, 31, 257, 512])
@pytest.mark.parametrize("count", [1, 7, 40])
def test_scores_are_those_of_numpy(dim: int, count: int) -> None:
    rows = some_rows(40, dim)
    query = some_rows(1, dim)[0].astype(np.float32)

    found, scores = best_rows(rows, query, count)

    expected = rows.astype(np.float64) @ query.astype(np.float64)
    assert len(set(found.tolist())) == count
    np.testing.assert_allclose(scores, np.sort(expected)[::-1][:count], atol=1e-6)
    np.testing.assert_allclose(scores, expected[found], atol=1e-6)


def test_rows_in_the_middle_of_a_block_are_scored_where_they_lie() -> None:
    block = some_rows(60, 16)
    query = block[33].astype(np.float32)

    found, _ = best_rows(block[20:50], query, 1)

    assert found.tolist() == [13]


def test_more_rows_than_there_are_cannot_be_found() -> None:
    found, scores = best_rows(some_rows(3, 4), np.eye(4, dtype=np.float32)[0], 10)

    assert sorted(found.tolist()) == [0, 1, 2]
    assert scores.shape == (3,)


def test_no_rows_give_nothing() -> None:
    found, scores = best_rows(np.empty((0, 4), np.float16), np.zeros(4, np.float32), 5)

    assert (found.shape, scores.shape) == ((0,), (0,))


def test_numbers_too_small_for_full_precision_count_too() -> None:
    rows = np.array([[2.0**-24, 0], [-(2.0**-24), 0]], np.float16)

    _, scores = best_rows(rows, np.array([1, 0], np.float32), 2)

    assert scores.tolist() == [2.0**-24, -(2.0**-24)]


def test_threads_are_given_back_to_faiss() -> None:
    def check() -> None:
        faiss.omp_set_num_threads(3)
        with single_thread():
            seen.append(faiss.omp_get_max_threads())
        seen.append(faiss.omp_get_max_threads())

    seen: list[int] = []
    thread = threading.Thread(target=check)
    thread.start()
    thread.join()

    assert seen == [1, 3]
