from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from colors import color_vocabulary
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.prompts import PromptBank, build_prompt_bank, expand, pool
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import AttributeSpec, LabelSpec, Vocabulary
from scene_clip_ros.models.fake_encoder import FakeEncoder

ROWS = npst.arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.just(6)),
    elements=st.floats(0.125, 1, width=32),
)


def bank_of(vocabulary: Vocabulary) -> PromptBank:
    return build_prompt_bank(vocabulary, FakeEncoder().encode_texts)


def test_expand_puts_every_phrasing_into_every_template() -> None:
    assert expand(("a car", "a van"), ("{}", "photo of {}")) == (
        "a car",
        "a van",
        "photo of a car",
        "photo of a van",
    )


def test_expand_of_nothing_is_empty() -> None:
    assert expand((), ("{}",)) == ()


def test_expand_says_a_prompt_once() -> None:
    assert expand(("a car", "a car"), ("{}", "{}")) == ("a car",)


@given(ROWS)
def test_pooled_embedding_has_unit_length(rows: FloatArray) -> None:
    assert np.linalg.norm(pool(rows)) == pytest.approx(1.0, abs=1e-6)


@given(ROWS, st.floats(0.5, 2))
def test_pooling_ignores_the_length_of_the_rows(rows: FloatArray, factor: float) -> None:
    np.testing.assert_allclose(pool(rows), pool(rows * np.float32(factor)), atol=1e-6)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[1, 0], [-1, 0]], id="cancel each other"),
        pytest.param([[1, 0], [0, 0]], id="zero"),
        pytest.param([[1, 0], [np.nan, 1]], id="NaN"),
        pytest.param([[1, 0], [np.inf, 1]], id="infinite"),
    ],
)
def test_phrasings_without_a_common_direction_are_refused(rows: list[list[float]]) -> None:
    with pytest.raises(VocabularyError, match="common direction"):
        pool(np.array(rows, np.float32))


def test_bank_has_a_unit_row_per_label_and_two_per_hazard() -> None:
    bank = bank_of(color_vocabulary())
    assert bank.attributes[0].embeddings.shape == (3, 32)
    assert bank.hazards[0].embeddings.shape == (2, 32)
    for prompts in (*bank.attributes, *bank.hazards):
        assert prompts.embeddings.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(prompts.embeddings, axis=1), 1, atol=1e-6)


@given(st.permutations(["a red thing", "red light", "something red", "red"]))
def test_order_of_phrasings_does_not_change_a_bit(phrasings: list[str]) -> None:
    def bank(texts: Sequence[str]) -> PromptBank:
        labels = (LabelSpec("red", tuple(texts)), LabelSpec("blue", ("blue",)))
        return bank_of(Vocabulary(attributes=(AttributeSpec("color", labels),)))

    expected = bank(sorted(phrasings)).attributes[0].embeddings
    np.testing.assert_array_equal(bank(phrasings).attributes[0].embeddings, expected)


@given(st.permutations(["red", "green", "blue"]))
def test_order_of_labels_only_orders_the_rows(names: list[str]) -> None:
    def rows(order: Sequence[str]) -> dict[str, list[float]]:
        labels = tuple(LabelSpec(name, (f"a {name} thing",)) for name in order)
        prompts = bank_of(Vocabulary(attributes=(AttributeSpec("color", labels),))).attributes[0]
        return dict(zip(prompts.labels, prompts.embeddings.tolist(), strict=True))

    assert rows(names) == rows(sorted(names))


def test_every_prompt_is_encoded_once_in_one_call() -> None:
    calls: list[tuple[str, ...]] = []

    def encode(texts: Sequence[str]) -> FloatArray:
        calls.append(tuple(texts))
        return FakeEncoder().encode_texts(texts)

    vocabulary = color_vocabulary()
    shared = dataclasses.replace(vocabulary.hazards[0], name="again")
    build_prompt_bank(
        dataclasses.replace(vocabulary, hazards=(*vocabulary.hazards, shared)), encode
    )
    assert len(calls) == 1
    assert len(set(calls[0])) == len(calls[0])


def test_templates_of_an_attribute_replace_the_common_ones() -> None:
    vocabulary = color_vocabulary()
    own = dataclasses.replace(vocabulary.attributes[0], templates=("{} at night",))
    changed = dataclasses.replace(vocabulary, attributes=(own,))
    before, after = bank_of(vocabulary), bank_of(changed)
    assert not np.array_equal(before.attributes[0].embeddings, after.attributes[0].embeddings)
    np.testing.assert_array_equal(before.hazards[0].embeddings, after.hazards[0].embeddings)
