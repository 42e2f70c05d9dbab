"""Texts are compared with frames in contrast to others, and frames are sampled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from observed import facts_of, seen
from word_vectors import DIM, encode, word_vector

from scene_clip_ros.core.questions.pooling import TextComparer, sample_frames
from scene_clip_ros.core.questions.types import FrameRef, Observations
from scene_clip_ros.core.types import FloatArray


def shown(*words: str) -> FloatArray:
    """Return frames that each show one word."""
    rows = np.stack([word_vector(word) for word in words])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def observed(*words: str) -> Observations:
    return seen(facts_of(len(words)), embeddings=shown(*words))


def comparer() -> TextComparer:
    return TextComparer(encode, ("{}",), logit_scale=20.0)


def test_few_frames_are_all_taken() -> None:
    assert sample_frames(observed(*["road"] * 5), most=10).tolist() == [0, 1, 2, 3, 4]


def test_no_frames_are_no_sample() -> None:
    empty = Observations((), np.empty((0, DIM), np.float32))
    assert sample_frames(empty, most=10).tolist() == []


def test_the_moment_at_which_the_picture_changes_is_in_the_sample() -> None:
    words = ["road"] * 501 + ["tunnel"] * 2 + ["road"] * 497
    assert {501, 503} <= set(sample_frames(observed(*words), most=20).tolist())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 120), st.integers(1, 60), st.integers(0, 5))
def test_samples_are_in_order_and_of_the_size_asked_for(count: int, most: int, seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((count, 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    frames = tuple(FrameRef("front" if i % 3 else "rear", i) for i in range(count))
    sample = sample_frames(Observations(frames, rows.astype(np.float32)), most=most)
    assert len(sample) == min(count, most)
    assert (np.diff(sample) > 0).all()
    assert all(0 <= number < count for number in sample)


def test_frames_speak_for_the_hypothesis_that_they_show() -> None:
    rows = comparer().probabilities(shown("rain", "snow"), [("rain", "rain rain"), ("snow",)])
    assert rows.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert rows[0, 0] > 0.9
    assert rows[1, 1] > 0.9


def test_a_text_is_present_in_the_frames_that_show_it() -> None:
    found = comparer().presence(observed(*["road"] * 4, *["bridge"] * 4), "bridge", min_lead=2.5)
    assert found.shown.tolist() == [False] * 4 + [True] * 4
    assert found.probability > 0.9


def test_a_text_that_no_frame_shows_is_not_present() -> None:
    found = comparer().presence(observed(*["road"] * 8), "submarine", min_lead=2.5)
    assert not found.shown.any()
    assert found.probability < 0.4


def test_a_text_is_embedded_once() -> None:
    calls: list[int] = []

    def counted(texts: list[str]) -> FloatArray:
        calls.append(len(texts))
        return encode(texts)

    each = TextComparer(counted, ("{}",), logit_scale=20.0)
    for _ in range(3):
        each.probabilities(shown("rain"), [("rain",), ("snow",)])
    assert calls == [2]


def test_texts_without_end_do_not_pile_up() -> None:
    each = comparer()
    frames = shown("rain")
    for number in range(45):
        each.probabilities(frames, [tuple(f"text{number} {i}" for i in range(60)), ("snow",)])
    assert each.kept <= 2000
