"""Wordings of things: queries speak for the classes they mean, and words of nothing for none."""

from __future__ import annotations

from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.training.object_words import ABSENT, absent_words, present_pools
from scene_clip_ros.training.wordings import object_pools

VOCABULARY = Vocabulary(
    queries=(
        QuerySpec("baby", ("an infant", "a bundle of joy")),
        QuerySpec("vehicle", ("a car", "a truck", "a conveyance")),
        QuerySpec("comet", ("a comet", "a tailed star")),
    )
)


def test_a_query_for_one_class_lends_it_its_wordings() -> None:
    assert "a bundle of joy" in present_pools(VOCABULARY)["baby"]


def test_a_query_for_several_classes_lends_them_none() -> None:
    assert present_pools(VOCABULARY)["car"] == object_pools()["car"]


def test_a_query_for_nothing_that_is_rendered_is_absent() -> None:
    assert absent_words(VOCABULARY) == (*ABSENT, "a comet", "a tailed star")


def test_nothing_is_both_present_and_absent() -> None:
    present = {text for pool in present_pools(VOCABULARY).values() for text in pool}
    assert not present & set(absent_words(VOCABULARY))
