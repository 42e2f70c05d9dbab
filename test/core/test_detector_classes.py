from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.detector_classes import (
    find_families,
    match_classes,
    numbered_class,
    unasked_objects,
)
from scene_clip_ros.core.vocabulary import QuerySpec

VEHICLE = QuerySpec("vehicle", ("a car", "The  Truck", "something with wheels"))
PERSON = QuerySpec("person", ("a pedestrian",))


@pytest.mark.parametrize(
    ("name", "asked_by"),
    [
        pytest.param("car", VEHICLE, id="phrasing"),
        pytest.param("truck", VEHICLE, id="phrasing in other letters"),
        pytest.param("person", PERSON, id="name"),
        pytest.param("Pedestrian", PERSON, id="class in other letters"),
        pytest.param("wheels", None, id="part of a phrasing"),
        pytest.param("dog", None, id="unasked"),
    ],
)
def test_a_class_matches_whole_names_and_phrasings(name: str, asked_by: QuerySpec | None) -> None:
    (row,) = match_classes((VEHICLE, PERSON), (name,))
    assert row.tolist() == [asked_by is VEHICLE, asked_by is PERSON]


def test_one_query_takes_several_classes() -> None:
    assert match_classes((VEHICLE,), ("car", "dog", "truck"))[:, 0].tolist() == [True, False, True]


def test_a_class_is_of_those_who_asked_first_and_of_their_family() -> None:
    child = QuerySpec("child", ("a child", "a pedestrian"), is_a="person")
    walker = QuerySpec("walker", ("a pedestrian", "a walker"))
    matches = match_classes((child, PERSON, walker), ("pedestrian", "walker"))
    assert matches.tolist() == [[True, True, False], [False, False, True]]


@pytest.mark.parametrize(
    ("queries", "classes", "shape"),
    [((), ("car",), (1, 0)), ((PERSON,), (), (0, 1)), ((), (), (0, 0))],
)
def test_nothing_matches_nothing(
    queries: tuple[QuerySpec, ...], classes: tuple[str, ...], shape: tuple[int, int]
) -> None:
    matches = match_classes(queries, classes)
    assert matches.shape == shape
    assert matches.dtype == np.bool_


def test_what_no_query_asks_for_is_told_with_its_article() -> None:
    assert unasked_objects((VEHICLE,), ("car", "dog", "elephant")) == ("a dog", "an elephant")


def test_of_classes_without_a_name_nothing_is_told() -> None:
    asked = (QuerySpec("person", ("a pedestrian",)), VEHICLE, QuerySpec("light", ("a lamp",)))
    classes = ("N/A", "car", "dog", numbered_class(1), "N/A", "a dog", numbered_class(12), "")
    assert unasked_objects(asked, classes) == ("a dog",)


def test_a_kind_belongs_to_the_family_of_its_general_query() -> None:
    child = QuerySpec("child", ("a child",), is_a="person")
    assert find_families((VEHICLE, child, PERSON)).tolist() == [0, 2, 2]
