"""Recall counts what is right, and never what only ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.training.contrastive.recall import fitting, recall


def test_ranks_count_wrong_columns_only() -> None:
    cosines = np.array([[0.9, 0.8, 0.1], [0.9, 0.8, 0.1]], np.float32)
    fits = np.array([[True, True, False], [False, False, True]])
    assert [recall(cosines, fits, depth) for depth in (1, 2, 3)] == [0.5, 0.5, 1.0]


def test_a_model_that_embeds_everything_alike_finds_nothing() -> None:
    assert recall(np.ones((4, 4), np.float32), np.eye(4, dtype=bool), 1) == 0.0


@given(st.integers(1, 8), st.integers(0, 99))
def test_recall_grows_with_depth(count: int, seed: int) -> None:
    cosines = np.random.default_rng(seed).normal(size=(count, count)).astype(np.float32)
    found = [recall(cosines, np.eye(count, dtype=bool), depth) for depth in range(1, count + 1)]
    assert found == sorted(found)
    assert found[-1] == 1.0


def test_a_caption_of_several_pictures_fits_each() -> None:
    texts, fits = fitting([("rain", "a bus"), ("rain",)])
    assert texts == ("rain", "a bus")
    assert fits.tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize("depth", [1, 5])
def test_a_perfect_model_finds_all(depth: int) -> None:
    assert recall(np.eye(7, dtype=np.float32), np.eye(7, dtype=bool), depth) == 1.0
