from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.masks import MaskPrompts, decide_labels, measure_coverage, to_logit
from scene_clip_ros.core.types import FloatArray, ImageArray

LOGITS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=3, max_dims=3, max_side=5),
    elements=st.floats(-9, 9, width=32),
)


def labels_of(logits: FloatArray, thresholds: list[float]) -> ImageArray:
    limits = MaskPrompts(tuple(map(str, range(len(logits)))), tuple(thresholds)).limits
    return decide_labels(logits, limits, size_hw=logits.shape[1:])


@given(logits=LOGITS, threshold=st.floats(0.02, 0.98))
def test_labels_are_those_that_probabilities_give(logits: FloatArray, threshold: float) -> None:
    limit = to_logit(threshold)
    logits[np.abs(logits - limit) < 1e-3] += 0.01
    probabilities = 1 / (1 + np.exp(-logits.astype(np.float64)))

    labels = labels_of(logits, [threshold])

    is_marked = (probabilities >= threshold).any(axis=0)
    np.testing.assert_array_equal(labels > 0, is_marked)
    np.testing.assert_array_equal(labels[is_marked], logits.argmax(axis=0)[is_marked] + 1)


@given(logits=LOGITS)
def test_a_higher_threshold_marks_a_part_of_what_a_lower_one_marks(logits: FloatArray) -> None:
    low, high = labels_of(logits, [0.3]), labels_of(logits, [0.7])

    assert (low[high > 0] == high[high > 0]).all()


@given(logits=LOGITS)
def test_shares_of_labels_and_background_are_the_whole_picture(logits: FloatArray) -> None:
    labels = labels_of(logits, [0.5])

    coverage = measure_coverage(labels, len(logits))

    assert len(coverage) == len(logits)
    assert sum(coverage) + (labels == 0).mean() == pytest.approx(1.0)


def test_a_prompt_below_its_own_threshold_leaves_the_pixel_to_a_lesser_one() -> None:
    logits = np.array([[[2.0]], [[1.0]]], np.float32)

    assert labels_of(logits, [0.9, 0.5]) == 2
    assert labels_of(logits, [0.5, 0.5]) == 1


def test_of_equal_prompts_the_first_one_is_told() -> None:
    assert labels_of(np.full((3, 1, 1), 1.0, np.float32), [0.5]) == 1


@pytest.mark.parametrize(("threshold", "label"), [(0.0, 1), (0.5, 1), (1.0, 0)])
def test_the_ends_of_thresholds_mark_everything_or_nothing(threshold: float, label: int) -> None:
    logits = np.full((1, 1, 1), 0.0, np.float32)

    assert labels_of(logits, [threshold]) == label


def test_as_many_prompts_as_labels_have_labels_of_their_own() -> None:
    logits = np.where(np.eye(255, dtype=bool)[:, None], 5.0, -5.0).astype(np.float32)

    labels = labels_of(logits, [0.5])

    np.testing.assert_array_equal(labels, np.arange(1, 256)[None])


@given(threshold=st.floats(0.001, 0.999))
def test_a_logit_is_undone_by_a_sigmoid(threshold: float) -> None:
    assert 1 / (1 + math.exp(-to_logit(threshold))) == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("texts", "thresholds", "reason"),
    [
        ((), (0.5,), "texts: expected 1 to 255 of them, got 0"),
        (tuple(map(str, range(256))), (0.5,), "texts: expected 1 to 255 of them, got 256"),
        (("road", " "), (0.5,), "texts: expected words, got ' '"),
        (("a" * 257,), (0.5,), "texts: expected at most 256 characters each, got 257"),
        (("road", "sky", "road"), (0.5,), "texts: expected different ones, got 'road' twice"),
        (("a", "b", "c"), (0.5, 0.5), "thresholds: expected 1 or 3 of them, got 2"),
        (("a",), (), "thresholds: expected 1 or 1 of them, got 0"),
        (("a",), (1.5,), r"threshold: expected a number in \[0, 1\], got 1.5"),
        (("a",), (math.nan,), r"threshold: expected a number in \[0, 1\], got nan"),
    ],
)
def test_prompts_that_cannot_be_looked_for_are_refused(
    texts: tuple[str, ...], thresholds: tuple[float, ...], reason: str
) -> None:
    with pytest.raises(ParameterError, match=reason):
        MaskPrompts(texts, thresholds)
