from __future__ import annotations

import json
from contextlib import suppress

import pytest
from asked_window import window
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.types import Answer
from scene_clip_ros.models.language.prompt import build_prompt
from scene_clip_ros.models.language.reply import MAX_ANSWER_CHARACTERS, parse_reply

PROMPT = build_prompt("Is it raining?", window(), max_frames=8)
REPLY = '{"answer": "Yes.", "confidence": 0.7, "evidence": [3, 1]}'


def read(text: str) -> Answer:
    return parse_reply(text, PROMPT, "m")


@pytest.mark.parametrize(
    "text",
    [
        REPLY,
        f"```json\n{REPLY}\n```",
        f"Here is my answer:\n\n{REPLY}\n\nI hope that it helps {{you}}.",
        f'<think>Maybe {{"answer": "No.", "confidence": 1}}?</think>{REPLY}',
        f'First I thought {{"answer": "No.", "confidence": 1}}, but {REPLY}',
        json.dumps(json.loads(REPLY), indent=2),
        '{"answer": " Yes.\\n", "confidence": "0.7", "evidence": ["Frame 3", "1", 3, 9, 0, null]}',
    ],
    ids=["bare", "fenced", "in prose", "after thoughts", "last counts", "indented", "loose types"],
)
def test_object_is_found_however_it_is_wrapped(text: str) -> None:
    answer = read(text)
    refs = (PROMPT.frames[2].ref, PROMPT.frames[0].ref)
    assert answer == Answer("Yes.", "exists", 0.7, False, refs, "m")


@pytest.mark.parametrize(
    ("value", "text"),
    [("true", "yes"), ("false", "no"), ("3", "3"), ('"a\\u0000\\nb  c"', "a b c")],
    ids=["true", "false", "number", "control characters"],
)
def test_short_answers_become_one_line(value: str, text: str) -> None:
    assert read(f'{{"answer": {value}, "confidence": 1}}').text == text


def test_long_answer_is_cut() -> None:
    answer = read(json.dumps({"answer": "word " * 1000, "confidence": 1}))
    assert len(answer.text) == MAX_ANSWER_CHARACTERS
    assert answer.text.endswith("…")


@pytest.mark.parametrize(
    "text",
    [
        "cannot tell",
        '"Cannot tell."',
        "I can't tell from these.",
        '{"answer": "cannot tell: too dark", "confidence": 0.9, "evidence": [1]}',
        '{"answer": "Can not tell"}',
    ],
)
def test_cannot_tell_is_an_abstention(text: str) -> None:
    answer = read(text)
    assert (answer.abstained, answer.confidence, answer.evidence) == (True, 0.0, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an answer, got an empty reply"),
        ("<think>hm</think> ", "an answer, got an empty reply"),
        ("I would not say that one cannot tell", "JSON with an answer, got 'I would not"),
        ('{"reply": "yes"}', "JSON with an answer"),
        ('{"answer": "yes"', "JSON with an answer"),
        ("[" * 9000, "JSON with an answer"),
        ('{"a":' * 4000, "JSON with an answer"),
        ('{"answer": null, "confidence": 1}', "a text as answer, got None"),
        ('{"answer": " ", "confidence": 1}', "a text as answer, got ' '"),
        ('{"answer": ["yes"], "confidence": 1}', "a text as answer, got .'yes'."),
        ('{"answer": "yes"}', r"a confidence in \[0, 1\], got None"),
        ('{"answer": "yes", "confidence": NaN}', "a confidence"),
        ('{"answer": "yes", "confidence": -1}', "a confidence"),
        ('{"answer": "yes", "confidence": "high"}', "a confidence .* got 'high'"),
        ('{"answer": "yes", "confidence": true}', "a confidence .* got True"),
        ("x" * 20_001, "at most 20000 characters, got 20001"),
    ],
)
def test_rubbish_is_refused(text: str, message: str) -> None:
    with pytest.raises(ReasoningError, match=f"m: expected .*{message}"):
        read(text)


@given(st.text(max_size=200) | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(str))
def test_any_text_is_an_answer_or_an_error(text: str) -> None:
    for said in (text, f'{{"answer": {json.dumps(text)}, "confidence": 0.5, "evidence": {text}}}'):
        with suppress(ReasoningError):
            answer = read(said)
            assert 0 <= answer.confidence <= 1
            assert answer.text
            assert answer.text.isprintable()


@given(st.text())
def test_errors_are_one_line(text: str) -> None:
    with pytest.raises(ReasoningError) as caught:
        read(f"no object: {text.replace('{', '')}")
    assert str(caught.value).isprintable()
