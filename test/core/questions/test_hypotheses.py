"""Phrases are found in the vocabulary, or left to CLIP."""

from __future__ import annotations

import pytest
from observed import VOCABULARY

from scene_clip_ros.core.questions.hypotheses import Lexicon, Target
from scene_clip_ros.core.vocabulary import parse_vocabulary

LEXICON = Lexicon(VOCABULARY)
PEOPLE = ("person", "child", "baby", "wheelchair user", "stroller")

LABELS = {
    "daytime": ("time_of_day", "day"),
    "nighttime": ("time_of_day", "night"),
    "dark outside": ("time_of_day", "night"),
    "raining": ("weather", "rain"),
    "sunny": ("weather", "clear"),
    "snowing heavily": ("weather", "snow"),
    "snow on the road": ("surface", "snowy"),
    "the road wet": ("surface", "wet"),
    "a motorway": ("road", "highway"),
    "downtown": ("road", "city street"),
    "a car park": ("road", "parking lot"),
    "driving through a tunnel": ("road", "tunnel"),
    "the car in a tunnel": ("road", "tunnel"),
}
OBJECTS = {
    "pedestrians visible": PEOPLE,
    "anybody": PEOPLE,
    "a kid": ("child",),
    "a person in a wheelchair": ("wheelchair user",),
    "bicycles": ("cyclist",),
    "cars": ("vehicle",),
    "traffic lights": ("traffic light",),
    "someone riding a bike": ("cyclist",),
}


@pytest.mark.parametrize(("phrase", "expected"), LABELS.items())
def test_conditions_are_labels(phrase: str, expected: tuple[str, str]) -> None:
    target = LEXICON.find(phrase)
    assert (target.attribute, target.label) == expected
    assert not target.objects


@pytest.mark.parametrize(("phrase", "names"), OBJECTS.items())
def test_things_are_queries_with_their_kinds(phrase: str, names: tuple[str, ...]) -> None:
    target = LEXICON.find(phrase)
    assert (target.objects, target.siblings, target.hazard) == (names, (), "")


@pytest.mark.parametrize(
    ("phrase", "objects", "hazard"),
    [
        ("a person on the road", PEOPLE, "person_on_road"),
        ("anybody crossing the street", PEOPLE, "person_on_road"),
        ("a pedestrian in front of the car", PEOPLE, "person_on_road"),
        ("a child on the road", ("child",), "person_on_road"),
        ("animals on the road", ("animal",), "animal_on_road"),
        ("debris on the road", ("debris",), "debris_on_road"),
        ("road works", (), "road_works"),
        ("a construction site", (), "road_works"),
        ("a vehicle on the road", ("vehicle",), ""),
    ],
)
def test_things_on_the_road_are_hazards(phrase: str, objects: tuple[str, ...], hazard: str) -> None:
    target = LEXICON.find(phrase)
    assert (target.objects, target.hazard) == (objects, hazard)


def test_one_of_several_phrasings_of_a_query_is_told_from_the_others() -> None:
    target = LEXICON.find("a deer")
    assert target.objects == ("animal",)
    assert target.siblings == ("a dog", "a cow", "a cat")


@pytest.mark.parametrize("phrase", ["a red car", "a bridge", "people with umbrellas", "a piano"])
def test_what_no_entry_says_is_left_to_clip(phrase: str) -> None:
    assert LEXICON.find(phrase) == Target(phrase)


def test_several_things_are_found_each() -> None:
    people, animals = LEXICON.find_all("people or animals")
    assert (people.objects, animals.objects) == (PEOPLE, ("animal",))


@pytest.mark.parametrize("phrase", ["people or animals on the road", "a person or a cow crossing"])
def test_a_place_is_that_of_all_things_before_it(phrase: str) -> None:
    people, animals = LEXICON.find_all(phrase)
    assert (people.hazard, animals.hazard) == ("person_on_road", "animal_on_road")


def test_anything_on_the_road_is_every_hazard() -> None:
    found = LEXICON.find_all("anything on the road")
    assert [target.hazard for target in found] == [each.name for each in VOCABULARY.hazards]
    assert found[0].objects == PEOPLE


def test_without_hazards_there_is_nothing_to_look_for_on_the_road() -> None:
    lexicon = Lexicon(parse_vocabulary("queries: {forklift: [a forklift]}", source="test"))
    assert lexicon.find_all("anything on the road") == ()


def test_a_phrase_with_something_unknown_stays_whole() -> None:
    assert LEXICON.find_all("a car and a bridge") == (Target("a car and a bridge"),)


@pytest.mark.parametrize(
    ("subject", "attribute"),
    [
        ("weather", "weather"),
        ("sky", "weather"),
        ("time of day", "time_of_day"),
        ("road", "road"),
        ("road surface", "surface"),
        ("condition of the road", "surface"),
        ("animals", ""),
    ],
)
def test_subjects_of_what_questions_are_attributes(subject: str, attribute: str) -> None:
    assert LEXICON.find_attribute(subject) == attribute


def test_another_vocabulary_is_known_by_its_own_names() -> None:
    lexicon = Lexicon(
        parse_vocabulary(
            "attributes: {gate: {labels: {open: [an open gate], shut: [a shut gate]}}}\n"
            "queries: {forklift: [a forklift, a pallet truck]}",
            source="test",
        )
    )
    assert lexicon.find("the gate open").label == "open"
    assert lexicon.find("shut").label == "shut"
    assert lexicon.find("forklifts").objects == ("forklift",)
    assert lexicon.find("pedestrians").is_free
    assert lexicon.find_attribute("gate") == "gate"
