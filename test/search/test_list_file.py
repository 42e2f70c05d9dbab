from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from archives import DIM, draw_vectors
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.list_file import ListFile, list_bytes, row_bytes

ROWS, LISTS = 200, 7


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists") / "vectors.bin"


def centroids() -> FloatArray:
    return draw_vectors(50, LISTS, clusters=LISTS)


def write(path: Path, vectors: FloatArray) -> ListFile:
    """Write rows into the lists of their nearest centroids; the last list stays empty."""
    members = (vectors @ centroids()[: LISTS - 1].T).argmax(axis=1)
    contents = list(list_bytes(vectors.astype(np.float16), members, lists=LISTS))
    path.write_bytes(b"".join(contents))
    return ListFile(
        path,
        centroids=centroids(),
        list_rows=np.bincount(members, minlength=LISTS).astype(np.uint32),
        sums=np.array([zlib.crc32(each) for each in contents], np.uint32),
    )


def half_scores(vectors: FloatArray, query: FloatArray) -> FloatArray:
    scores: FloatArray = vectors.astype(np.float16).astype(np.float32) @ query[0]
    return scores


@given(seed=st.integers(0, 2**16), count=st.integers(1, 250), share=st.floats(0.0, 1.0))
def test_all_lists_together_give_what_scoring_every_row_gives(
    path: Path, seed: int, count: int, share: float
) -> None:
    vectors, query = draw_vectors(seed, ROWS), draw_vectors(seed + 1, 1)
    selected = np.random.default_rng(seed).random(ROWS) < share
    expected = half_scores(vectors, query)

    numbers, scores = write(path, vectors).nearest(
        query, count=count, probes=LISTS, selected=selected
    )

    assert len(set(numbers.tolist())) == len(numbers) == min(count, int(selected.sum()))
    assert selected[numbers].all()
    np.testing.assert_allclose(scores, expected[numbers], atol=1e-5)
    np.testing.assert_allclose(scores, -np.sort(-expected[selected])[:count], atol=1e-5)


def test_every_score_is_in_the_order_of_the_rows(path: Path) -> None:
    vectors, query = draw_vectors(1, ROWS), draw_vectors(2, 1)

    scores = write(path, vectors).every_score(query)

    np.testing.assert_allclose(scores, half_scores(vectors, query), atol=1e-5)


def test_only_the_best_lists_are_read(path: Path) -> None:
    vectors = draw_vectors(1, ROWS)
    lists = write(path, vectors)
    query = centroids()[2:3]

    numbers, _ = lists.nearest(query, count=ROWS, probes=1, selected=None)

    members = (vectors @ centroids()[: LISTS - 1].T).argmax(axis=1)
    assert sorted(numbers.tolist()) == np.flatnonzero(members == 2).tolist()


def test_damaged_list_is_found_when_it_is_read_and_not_before(path: Path) -> None:
    vectors = draw_vectors(1, ROWS)
    members = (vectors @ centroids()[: LISTS - 1].T).argmax(axis=1)
    last = int(members.max())
    lists = write(path, vectors)
    content = bytearray(path.read_bytes())
    content[-row_bytes(DIM) :] = bytes(row_bytes(DIM))
    path.write_bytes(content)

    other = 0 if last != 0 else 1
    lists.nearest(centroids()[other : other + 1], count=3, probes=1, selected=None)
    with pytest.raises(ArchiveError, match=f"vectors.bin: expected list {last} as it was written"):
        lists.nearest(centroids()[last : last + 1], count=3, probes=1, selected=None)
    with pytest.raises(ArchiveError, match=f"list {last}"):
        lists.every_score(centroids()[:1])
    with pytest.raises(ArchiveError, match=f"list {last}"):
        lists.check()


@pytest.mark.parametrize("number", [-1, 1, 2**40], ids=["negative", "too high", "huge"])
def test_rows_that_cannot_be_are_refused(tmp_path: Path, number: int) -> None:
    content = np.zeros(DIM, np.float16).tobytes() + np.int64(number).tobytes()
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    lists = ListFile(
        path,
        centroids=np.zeros((1, DIM), np.float32),
        list_rows=np.array([1], np.uint32),
        sums=np.array([zlib.crc32(content)], np.uint32),
    )

    with pytest.raises(ArchiveError, match=r"expected rows in \[0, 1\), got others"):
        lists.nearest(draw_vectors(0, 1), count=1, probes=1, selected=None)


@pytest.mark.parametrize("change", [-1, 1], ids=["cut off", "grown"])
def test_file_of_another_size_is_refused_unmapped(path: Path, change: int) -> None:
    write(path, draw_vectors(1, ROWS))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size + change] + bytes(max(0, change)))

    with pytest.raises(ArchiveError, match=f"expected {size} bytes, got {size + change}"):
        ListFile(
            path,
            centroids=np.zeros((1, DIM), np.float32),
            list_rows=np.array([ROWS], np.uint32),
            sums=np.array([0], np.uint32),
        )
