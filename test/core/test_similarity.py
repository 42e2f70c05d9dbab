"""Cosines are those of the vectors; what are no unit vectors is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.similarity import (
    MAX_CELLS,
    SimilarityMatrices,
    cosine_matrix,
    most_images,
    text_probabilities,
)
from scene_clip_ros.core.similarity_kind import SIMILARITY_KINDS, SimilarityKind
from scene_clip_ros.core.types import FloatArray


def units(count: int, *, seed: int = 0, dim: int = 8) -> FloatArray:
    rows = np.random.default_rng(seed).normal(size=(count, dim))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_cosines_of_axes_are_known() -> None:
    axes = np.eye(3, dtype=np.float32)
    between = np.array([[0.6, 0.8, 0.0]], np.float32)
    assert cosine_matrix(between, axes) == pytest.approx(np.array([[0.6, 0.8, 0.0]]))


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 100))
def test_matrices_have_a_cell_for_each_pair(images: int, texts: int, seed: int) -> None:
    matrices = SimilarityMatrices.of(units(images, seed=seed), units(texts, seed=seed + 1))
    assert matrices.image_text.shape == (images, texts)
    for square in (matrices.text_text, matrices.image_image):
        assert square == pytest.approx(square.T)
        assert np.diag(square) == pytest.approx(np.ones(len(square)))
    for kind in SIMILARITY_KINDS:
        assert (np.abs(matrices.matrix(kind)) <= 1.0).all()


@pytest.mark.parametrize("kind", SIMILARITY_KINDS)
def test_only_what_is_asked_for_is_compared(kind: SimilarityKind) -> None:
    matrices = SimilarityMatrices.of(units(3), units(2, seed=1), kinds=(kind,))
    assert [each for each in SIMILARITY_KINDS if matrices.matrix(each).size] == [kind]


def test_more_pictures_fit_if_they_are_not_compared_with_each_other() -> None:
    assert most_images(*SIMILARITY_KINDS, texts=2) == 5000
    assert most_images("image-text", texts=2) == MAX_CELLS // 2
    assert most_images(*SIMILARITY_KINDS, texts=50_000) == 500


def test_half_precision_is_near_enough_to_unit_length() -> None:
    rows = units(4, dim=512).astype(np.float16).astype(np.float32)
    assert np.diag(cosine_matrix(rows, rows)) == pytest.approx(np.ones(4), abs=2e-3)


@pytest.mark.parametrize(
    ("rows", "columns", "problem"),
    [
        (units(2)[0], units(2), "shape"),
        (units(2), units(2, dim=7), "one length"),
        (2 * units(2), units(2), "length 2 in row 0"),
        (units(2), np.zeros((1, 8), np.float32), "columns"),
        (np.full((1, 8), np.nan, np.float32), units(1), "nan"),
    ],
    ids=["one vector", "other model", "not normalised", "zero", "not a number"],
)
def test_what_are_no_unit_vectors_of_one_model_is_refused(
    rows: FloatArray, columns: FloatArray, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        cosine_matrix(rows, columns)


@given(st.integers(1, 5), st.integers(1, 5), st.floats(0.1, 500.0))
def test_probabilities_sum_to_one_and_keep_the_order(
    images: int, texts: int, logit_scale: float
) -> None:
    cosines = cosine_matrix(units(images), units(texts, seed=1))
    chances = text_probabilities(cosines, logit_scale=logit_scale)
    assert chances.sum(axis=1) == pytest.approx(np.ones(images))
    best = chances.argmax(axis=1)
    assert cosines[np.arange(images), best] == pytest.approx(cosines.max(axis=1))


@pytest.mark.parametrize("logit_scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(logit_scale: float) -> None:
    with pytest.raises(ValueError, match="logit scale"):
        text_probabilities(np.zeros((1, 2)), logit_scale=logit_scale)
