"""What the embedded model reads, and what it must not have read before it is tested."""

from __future__ import annotations

import pytest

from scene_clip_ros.core.standing_out import UNRELATED_TEXTS
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.sim.semantics import BOX_CLASSES
from scene_clip_ros.training.evaluate import reworded
from scene_clip_ros.training.held_out_words import (
    HELD_OUT,
    HELD_OUT_ABSENT,
    HELD_OUT_OBJECTS,
)
from scene_clip_ros.training.object_words import absent_words, present_pools
from scene_clip_ros.training.wordings import (
    attribute_pools,
    hazard_pools,
    object_pools,
    write_corpus,
)

LEXICON = ("tree", "piano", "justice")
VOCABULARY = load_vocabulary(DRIVING_VOCABULARY)


def held_out_wordings() -> set[str]:
    return {words for labels in HELD_OUT.values() for pool in labels.values() for words in pool}


def test_no_sentence_of_the_corpus_contains_a_held_out_wording() -> None:
    corpus = write_corpus(VOCABULARY, LEXICON, size=3000, seed=3)
    leaked = {w for w in held_out_wordings() for text in corpus.sentences if w in text}
    assert leaked == set()


def test_no_label_is_learnt_under_a_held_out_wording() -> None:
    pools = [pool for labels in attribute_pools(VOCABULARY).values() for pool in labels.values()]
    pools += [pool for pair in hazard_pools(VOCABULARY).values() for pool in pair]
    assert held_out_wordings().isdisjoint(words for pool in pools for words in pool)


def test_the_corpus_repeats_nothing_and_names_its_fixed_part() -> None:
    corpus = write_corpus(VOCABULARY, LEXICON, size=500, seed=3)
    assert len(set(corpus.sentences)) == len(corpus.sentences)
    fixed = corpus.sentences[: corpus.fixed]
    assert "a highway" in fixed
    assert not any("piano" in text for text in fixed)
    assert any("piano" in text for text in corpus.sentences)


def test_equal_seeds_write_equal_corpora() -> None:
    first, second = (write_corpus(VOCABULARY, LEXICON, size=200, seed=5) for _ in range(2))
    assert first == second


def test_every_kind_of_thing_has_words() -> None:
    assert object_pools().keys() == BOX_CLASSES.keys()


@pytest.mark.parametrize("attribute", [a.name for a in VOCABULARY.attributes])
def test_rewording_keeps_the_labels_and_changes_every_phrasing(attribute: str) -> None:
    before = next(a for a in VOCABULARY.attributes if a.name == attribute)
    after = next(a for a in reworded(VOCABULARY).attributes if a.name == attribute)
    assert [label.name for label in after.labels] == [label.name for label in before.labels]
    for old, new in zip(before.labels, after.labels, strict=True):
        assert set(old.phrasings).isdisjoint(new.phrasings)


def test_no_thing_is_learnt_under_a_held_out_wording() -> None:
    learnt = {words for pool in present_pools(VOCABULARY).values() for words in pool}
    learnt |= {words for query in VOCABULARY.queries for words in query.phrasings}
    learnt |= set(absent_words(VOCABULARY))
    held_out = {words for pool in HELD_OUT_OBJECTS.values() for words in pool}
    assert learnt.isdisjoint(held_out | set(HELD_OUT_ABSENT))


def test_texts_to_compare_with_are_neither_learnt_nor_tested_on() -> None:
    assert set(UNRELATED_TEXTS).isdisjoint({*absent_words(VOCABULARY), *HELD_OUT_ABSENT})
