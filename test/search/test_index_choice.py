from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from scene_clip_ros.search.index_choice import (
    EXACT_ROWS,
    MIN_PROBES,
    choose_lists,
    choose_probes,
)


@pytest.mark.parametrize(
    ("rows", "lists"),
    [(1, 1), (EXACT_ROWS - 1, 1), (EXACT_ROWS, 64), (16_384, 128), (65_536, 256)],
    ids=["one row", "largest exact", "smallest in lists", "medium", "largest"],
)
def test_size_decides_how_many_lists(rows: int, lists: int) -> None:
    assert choose_lists(rows) == lists


@given(
    npst.arrays(np.int64, (7, 10), elements=st.integers(0, 39)),
    npst.arrays(np.int64, (5, 10), elements=st.integers(0, 39)),
    st.floats(0.0, 1.0),
)
def test_fewest_lists_that_reach_the_goal_for_every_kind_are_read(
    images: np.ndarray, texts: np.ndarray, goal: float
) -> None:
    choice = choose_probes([images, texts], 40, goal=goal)

    def recall(probes: int) -> float:
        return min(float((kind < probes).mean()) for kind in (images, texts))

    assert MIN_PROBES <= choice.probes <= 40
    assert choice.recall == pytest.approx(recall(choice.probes))
    assert choice.recall >= goal
    assert choice.probes == MIN_PROBES or recall(choice.probes - 1) < goal


def test_few_lists_are_all_read() -> None:
    choice = choose_probes([np.zeros((3, 10), np.int64)], 5, goal=0.9)

    assert (choice.probes, choice.recall) == (5, 1.0)
