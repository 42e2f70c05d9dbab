"""Which boxes of a frame are right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drives import SIZE_WH, at, found, scored, true, truth

from scene_clip_ros.core.box_types import ScoredBox
from scene_clip_ros.report.box_groups import CYCLISTS, PEOPLE, BoxGroup
from scene_clip_ros.report.box_matching import match_boxes
from scene_clip_ros.report.true_boxes import TrueBox

HERE = at(100, 100)
SMALLEST = SIZE_WH[1] * 25 / 375


def verdicts(boxes: list[ScoredBox], things: list[TrueBox]) -> list[bool]:
    matches = match_boxes(found(*boxes), truth(*things), PEOPLE)
    return [is_right for _, is_right in matches.verdicts]


@pytest.mark.parametrize("kind", sorted(PEOPLE.kinds))
@pytest.mark.parametrize("label", sorted(PEOPLE.labels))
def test_every_label_of_a_person_fits_every_kind_of_person(kind: str, label: str) -> None:
    assert verdicts([scored(label, HERE)], [true(kind, HERE)]) == [True]


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        pytest.param(0, [True], id="same"),
        pytest.param(33, [True], id="overlap 0.504"),
        pytest.param(34, [False], id="overlap 0.493"),
        pytest.param(200, [False], id="apart"),
    ],
)
def test_a_box_is_right_from_half_overlap_on(shift: int, expected: list[bool]) -> None:
    box = scored("person", at(100, 100 + shift))
    assert verdicts([box], [true("adult", HERE)]) == expected


def test_only_the_best_of_two_boxes_on_a_person_is_right() -> None:
    boxes = [scored("person", HERE, 0.6), scored("child", HERE, 0.8)]
    matches = match_boxes(found(*boxes), truth(true("adult", HERE)), PEOPLE)
    assert matches.verdicts == ((0.8, True), (0.6, False))


def test_two_people_close_together_get_a_box_each() -> None:
    people = [true("adult", at(100, 100)), true("adult", at(110, 100), number=2)]
    boxes = [scored("person", at(108, 100), 0.9), scored("person", at(106, 100), 0.8)]
    assert verdicts(boxes, people) == [True, True]


@pytest.mark.parametrize(
    "person",
    [
        true("adult", HERE, visible=0.64),
        true("adult", at(100, 100, wide=10, tall=SMALLEST - 0.1)),
        replace(true("adult", HERE), truncated=0.31),
        replace(true("adult", HERE), contrast=0.049),
    ],
    ids=["hidden", "small", "cut off", "lost in haze"],
)
def test_whom_hardly_anybody_would_see_is_neither_missed_nor_false(person: TrueBox) -> None:
    assert match_boxes(found(), truth(person), PEOPLE).missed == ()
    assert verdicts([scored("person", person.xyxy)], [person]) == []


@pytest.mark.parametrize(
    ("tall", "expected"), [(SMALLEST - 0.1, []), (SMALLEST, [False])], ids=["smaller", "as large"]
)
def test_a_box_smaller_than_what_counts_is_not_false(tall: float, expected: list[bool]) -> None:
    assert verdicts([scored("person", at(100, 100, wide=10, tall=tall))], []) == expected


def test_a_box_smaller_than_what_counts_may_be_right() -> None:
    person = true("adult", at(100, 100, wide=10, tall=SMALLEST))
    assert verdicts([scored("person", at(100, 100, wide=10, tall=SMALLEST - 2))], [person]) == [
        True
    ]


def test_a_person_at_the_limits_counts() -> None:
    place = at(0, 0, wide=SMALLEST, tall=10)
    person = replace(true("adult", place, visible=0.65), truncated=0.3, contrast=0.05)
    assert match_boxes(found(), truth(person), PEOPLE).missed == (person,)


def test_a_box_within_somebody_mostly_hidden_is_not_false() -> None:
    hidden = true("adult", at(100, 100, wide=100, tall=200), visible=0.2)
    assert verdicts([scored("person", at(120, 120, wide=20, tall=20))], [hidden]) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("stroller", [True]), ("wheelchair user", [True]), ("adult", [True, False])],
)
def test_a_box_on_the_person_of_a_pair_is_not_false(kind: str, expected: list[bool]) -> None:
    """Who pushes a stroller has no box of their own in the truth."""
    pair = true(kind, at(100, 100, wide=120, tall=160))
    boxes = [
        scored("stroller", pair.xyxy, 0.9),
        scored("person", at(100, 100, wide=50, tall=160), 0.8),
    ]
    assert verdicts(boxes, [pair]) == expected


def test_a_box_on_the_person_of_a_pair_does_not_find_the_pair() -> None:
    pair = true("stroller", at(100, 100, wide=120, tall=160))
    person = scored("person", at(100, 100, wide=50, tall=160))
    assert match_boxes(found(person), truth(pair), PEOPLE).missed == (pair,)


@pytest.mark.parametrize(
    ("label", "kind", "group"),
    [("person", "cyclist", PEOPLE), ("cyclist", "child", CYCLISTS)],
    ids=["person on a bicycle", "cyclist on foot"],
)
def test_people_and_cyclists_may_be_taken_for_each_other(
    label: str, kind: str, group: BoxGroup
) -> None:
    matches = match_boxes(found(scored(label, HERE)), truth(true(kind, HERE)), group)
    assert (matches.verdicts, matches.found, matches.missed) == ((), (), ())


def test_a_person_on_a_car_is_false() -> None:
    assert verdicts([scored("person", HERE)], [true("car", HERE)]) == [False]


def test_labels_of_other_groups_are_passed_over() -> None:
    adult = true("adult", HERE)
    matches = match_boxes(found(scored("vehicle", HERE)), truth(adult), PEOPLE)
    assert (matches.verdicts, matches.missed) == ((), (adult,))


def test_an_empty_frame_has_nothing_to_match() -> None:
    matches = match_boxes(found(), truth(), PEOPLE)
    assert (matches.verdicts, matches.found, matches.missed) == ((), (), ())
