"""The best come first; recall counts who found something right, and gains nothing by ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scene_clip_ros.core.matching import measure_recall, rank_columns
from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array

COSINES = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]])


def test_the_best_columns_come_first_and_of_equals_the_first() -> None:
    assert rank_columns(COSINES, top=2).tolist() == [[1, 2], [0, 1]]
    assert rank_columns(np.zeros((1, 3)), top=9).tolist() == [[0, 1, 2]]


def test_recall_is_the_share_that_found_something_right() -> None:
    is_right = np.array([[False, False, True], [True, False, False]])
    recall = measure_recall(COSINES, is_right, at=(1, 2))
    assert (recall.asked, recall.at) == (2, {1: 0.5, 2: 1.0})


def test_rows_with_nothing_to_be_found_are_not_asked() -> None:
    is_right = np.array([[False, True, False], [False, False, False]])
    assert measure_recall(COSINES, is_right, at=(1,)).asked == 1
    assert measure_recall(COSINES, np.zeros((2, 3), np.bool_), at=(1,)).at == {1: 0.0}


def test_a_model_that_embeds_everything_alike_finds_nothing() -> None:
    assert measure_recall(np.ones((3, 3)), np.eye(3, dtype=np.bool_), at=(1,)).at == {1: 0.0}


@given(
    arrays(np.float64, (4, 6), elements=st.floats(-1, 1)),
    arrays(np.bool_, (4, 6)),
)
def test_recall_grows_with_what_is_looked_at_and_ends_at_one(
    cosines: Float64Array, is_right: BoolArray
) -> None:
    recall = measure_recall(cosines, is_right, at=(1, 2, 6))
    assert recall.at[1] <= recall.at[2] <= recall.at[6]
    assert not recall.asked or recall.at[6] == 1.0


def test_truths_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        measure_recall(COSINES, np.ones((3, 2), np.bool_))
