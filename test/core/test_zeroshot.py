from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from scene_clip_ros.core.zeroshot import Float64Array, cosines, softmax

LOGITS = npst.arrays(np.float64, st.integers(1, 8), elements=st.floats(-1e4, 1e4))


@given(LOGITS)
def test_probabilities_are_positive_and_sum_to_one(logits: Float64Array) -> None:
    probabilities = softmax(logits)
    assert (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1.0)


@given(LOGITS)
def test_greatest_logit_has_the_greatest_probability(logits: Float64Array) -> None:
    assert softmax(logits)[logits.argmax()] == softmax(logits).max()


@given(LOGITS, st.floats(-100, 100))
def test_probabilities_depend_only_on_differences(logits: Float64Array, shift: float) -> None:
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), atol=1e-9)


def test_no_logits_give_no_probabilities() -> None:
    assert softmax(np.empty(0)).shape == (0,)


def test_cosines_are_those_of_the_rows() -> None:
    prompts = np.array([[1, 0], [0, 1], [-1, 0]], np.float32)
    embedding = np.array([1, 0], np.float32)
    np.testing.assert_allclose(cosines(embedding, prompts), [1, 0, -1])


def test_cosines_never_leave_their_range_by_rounding() -> None:
    embedding = np.full(3, 1.0000001, np.float32) / np.sqrt(np.float32(3))
    assert cosines(embedding, embedding[None]).max() <= 1.0


def test_no_prompts_give_no_cosines() -> None:
    assert cosines(np.ones(4, np.float32), np.empty((0, 4), np.float32)).shape == (0,)
