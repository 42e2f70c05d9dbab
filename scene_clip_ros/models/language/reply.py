"""Reads what a language model replied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.types import Answer, QuestionKind
from scene_clip_ros.models.language.prompt import Prompt

MAX_REPLY_CHARACTERS = 20_000
MAX_ANSWER_CHARACTERS = 1000
EXCERPT_CHARACTERS = 100
MAX_OBJECTS = 200
"""Most braces of a reply that are tried as the beginning of the object."""
NOTHING_SEEN = "Cannot tell: nothing was seen in that time."

_CANNOT_TELL = re.compile(r"\W*(?:i\s+)?(?:can\s?not|can['’]?t)\s+tell\b", re.IGNORECASE)
_THOUGHTS_END = "</think>"


def parse_reply(text: str, prompt: Prompt, backend: str) -> Answer:
    """Turn a reply into an answer.

    The JSON object may stand in a code fence or between other words; the last one with an
    ``answer`` counts. Numbers of frames that were not shown are left out of the evidence.

    Args:
        text: What the model said.
        prompt: What it was asked.
        backend: Name of the model.

    Raises:
        ReasoningError: It is empty, too long, or neither such an object nor "cannot tell".
    """
    said = text.rpartition(_THOUGHTS_END)[2].strip()
    if not said:
        message = f"{backend}: expected an answer, got an empty reply"
        raise ReasoningError(message)
    if len(said) > MAX_REPLY_CHARACTERS:
        message = (
            f"{backend}: expected a reply of at most {MAX_REPLY_CHARACTERS} characters, "
            f"got {len(said)}"
        )
        raise ReasoningError(message)
    if found := _last_object(said):
        return _answer(found, prompt, backend)
    if _CANNOT_TELL.match(said):
        return abstention(said, prompt.kind, backend)
    message = f"{backend}: expected JSON with an answer, got {excerpt(said)!r}"
    raise ReasoningError(message)


def abstention(text: str, kind: QuestionKind, backend: str) -> Answer:
    """Return that a model cannot tell, in its own words."""
    line = one_line(text, MAX_ANSWER_CHARACTERS)
    return Answer(line[:1].upper() + line[1:], kind, 0.0, True, (), backend)


def excerpt(text: str) -> str:
    """Return the beginning of a text for an error message."""
    return one_line(text, EXCERPT_CHARACTERS)


def one_line(text: str, most: int) -> str:
    """Return a text on one line, without control characters, cut to a number of characters."""
    plain = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _answer(found: Mapping[str, Any], prompt: Prompt, backend: str) -> Answer:
    text = _answer_text(found["answer"], backend)
    if _CANNOT_TELL.match(text):
        return abstention(text, prompt.kind, backend)
    confidence = _confidence(found.get("confidence"), backend)
    evidence = tuple(
        dict.fromkeys(
            prompt.frames[number - 1].ref
            for number in _numbers(found.get("evidence"))
            if 1 <= number <= len(prompt.frames)
        )
    )
    return Answer(text, prompt.kind, confidence, False, evidence, backend)


def _answer_text(value: object, backend: str) -> str:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = (
        one_line(str(value), MAX_ANSWER_CHARACTERS) if isinstance(value, str | int | float) else ""
    )
    if not text:
        message = f"{backend}: expected a text as answer, got {excerpt(repr(value))}"
        raise ReasoningError(message)
    return text


def _confidence(value: object, backend: str) -> float:
    number = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        message = f"{backend}: expected a confidence in [0, 1], got {excerpt(repr(value))}"
        raise ReasoningError(message)
    return float(number)


def _numbers(value: object) -> Iterator[int]:
    """Yield the numbers of frames in what should be a list of them, as ``3`` or ``"Frame 3"``."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, int) and not isinstance(item, bool):
            yield item
        elif isinstance(item, str) and (digits := re.fullmatch(r"\D{0,20}(\d{1,4})", item.strip())):
            yield int(digits[1])


def _last_object(text: str) -> Mapping[str, Any] | None:
    """Return the last JSON object with an answer, not counting those inside another."""
    decoder = json.JSONDecoder()
    found: Mapping[str, Any] | None = None
    start = text.find("{")
    for _ in range(MAX_OBJECTS):
        if start < 0:
            break
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            found = value if "answer" in value else found
        start = text.find("{", end)
    return found
