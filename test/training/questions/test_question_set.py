"""Only what nobody would argue about is asked, as often with yes as with no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from scene_clip_ros.core.questions.parse import parse_question
from scene_clip_ros.sim.truth import ATTRIBUTES, HAZARDS, FrameTruth, TruthBox
from scene_clip_ros.training.questions.asked import (
    AskedQuestion,
    Moment,
    Number,
    OneOf,
    YesOrNo,
)
from scene_clip_ros.training.questions.candidates import WatchedDrive, write_questions
from scene_clip_ros.training.questions.question_set import choose_questions
from scene_clip_ros.training.questions.sightings import find_sightings
from scene_clip_ros.training.questions.wordings import PEOPLE_KINDS

HEIGHT_PX, RATE_HZ = 360, 4.0
DAY = {"weather": "clear", "time_of_day": "day", "road": "city street", "surface": "dry"}


def box(
    kind: str = "adult", *, ident: int = 1, tall: float = 0.2, visible: float = 1.0
) -> TruthBox:
    height = round(tall * HEIGHT_PX)
    return TruthBox(
        ident, kind, "red", (100, 100, 120, 100 + height), visible, 0.0, 0.3, False, 20.0, 4.0
    )


def drive(boxes: Sequence[Sequence[TruthBox]], *, weather: Sequence[str] = ()) -> WatchedDrive:
    truths = tuple(
        FrameTruth(
            camera="front",
            stamp_ns=round(number * 1e9 / RATE_HZ),
            attributes=DAY | ({"weather": weather[number]} if weather else {}),
            hazards=dict.fromkeys(HAZARDS, False),
            boxes=tuple(each),
            captions=(),
            events=(),
        )
        for number, each in enumerate(boxes)
    )
    return WatchedDrive(truths, HEIGHT_PX, RATE_HZ)


def asked_of(watched: WatchedDrive, *words: str) -> list[AskedQuestion]:
    questions = write_questions(watched, np.random.default_rng(0))
    texts = [(each, each.text) for each in questions if not each.text.endswith("the road?")]
    return [each for each, text in texts if any(f" {word}" in text for word in words)]


PEOPLE_WORDS = ("person", "people", "pedestrian", "pedestrians")


def test_the_truth_has_what_is_asked_about() -> None:
    assert set(DAY) == set(ATTRIBUTES)


def test_what_is_clear_for_long_is_there() -> None:
    watched = drive([[box()]] * 10 + [[]] * 70)
    answers = {each.kind: each.right for each in asked_of(watched, *PEOPLE_WORDS)}
    assert answers["exists"] == YesOrNo(is_yes=True)
    assert answers["count"] == Number(1, 1)


def test_what_nobody_could_see_is_not_there() -> None:
    watched = drive([[box(tall=0.01)]] * 80)
    answers = {each.kind: each.right for each in asked_of(watched, *PEOPLE_WORDS)}
    assert answers["exists"] == YesOrNo(is_yes=False)
    assert answers["count"] == Number(0, 0)


@pytest.mark.parametrize(
    "boxes",
    [
        pytest.param([[box(tall=0.04)]] * 80, id="too small"),
        pytest.param([[box(visible=0.2)]] * 80, id="too hidden"),
        pytest.param([[box()]] * 2 + [[]] * 78, id="too brief"),
    ],
)
def test_what_somebody_might_see_is_not_asked_about(boxes: list[list[TruthBox]]) -> None:
    exists = [each for each in asked_of(drive(boxes), *PEOPLE_WORDS) if each.kind == "exists"]
    assert exists == []


def test_a_count_may_leave_out_one_that_is_not_clear_and_not_more() -> None:
    def counted(*others: TruthBox) -> list[AskedQuestion]:
        watched = drive([[box(), *others]] * 80)
        return [each for each in asked_of(watched, *PEOPLE_WORDS) if each.kind == "count"]

    faint = box(ident=2, tall=0.04)
    assert {each.right for each in counted(faint)} == {Number(1, 2)}
    assert counted(faint, box(ident=3, tall=0.04)) == []


def test_an_appearance_is_asked_for_if_it_has_a_moment() -> None:
    watched = drive([[]] * 20 + [[box()]] * 60)
    (moment,) = [each for each in asked_of(watched, *PEOPLE_WORDS) if each.kind == "when"]
    assert moment.right == Moment(4.5, 6.0)
    from_the_start = drive([[box()]] * 80)
    assert not [each for each in asked_of(from_the_start, *PEOPLE_WORDS) if each.kind == "when"]


def test_a_condition_begins_and_ends_at_moments() -> None:
    watched = drive([[]] * 80, weather=["clear"] * 40 + ["rain"] * 20 + ["clear"] * 20)
    begins, ends = (each.right for each in asked_of(watched, "rain") if each.kind == "when")
    assert begins == Moment(8.5, 11.5)
    assert ends == Moment(13.5, 16.5)


def test_a_condition_of_a_moment_is_not_asked_about() -> None:
    watched = drive([[]] * 80, weather=["clear"] * 76 + ["rain"] * 4)
    assert [each.kind for each in asked_of(watched, "rain")] == ["which"] * len(
        asked_of(watched, "rain")
    )


def test_choices_name_one_that_is_right() -> None:
    questions = write_questions(drive([[]] * 80), np.random.default_rng(3))
    choices = [each for each in questions if each.kind == "which"]
    assert len(choices) == len(ATTRIBUTES)
    for each in choices:
        assert isinstance(each.right, OneOf)
        assert each.right.wrong
        assert all(option in each.text for option in (each.right.right, *each.right.wrong))


@pytest.mark.parametrize("seed", range(5))
def test_questions_are_understood_as_they_are_meant(seed: int) -> None:
    boxes = [[]] * 20 + [[box(), box("cyclist", ident=2), box("dog", ident=3)]] * 60
    watched = drive(boxes, weather=["clear"] * 40 + ["rain"] * 40)
    for each in write_questions(watched, np.random.default_rng(seed)):
        assert parse_question(each.text).kind == each.kind, each.text


def test_of_a_drive_ten_are_asked_of_every_kind() -> None:
    boxes = [[]] * 20 + [[box(), box("cyclist", ident=2)]] * 60
    watched = drive(boxes, weather=["clear"] * 40 + ["rain"] * 40)
    chosen = choose_questions(watched, seed=5)
    kinds = Counter(each.kind for each in chosen)
    assert len(chosen) == len({each.text for each in chosen}) == 10
    assert set(kinds) == {"exists", "which", "count", "when"}
    answers = Counter(each.right for each in chosen if each.kind == "exists")
    assert abs(answers[YesOrNo(is_yes=True)] - answers[YesOrNo(is_yes=False)]) <= 1
    assert sum(each.right == Number(0, 0) for each in chosen) <= 1


def test_equal_seeds_ask_equal_questions() -> None:
    watched = drive([[box()]] * 80)
    assert choose_questions(watched, seed=5) == choose_questions(watched, seed=5)
    assert choose_questions(watched, seed=5) != choose_questions(watched, seed=6)


def test_sightings_on_the_road_are_those_on_the_road() -> None:
    seen = find_sightings(
        drive([[box()]] * 80).truths,
        PEOPLE_KINDS,
        height_px=HEIGHT_PX,
        rate_hz=RATE_HZ,
        on_road=True,
    )
    assert (seen.is_there, seen.faint, seen.fewest) == (False, (), 0)
