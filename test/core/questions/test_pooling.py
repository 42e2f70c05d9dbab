"""Texts are compared with frames in contrast to others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from observed import facts_of, seen
from word_vectors import encode, word_vector

from scene_clip_ros.core.questions.pooling import TextComparer
from scene_clip_ros.core.questions.types import Observations
from scene_clip_ros.core.types import FloatArray


def shown(*words: str) -> FloatArray:
    """Return frames that each show one word."""
    rows = np.stack([word_vector(word) for word in words])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def observed(*words: str) -> Observations:
    return seen(facts_of(len(words)), embeddings=shown(*words))


def comparer() -> TextComparer:
    return TextComparer(encode, ("{}",), logit_scale=20.0)


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


class CountingEncoder:
    """Embeds texts, and keeps how many it was given each time."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        self.calls.append(len(texts))
        return encode(texts)


def test_a_text_is_embedded_once() -> None:
    encoder = CountingEncoder()
    each = TextComparer(encoder, ("{}",), logit_scale=20.0)
    for _ in range(3):
        each.probabilities(shown("rain"), [("rain",), ("snow",)])
    assert encoder.calls == [2]


def test_texts_without_end_do_not_pile_up() -> None:
    encoder, frames = CountingEncoder(), shown("rain")
    each = TextComparer(encoder, ("{}",), logit_scale=20.0)
    for number in range(45):
        each.probabilities(frames, [tuple(f"text{number} {i}" for i in range(60)), ("snow",)])
    each.probabilities(frames, [("text0 0",), ("snow",)])
    assert encoder.calls[-1] == 1
