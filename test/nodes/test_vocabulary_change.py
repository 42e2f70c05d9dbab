"""What set_vocabulary requests make of a vocabulary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.vocabulary import (
    AttributeSpec,
    HazardSpec,
    LabelSpec,
    QuerySpec,
    Vocabulary,
)
from scene_clip_ros.nodes.vocabulary_change import VocabularyChange

WEATHER = AttributeSpec("weather", (LabelSpec("dry", ("dry",)), LabelSpec("wet", ("wet", "rain"))))
ROAD = AttributeSpec("road", (LabelSpec("city", ("a city",)), LabelSpec("highway", ("a highway",))))
FIRE = HazardSpec("fire", ("a fire",), ("a calm road",))
CURRENT = Vocabulary(
    attributes=(WEATHER, ROAD),
    hazards=(FIRE,),
    queries=(QuerySpec("dog", ("a dog",)),),
    background=("an empty road",),
)


def test_a_replaced_attribute_keeps_its_place_and_each_label_phrases_itself() -> None:
    changed = VocabularyChange(attribute="weather", labels=("sun", "hail")).apply(CURRENT)

    labels = (LabelSpec("sun", ("sun",)), LabelSpec("hail", ("hail",)))
    assert changed.attributes == (AttributeSpec("weather", labels), ROAD)
    assert (changed.hazards, changed.queries) == (CURRENT.hazards, CURRENT.queries)


def test_a_new_attribute_comes_last() -> None:
    changed = VocabularyChange(attribute="mood", labels=("calm", "busy")).apply(CURRENT)

    assert [spec.name for spec in changed.attributes] == ["weather", "road", "mood"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (VocabularyChange(attribute="road"), "attributes"),
        (VocabularyChange(hazard="fire"), "hazards"),
        (VocabularyChange(query="dog"), "queries"),
    ],
    ids=["attribute", "hazard", "query"],
)
def test_an_entry_without_labels_is_removed(change: VocabularyChange, kind: str) -> None:
    changed = change.apply(CURRENT)

    assert len(getattr(changed, kind)) == len(getattr(CURRENT, kind)) - 1


def test_a_hazard_keeps_its_contrasts_unless_others_are_given() -> None:
    kept = VocabularyChange(hazard="fire", labels=("flames",)).apply(CURRENT)
    given = VocabularyChange(hazard="fire", labels=("flames",), contrasts=("fog",)).apply(CURRENT)

    assert kept.hazards == (HazardSpec("fire", ("flames",), ("a calm road",)),)
    assert given.hazards == (HazardSpec("fire", ("flames",), ("fog",)),)


def test_a_query_stays_the_kind_that_it_is_until_its_general_query_goes() -> None:
    kinds = (QuerySpec("animal", ("an animal",)), QuerySpec("dog", ("a dog",), is_a="animal"))
    current = replace(CURRENT, queries=kinds)

    changed = VocabularyChange(query="dog", labels=("a puppy",)).apply(current)

    assert changed.queries == (kinds[0], QuerySpec("dog", ("a puppy",), is_a="animal"))
    with pytest.raises(VocabularyError, match=r"query 'animal': queries\.dog\.is_a: expected"):
        VocabularyChange(query="animal").apply(current)


def test_an_entry_is_changed_after_the_whole_vocabulary() -> None:
    text = Vocabulary(attributes=(ROAD,)).to_yaml()

    changed = VocabularyChange(text=text, query="cat", labels=("a cat",)).apply(CURRENT)

    assert changed.attributes == (ROAD,)
    assert changed.queries == (QuerySpec("cat", ("a cat",)),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (VocabularyChange(), "expected a vocabulary, attribute, hazard or query"),
        (VocabularyChange(hazard="a", query="b"), "got hazard and query"),
        (VocabularyChange(query="cat"), r"query 'cat': expected .*\['dog'\]"),
        (VocabularyChange(attribute="road", labels=("one",)), "attribute 'road': .*two or more"),
        (VocabularyChange(query="cat", labels=("c",), contrasts=("d",)), "contrasts: expected"),
        (VocabularyChange(text="[]"), "request"),
    ],
    ids=["nothing", "two entries", "unknown entry", "one label", "contrasts", "malformed text"],
)
def test_a_wrong_request_is_refused_in_one_line(change: VocabularyChange, message: str) -> None:
    with pytest.raises(VocabularyError, match=message) as refusal:
        change.apply(CURRENT)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (VocabularyChange(text="attributes: {}"), "vocabulary replaced"),
        (VocabularyChange(query="cat", labels=("a cat", "a tom")), "query cat set to a cat, a tom"),
        (VocabularyChange(hazard="fire"), "hazard fire removed"),
    ],
)
def test_a_change_is_described_in_words(change: VocabularyChange, words: str) -> None:
    assert change.describe() == words
