"""What is asked is told by the words alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.parse import ParsedQuestion, parse_question
from scene_clip_ros.core.questions.types import MAX_QUESTION_LENGTH

EXISTS = {
    "are pedestrians visible?": "pedestrians visible",
    "Are there any pedestrians in the video?": "any pedestrians",
    "Is it raining?": "raining",
    "is it raining or not?": "raining",
    "Does it rain?": "rain",
    "Is there snow on the road?": "snow on the road",
    "do you see a cyclist?": "a cyclist",
    "Can you see traffic lights right now?": "traffic lights",
    "does the video show a bus?": "a bus",
    "can children be seen?": "children",
    "Please tell me whether it is night.": "night",
    "are there people or animals?": "people or animals",
    "pedestrians?": "pedestrians",
    "isn't it foggy?": "foggy",
    "do we drive through a tunnel?": "drive through a tunnel",
}
WHICH = {
    "is it daytime or nighttime?": ("daytime", "nighttime"),
    "Daytime or nighttime?": ("daytime", "nighttime"),
    "Is this a highway or a city street?": ("a highway", "a city street"),
    "is the road wet or dry?": ("wet", "dry"),
    "Is the weather clear, overcast or rainy?": ("clear", "overcast", "rainy"),
    "Which is it: day, dusk, or night?": ("day", "dusk", "night"),
    "Is that a tunnel, or a parking lot?": ("a tunnel", "a parking lot"),
    "in the video, is it day or night?": ("day", "night"),
}
WHAT = {
    "what is the weather?": "weather",
    "What's the weather like?": "weather",
    "How is the weather?": "weather",
    "what kind of road is this?": "road",
    "what time of day is it?": "time of day",
    "where are we?": "road",
    "which animals are there?": "animals",
}
WHEN = {
    "when does the first pedestrian appear?": ("the pedestrian", "start"),
    "When did it start to rain?": ("rain", "start"),
    "when does it stop raining?": ("raining", "end"),
    "At what time do we enter the tunnel?": ("the tunnel", "start"),
    "when do we leave the tunnel?": ("the tunnel", "end"),
    "when does it get dark?": ("dark", "start"),
    "when does the weather change?": ("the weather", "change"),
    "when is the last vehicle visible?": ("the vehicle", "end"),
}
COUNT = {
    "how many people are there?": ("people", False),
    "How many different cars do you see?": ("cars", False),
    "how many cars are visible at the same time?": ("cars", True),
    "count the vehicles": ("vehicles", False),
    "What is the number of cyclists in the video?": ("cyclists", False),
}
DESCRIBE = [
    "what is happening in the video?",
    "What's going on?",
    "Describe the scene",
    "can you describe what happens",
    "what do you see?",
    "Give me a short summary of the drive.",
    "what is this video about?",
]
LANGUAGE = {
    "how far away is the car?": "a distance",
    "how close does the pedestrian come?": "a distance",
    "how fast are we?": "a speed",
    "why did the car stop?": "a reason",
    "Is the pedestrian going to cross?": "an intent",
    "will it rain?": "an intent",
    "what is the man doing?": "what somebody does",
    "what colour is the car?": "the colour",
    "is there a car on the left side?": "a place",
    "are there more cars than people?": "a comparison",
    "how long does it rain?": "a duration",
    "what does the sign say?": "reading",
    "is it safe to drive on?": "a judgement",
    "how many people cross the road?": "how many of them do something",
}
HEAP = """what when how many is are the a or not and , ? first last person road tell me please can
you see in video it does"""


@pytest.mark.parametrize(("question", "subject"), EXISTS.items())
def test_yes_or_no_questions_ask_whether_something_is_there(question: str, subject: str) -> None:
    assert parse_question(question) == ParsedQuestion("exists", subject)


@pytest.mark.parametrize(("question", "options"), WHICH.items())
def test_choices_name_their_options(question: str, options: tuple[str, ...]) -> None:
    assert parse_question(question) == ParsedQuestion("which", options=options)


@pytest.mark.parametrize(("question", "subject"), WHAT.items())
def test_what_questions_name_their_subject(question: str, subject: str) -> None:
    assert parse_question(question) == ParsedQuestion("what", subject)


@pytest.mark.parametrize(("question", "expected"), WHEN.items())
def test_when_questions_ask_for_a_beginning_or_an_end(
    question: str, expected: tuple[str, str]
) -> None:
    parsed = parse_question(question)
    assert (parsed.kind, parsed.subject, parsed.edge) == ("when", *expected)


@pytest.mark.parametrize(("question", "expected"), COUNT.items())
def test_how_many_questions_name_what_is_counted(question: str, expected: tuple[str, bool]) -> None:
    parsed = parse_question(question)
    assert (parsed.kind, parsed.subject, parsed.at_once) == ("count", *expected)


@pytest.mark.parametrize("question", DESCRIBE)
def test_open_questions_ask_for_a_description(question: str) -> None:
    assert parse_question(question) == ParsedQuestion("describe")


@pytest.mark.parametrize(("question", "reason"), LANGUAGE.items())
def test_what_only_language_tells_is_told_apart(question: str, reason: str) -> None:
    parsed = parse_question(question)
    assert parsed.kind == "language"
    assert parsed.reason.startswith(reason)


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("are there no cars?", "cars"),
        ("is the road free of people?", "people on the road"),
        ("is the street ahead clear of snow?", "snow on the road"),
        ("is the road clear?", "anything on the road"),
        ("is the way free?", "anything on the road"),
        ("is the street in front of us empty?", "anything on the road"),
        ("the road is clear", "anything on the road"),
        ("do you see an empty road ahead?", "anything on the road"),
        ("is there nothing on the road?", "anything on the road"),
        ("is nobody on the road?", "person on the road"),
        ("is there no one on the road?", "person on the road"),
        ("is no-one there?", "person there"),
    ],
)
def test_negated_questions_are_affirmed_and_remembered(question: str, subject: str) -> None:
    assert parse_question(question) == ParsedQuestion("exists", subject, negated=True)


def test_a_road_that_is_not_clear_has_something_on_it() -> None:
    parsed = parse_question("isn't the road ... not clear?")
    assert parsed == ParsedQuestion("exists", "anything on the road")


@pytest.mark.parametrize(
    "question",
    [
        "when is the road clear?",
        "is the road clear or wet?",
        "is the road clear at night?",
        "is there a road free of snow?",
        "when are there two people?",
        "is there nothing in the video?",
    ],
)
def test_what_rules_do_not_cover_is_not_understood(question: str) -> None:
    assert parse_question(question).kind == "language"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is there more than one person?", ("person", 2, None)),
        ("are there at least 3 people in the video?", ("people", 3, None)),
        ("are there no fewer than three people?", ("people", 3, None)),
        ("are there two or more cars?", ("cars", 2, None)),
        ("Are there two people?", ("people", 2, 2)),
        ("are 12 cyclists visible?", ("cyclists visible", 12, 12)),
        ("is there only one child?", ("child", 1, 1)),
        ("are there two or three people?", ("people", 2, 3)),
        ("do you see several animals?", ("animals", 2, None)),
        ("is there a couple of cars?", ("cars", 2, None)),
        ("are there fewer than five people?", ("people", 0, 4)),
        ("are there no more than five people?", ("people", 0, 5)),
        ("is there at least one person?", ("person", 1, None)),
    ],
)
def test_numbers_are_compared_with(question: str, expected: tuple[str, int, int | None]) -> None:
    parsed = parse_question(question)
    assert parsed.kind == "exists"
    assert (parsed.subject, parsed.fewest, parsed.most) == expected
    assert not parsed.negated


def test_how_many_are_seen_at_once_may_be_compared_with_a_number() -> None:
    parsed = parse_question("are there two people at the same time?")
    assert (parsed.subject, parsed.fewest, parsed.at_once) == ("people", 2, True)


def test_how_many_are_somewhere_is_left_to_a_language_model() -> None:
    assert parse_question("are two people on the road?").kind == "language"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Are pedestrians or cyclists visible?", "pedestrians or cyclists visible"),
        ("Were people or animals on the road?", "people or animals on the road"),
        ("is a dog, a cat, or a deer visible?", "a dog or a cat or a deer visible"),
        ("is rain or snow falling?", "rain or snow falling"),
        ("are there people, or animals?", "people or animals"),
    ],
)
def test_whether_either_is_there_is_no_choice(question: str, subject: str) -> None:
    assert parse_question(question) == ParsedQuestion("exists", subject)


@pytest.mark.parametrize("question", ["", "  \n", "?!…", "1234", "行人可见吗?"])
def test_a_question_without_english_words_is_refused(question: str) -> None:
    with pytest.raises(ReasoningError, match="expected"):
        parse_question(question)


def test_a_question_may_be_as_long_as_said_and_no_longer() -> None:
    longest = "is there a dog and a cat ".ljust(MAX_QUESTION_LENGTH, "a")
    assert parse_question(longest).kind == "exists"
    with pytest.raises(ReasoningError, match="at most 1000 characters, got 1001"):
        parse_question(f"{longest}a")


@given(st.text(max_size=MAX_QUESTION_LENGTH))
def test_any_text_is_parsed_or_refused(question: str) -> None:
    try:
        parsed = parse_question(question)
    except ReasoningError:
        return
    assert (parsed.kind == "language") == bool(parsed.reason)
    assert (parsed.kind == "which") == (len(parsed.options) > 1)
    needs_subject = parsed.kind in ("exists", "what", "when", "count")
    assert needs_subject == bool(parsed.subject)


@given(
    st.lists(
        st.sampled_from(HEAP.split()),
        min_size=1,
        max_size=150,
    )
)
def test_heaps_of_question_words_are_parsed(words: list[str]) -> None:
    question = " ".join(words)
    if question.strip(" ,?"):
        assert parse_question(question).kind
