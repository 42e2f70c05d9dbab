"""Answers are marked by what they say."""

from __future__ import annotations

import pytest

from scene_clip_ros.core.questions.types import Answer, FrameRef
from scene_clip_ros.training.questions.asked import Moment, Number, OneOf, YesOrNo


def answer(text: str, *, evidence_s: float | None = None) -> Answer:
    evidence = () if evidence_s is None else (FrameRef("front", round(evidence_s * 1e9)),)
    return Answer(text, "exists", 0.9, abstained=False, evidence=evidence, backend="test")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes: a person is visible in 3 of 9 frames.", "yes"),
        ("yes", "yes"),
        ("No: none.", "no"),
        ("Nobody is there.", ""),
        ("There is no person, yes.", ""),
    ],
)
def test_yes_and_no_are_told_by_the_first_word(text: str, said: str) -> None:
    assert YesOrNo(is_yes=True).accepts(answer(text)) == (said == "yes")
    assert YesOrNo(is_yes=False).accepts(answer(text)) == (said == "no")


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("Wet in all 80 frames.", True),
        ("The road is wet, not dry.", True),
        ("Dry in all 80 frames, not wet.", False),
        ("Snowy.", False),
    ],
)
def test_the_option_named_first_counts(text: str, is_right: bool) -> None:  # noqa: FBT001
    assert OneOf("wet", ("dry",)).accepts(answer(text)) == is_right


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3 people in all, up to 2 at once.", 3),
        ("There are three people.", 3),
        ("0: no people in any frame.", 0),
        ("None.", 0),
        ("Ten of them", 10),
    ],
)
def test_the_first_number_counts(text: str, number: int) -> None:
    assert Number(number, number).accepts(answer(text))
    assert Number(max(0, number - 1), number + 1).accepts(answer(text))
    assert not Number(number + 1, number + 2).accepts(answer(text))


def test_an_answer_without_a_number_is_no_count() -> None:
    assert not Number(0, 100).accepts(answer("Many."))


@pytest.mark.parametrize(
    ("text", "evidence_s", "is_right"),
    [
        ("5.2 s after the start: rain.", None, True),
        ("After 5 seconds.", None, True),
        ("9.0 s after the start: rain.", 5.0, False),
        ("At the start: rain in 9 of 9 frames.", None, False),
        ("When it begins to rain.", 5.5, True),
        ("When it begins to rain.", 50.0, False),
        ("Never: rain in none of 9 frames.", 5.0, False),
        ("I do not know.", None, False),
    ],
)
def test_a_moment_is_told_in_words_or_by_the_evidence(
    text: str,
    evidence_s: float | None,
    is_right: bool,  # noqa: FBT001 (a parameter of the table)
) -> None:
    assert Moment(4.0, 6.0).accepts(answer(text, evidence_s=evidence_s)) == is_right


def test_the_start_is_a_moment() -> None:
    assert Moment(0.0, 1.0).accepts(answer("At the start: rain."))
