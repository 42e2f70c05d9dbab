"""Questions are answered from what was seen, or not at all."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from observed import AHEAD, VOCABULARY, facts_of, seen, stamp_of, track
from word_vectors import DIM, encode, word_vector

from scene_clip_ros.core.errors import ParameterError, ReasoningError
from scene_clip_ros.core.questions import finder
from scene_clip_ros.core.questions.reasoner import ContrastiveReasoner
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import (
    Answer,
    FrameFacts,
    FrameRef,
    Observations,
    TrackFact,
)
from scene_clip_ros.core.types import UNKNOWN, FloatArray

REASONER = ContrastiveReasoner(encode, VOCABULARY, logit_scale=20.0)
CHILD = "a child is visible in 8 of 40 frames"
RAIN = "rain in 20 of 32 frames"
SEED_QUESTIONS = (
    "what is happening in the video?",
    "is it daytime or nighttime?",
    "are pedestrians visible?",
)
DRIVE = facts_of(
    40,
    labels={
        "weather": ["clear"] * 20 + ["rain"] * 20,
        "time_of_day": ["day"] * 40,
        "road": ["city street"] * 12 + ["tunnel"] * 8 + ["highway"] * 20,
        "surface": ["dry"] * 20 + ["wet"] * 20,
    },
    hazards={"person_on_road": range(0), "road_works": range(30, 38)},
    tracks={
        range(8, 18): track(ident=1),
        range(24, 32): track("child", ident=2, xyxy=AHEAD),
        range(40): track("vehicle", ident=3, xyxy=(0.1, 0.5, 0.2, 0.6)),
    },
)


def ask(question: str, facts: tuple[FrameFacts, ...] = DRIVE) -> Answer:
    return REASONER.answer(question, seen(facts))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("are pedestrians visible?", "Yes: a person is visible in 18 of 40 frames."),
        ("is there a kid?", "Yes: a child is visible in 8 of 40 frames."),
        ("are there animals?", "No: an animal is visible in none of 40 frames."),
        ("is a person on the road?", "Yes: a person is on the road in 8 of 40 frames."),
        ("is a cyclist on the road?", "No: a cyclist is visible in none of 40 frames."),
        ("are there no cars?", "No: a vehicle is visible in all 40 frames."),
        ("is it raining?", "Yes: rain in 20 of 32 frames."),
        ("is it foggy?", "No: fog in none of 32 frames."),
        ("are there road works?", "Yes: road works in 8 of 40 frames."),
        ("is it daytime or nighttime?", "Daytime in all 32 frames."),
        ("is this a highway or a parking lot?", "A highway in 20 of 40 frames."),
        ("what is the weather?", "Clear, then rain after 5.0 s."),
        ("what time of day is it?", "Day."),
        ("where are we?", "City street, then tunnel after 3.0 s and highway after 5.0 s."),
        ("which people are there?", "1 person and 1 child."),
        ("when does it start to rain?", "5.0 s after the start: rain in 20 of 32 frames."),
        ("when do we leave the tunnel?", "4.8 s after the start: tunnel in 8 of 40 frames."),
        ("when is the first kid seen?", f"6.0 s after the start: {CHILD}."),
        ("when does it stop raining?", f"It does not end: {RAIN}, up to the last one."),
        ("when does the weather change?", "5.0 s after the start: from clear to rain."),
        ("when does it snow?", "Never: snow in none of 32 frames."),
        ("how many people are there?", "2 people in all, up to 1 at once."),
        ("how many people are there at the same time?", "1 person at once."),
        ("how many cyclists are there?", "0: no cyclists in any frame."),
    ],
)
def test_answers_say_what_was_decided(question: str, text: str) -> None:
    answer = ask(question)
    assert answer.text == text
    assert not answer.abstained
    assert answer.confidence > 0.5
    assert answer.backend == "contrastive"


def test_a_description_tells_conditions_things_and_dangers() -> None:
    assert ask("what is happening in the video?").text == (
        "Weather: clear, then rain after 5.0 s. Time of day: day. "
        "Road: city street, then tunnel after 3.0 s and highway after 5.0 s. "
        "Surface: dry, then wet after 5.0 s. Seen: 2 people and 1 vehicle. "
        "A person is on the road, first 6.0 s after the start. "
        "Road works, first 7.5 s after the start."
    )


@pytest.mark.parametrize("question", SEED_QUESTIONS)
def test_the_usual_questions_are_answered(question: str) -> None:
    answer = ask(question)
    assert not answer.abstained
    assert answer.evidence


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("is there a bus?", "boxes do not tell whether it is a bus"),
        ("when does the first bus appear?", "boxes do not tell whether it is"),
        ("is it foggy or snowing?", "is told of none of 32 frames"),
        ("is this a city street or a tunnel?", "both are seen"),
        ("how many unicorns are there?", "boxes are not asked to follow 'unicorns'"),
        ("how far away is the child?", "a distance needs the language model"),
        ("why is the car standing?", "a reason needs the language model"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(question: str, why: str) -> None:
    answer = ask(question)
    assert answer.abstained
    assert answer.text.startswith("Cannot tell: ")
    assert why in answer.text
    assert (answer.confidence, answer.evidence) == (0.0, ())


STREET = facts_of(
    40,
    labels={"weather": ["clear"] * 40},
    tracks={range(4, 14): track(xyxy=AHEAD), range(20, 30): track(ident=1)},
)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("is there more than one person?", "Yes: 2 people in all, up to 1 at once."),
        ("are there two people?", "Yes: 2 people in all, up to 1 at once."),
        ("are there three people?", "No: 2 people in all, up to 1 at once."),
        ("are there several people at once?", "No: 1 person at once."),
        ("are there not two people?", "No: 2 people in all, up to 1 at once."),
        ("are there fewer than 2 animals?", "Yes: no animals in any frame."),
        ("are there two cyclists?", "No: no cyclists in any frame."),
        ("is the road free of people?", "No: a person is on the road in 10 of 40 frames."),
        ("is there no one on the road?", "No: a person is on the road in 10 of 40 frames."),
        ("is the road free of animals?", "Yes: an animal is on the road in none of 40 frames."),
        ("are people or animals visible?", "Yes: a person is visible or an animal is visible"),
    ],
)
def test_numbers_and_absences_are_decided(question: str, text: str) -> None:
    answer = ask(question, STREET)
    assert answer.text.startswith(text)
    assert not answer.abstained


@pytest.mark.parametrize(
    ("tracks", "said"),
    [({range(4, 14): track(xyxy=AHEAD)}, "No: "), ({range(4, 14): track()}, "Yes: ")],
    ids=["ahead", "beside"],
)
def test_a_road_is_clear_of_people_not_of_clouds(tracks: dict[range, TrackFact], said: str) -> None:
    hazards = {"road_works": range(0)}
    labels = {"weather": ["clear"] * 40}
    answer = ask("Is the road clear?", facts_of(labels=labels, hazards=hazards, tracks=tracks))
    assert answer.text.startswith(said)
    assert "a person is on the road" in answer.text


def test_a_number_in_doubt_is_not_compared() -> None:
    facts = facts_of(tracks={range(10): track(ident=1), range(20, 22): track(ident=2, score=0.76)})
    answer = ask("is there more than one person?", facts)
    assert answer.text == "Cannot tell: there are 1 to 2 people."
    assert ask("is there more than two people?", facts).text.startswith("No: 1 to 2 people")


def test_an_object_in_doubt_is_neither_there_nor_not() -> None:
    answer = ask("is there a person?", facts_of(tracks={range(4, 6): track(score=0.7)}))
    assert answer.abstained
    assert "may be there" in answer.text


def test_a_count_in_doubt_is_a_range() -> None:
    facts = facts_of(tracks={range(10): track(ident=1), range(20, 22): track(ident=2, score=0.76)})
    assert ask("how many people are there?", facts).text == "Cannot tell: there are 1 to 2 people."


def test_of_a_crowd_no_number_is_claimed() -> None:
    places = [(0.3 * (i % 3), 0.5, 0.3 * (i % 3) + 0.02, 0.55) for i in range(13)]
    tracks = {range(3 * i, 3 * i + 3): track(ident=i, xyxy=place) for i, place in enumerate(places)}
    answer = ask("how many people are there?", facts_of(tracks=tracks))
    assert answer.text == (
        "Cannot tell: there are too many to be told apart, up to 1 person at once."
    )


def test_a_crowd_is_more_than_a_few() -> None:
    places = [(0.07 * i, 0.5, 0.07 * i + 0.02, 0.55) for i in range(13)]
    crowd = facts_of(
        tracks={
            range(40): track(ident=0),
            **{range(40 - i): track(ident=i, xyxy=place) for i, place in enumerate(places, 1)},
        }
    )
    assert ask("how many people are there?", crowd).abstained
    assert ask("are there more than five people?", crowd).text.startswith("Yes: up to ")
    assert ask("are there more than 14 people?", crowd).text.startswith("No: up to 14 people")


@pytest.mark.parametrize("question", ["what is the weather?", "why do we stop?"])
def test_objects_are_gathered_only_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    def gather(*_: object) -> None:
        pytest.fail("gathered objects")

    monkeypatch.setattr(finder, "follow_objects", gather)
    assert ask(question).text


def test_counting_needs_boxes() -> None:
    answer = ask("how many people are there?", facts_of(boxes=False))
    assert answer.text == "Cannot tell: objects are told by boxes, and boxes were off."


def test_in_a_tunnel_nobody_can_tell_the_weather() -> None:
    facts = facts_of(labels={"weather": ["overcast"] * 40, "road": ["tunnel"] * 40})
    assert ask("what is the weather?", facts).text == "Cannot tell: no frame tells of the weather."


def test_unknown_labels_are_no_answer() -> None:
    facts = facts_of(labels={"weather": [UNKNOWN] * 40})
    assert ask("is it raining?", facts).abstained
    assert ask("what is the weather?", facts).abstained


@pytest.mark.parametrize("question", SEED_QUESTIONS)
def test_nothing_seen_is_nothing_told(question: str) -> None:
    answer = REASONER.answer(question, Observations((), np.empty((0, DIM), np.float32)))
    assert answer.text == "Cannot tell: no frames were seen."


@pytest.mark.parametrize("question", ["", " ", "?", "x" * 1001])
def test_a_question_that_is_none_is_refused(question: str) -> None:
    with pytest.raises(ReasoningError):
        ask(question)


def embedded(*words: str) -> FloatArray:
    rows = np.stack([word_vector(word) for word in words])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_what_no_vocabulary_says_is_compared_with_the_frames() -> None:
    plain = ContrastiveReasoner(encode, replace(VOCABULARY, templates=("{}",)), logit_scale=20.0)
    looked = seen(facts_of(12), embeddings=encode(["a road"] * 6 + ["a bridge"] * 6))
    assert plain.answer("is there a bridge?", looked).text.startswith("Yes: a bridge in 6 of 12")
    assert plain.answer("is there a volcano?", looked).text.startswith("No: a volcano in none")
    first = plain.answer("when does a bridge appear?", looked)
    assert first.text.startswith("1.5 s after the start")
    assert first.evidence[0] == FrameRef("front", stamp_of(6))
    assert plain.answer("is it a bridge or a volcano?", looked).text.startswith("A bridge")


def test_without_facts_the_frames_tell_labels_and_things() -> None:
    frames = embedded(*["rain"] * 6)
    looked = Observations(tuple(FrameRef("front", stamp_of(i)) for i in range(6)), frames)
    assert REASONER.answer("is it raining or snowing?", looked).text == "Raining in all 6 frames."
    assert REASONER.answer("is it raining?", looked).text.startswith("Yes: rain")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"yes": 1.2}, "yes: expected a number in"),
        ({"no": 0.7}, "no: expected at most yes"),
        ({"max_evidence": 0}, "max_evidence: expected a whole number"),
    ],
)
def test_settings_outside_their_ranges_are_refused(
    settings: dict[str, float], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        ReasonSettings(**settings)  # type: ignore[arg-type]


def both(front: tuple[FrameFacts, ...], rear: tuple[FrameFacts, ...]) -> tuple[FrameFacts, ...]:
    """Return facts of two cameras, of which the second one is 60 ms behind the first."""
    late = [replace(each, camera="rear", stamp_ns=each.stamp_ns + 60_000_000) for each in rear]
    return tuple(each for pair in zip(front, late, strict=True) for each in pair)


CLEAR, RAIN_LATER = (
    facts_of(labels={"weather": ["clear"] * at + ["rain"] * (40 - at)}) for at in (40, 20)
)
RAINY = facts_of(labels={"weather": ["rain"] * 40})
SEEN_LATE = facts_of(tracks={range(30, 40): track()})


@pytest.mark.parametrize(
    ("facts", "question", "text"),
    [
        ((CLEAR, CLEAR), "when does clear weather begin?", "At the start: clear in all 80 frames."),
        ((CLEAR, CLEAR), "when does clear weather end?", "It does not end: clear in all 80"),
        ((CLEAR, CLEAR), "what is the weather?", "Clear."),
        ((CLEAR, CLEAR), "when does the weather change?", "Never: clear all the time."),
        ((CLEAR, RAINY), "what is the weather?", "Clear (camera front); rain (camera rear)."),
        (
            (CLEAR, RAINY),
            "when does the weather change?",
            "Never: clear (camera front); rain (camera rear) all the time.",
        ),
        ((CLEAR, RAINY), "when does it stop raining?", "It does not end: rain in 40 of 80 frames"),
        ((CLEAR, RAINY), "when does it start to rain?", "At the start (camera rear): rain in 40"),
        (
            (CLEAR, RAIN_LATER),
            "when does the weather change?",
            "5.1 s after the start (camera rear): from clear to rain.",
        ),
        (
            (CLEAR, RAIN_LATER),
            "what is the weather?",
            "Clear (camera front); clear, then rain after 5.1 s (camera rear).",
        ),
        (
            (RAIN_LATER, RAIN_LATER),
            "what is the weather?",
            "Clear, then rain after 5.0 s.",
        ),
        (
            (RAIN_LATER, RAIN_LATER),
            "when does it start to rain?",
            "5.0 s after the start (camera front): rain in 40 of 80 frames.",
        ),
        ((SEEN_LATE, facts_of()), "when is the last person seen?", "It does not end: a person is"),
    ],
)
def test_each_camera_has_its_own_beginning_and_end(
    facts: tuple[tuple[FrameFacts, ...], tuple[FrameFacts, ...]], question: str, text: str
) -> None:
    assert ask(question, both(*facts)).text.startswith(text)


def test_frames_that_show_a_change_are_told_once() -> None:
    labels = {"weather": ["clear"] * 20 + ["rain"] * 20}
    evidence = ask("when does the weather change?", facts_of(labels=labels)).evidence
    assert evidence == (FrameRef("front", stamp_of(20)),)


QUESTIONS = (
    *SEED_QUESTIONS,
    "is it raining?",
    "what is the weather?",
    "when does the first person appear?",
    "how many people are there?",
    "is there a bridge?",
    "is a person on the road?",
)


@settings(max_examples=40, deadline=None)
@given(
    question=st.sampled_from(QUESTIONS),
    seed=st.integers(0, 100),
    count=st.integers(1, 12),
    boxes=st.booleans(),
)
def test_answers_are_sound_whatever_was_seen(
    question: str, seed: int, count: int, *, boxes: bool
) -> None:
    rng = random.Random(seed)
    facts = facts_of(
        count,
        labels={"weather": [rng.choice(["rain", "clear", UNKNOWN]) for _ in range(count)]},
        tracks={
            range(i, i + rng.randint(1, 4)): track(ident=i, score=rng.random()) for i in range(4)
        },
        boxes=boxes,
        probability=rng.random(),
    )
    answer = ask(question, facts)
    frames = {FrameRef(each.camera, each.stamp_ns) for each in facts}
    assert set(answer.evidence) <= frames
    assert len(set(answer.evidence)) == len(answer.evidence) <= 5
    assert 0.0 <= answer.confidence <= 1.0
    assert answer.abstained == answer.text.startswith("Cannot tell")
    assert not answer.abstained or (answer.confidence, answer.evidence) == (0.0, ())


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(QUESTIONS), st.integers(0, 100))
def test_the_order_of_frames_of_one_moment_does_not_matter(question: str, seed: int) -> None:
    rng = random.Random(seed)
    labels = {"weather": ["rain"] * 12}
    front = facts_of(12, labels=labels, tracks={range(3, 9): track()})
    rear = facts_of(12, camera="rear", labels=labels, tracks={range(6): track(ident=4)})
    pairs = list(zip(front, rear, strict=True))
    looked = seen([each for pair in pairs for each in pair])
    order = [i for n in range(12) for i in rng.sample([2 * n, 2 * n + 1], 2)]
    mixed = Observations(
        tuple(looked.frames[i] for i in order),
        looked.embeddings[order],
        tuple(looked.facts[i] for i in order),
    )
    assert REASONER.answer(question, mixed) == REASONER.answer(question, looked)
