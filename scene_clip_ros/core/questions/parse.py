"""Tells what an English question asks for, without knowing any vocabulary.

The rules are of the grammar of short questions: what a question begins with says of which kind it
is, and what is left is its subject. What is beyond contrasts of pictures and texts (distances,
intents, reasons) is told apart first, so that it is never answered by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions import grammar
from scene_clip_ros.core.questions.beyond import beyond_contrasts
from scene_clip_ros.core.questions.question_text import problem_of
from scene_clip_ros.core.questions.types import QuestionKind
from scene_clip_ros.core.questions.words import plain_text

Edge = Literal["start", "end", "change"]
"""Which moment ``when`` is about: from when, until when, or when it becomes another."""


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """What a question asks for.

    Attributes:
        kind: What is asked for.
        subject: What it is about, in lower case, e.g. ``pedestrians``; empty for ``describe``,
            ``language`` and ``which``.
        options: What to choose from, two or more for ``which``, otherwise empty.
        edge: Which moment is asked for; of ``when`` only.
        negated: Whether yes means that the subject is not there; of ``exists`` only.
        at_once: Whether the most at one time are counted rather than all; of ``count``, and of
            ``exists`` with a number.
        fewest: Number of them from which the answer is yes, ≥ 0; of ``exists`` only.
        most: Number of them up to which it is; None: any; of ``exists`` only.
        reason: What needs a language model, for a person; empty if nothing does.
    """

    kind: QuestionKind
    subject: str = ""
    options: tuple[str, ...] = ()
    edge: Edge = "start"
    negated: bool = False
    at_once: bool = False
    fewest: int = 1
    most: int | None = None
    reason: str = ""

    @property
    def compares_number(self) -> bool:
        """Whether it is not enough to know that there is one."""
        return (self.fewest, self.most) != (1, None)


_NOT_UNDERSTOOD = ParsedQuestion("language", reason="this question")
_SOME_OF_THEM = ParsedQuestion(
    "language", reason="how many of them do something, or are somewhere,"
)


def parse_question(question: str) -> ParsedQuestion:
    """Tell what a question asks for.

    Args:
        question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.

    Raises:
        ReasoningError: It is empty, too long, or has no Latin letters at all.
    """
    _require_words(question)
    text = _without_politeness(question)
    if any(grammar.DESCRIBE.match(each) for each in (text, _without_context(text))):
        return ParsedQuestion("describe")
    if reason := beyond_contrasts(text):
        return ParsedQuestion("language", reason=reason)
    text = _without_context(text)
    return (
        _parse_count(text)
        or _parse_when(text)
        or _parse_choice(question, text)
        or _parse_what(text)
        or _parse_exists(_with_commas_as_or(question) if " or " in text else text)
    )


def _require_words(question: str) -> None:
    if problem := problem_of(question):
        raise ReasoningError(problem)
    if not re.search(r"[a-z]", plain_text(question)):
        message = "question: expected English words, got none"
        raise ReasoningError(message)


def _parse_count(text: str) -> ParsedQuestion | None:
    if not (match := grammar.COUNT.match(text)):
        return None
    if grammar.SOME_OF_THEM.search(match[1]):
        return _SOME_OF_THEM
    subject = re.split(rf"\b{grammar.AUXILIARY}\b", grammar.AT_ONCE.sub("", match[1]))[0]
    if not (subject := _squeezed(grammar.EACH.sub("", subject))):
        return _NOT_UNDERSTOOD
    return ParsedQuestion("count", subject, at_once=bool(grammar.AT_ONCE.search(match[1])))


def _parse_when(text: str) -> ParsedQuestion | None:
    if not (match := grammar.WHEN.match(text)):
        return None
    rest = match[1]
    edge: Edge = "start"
    if grammar.ENDS.search(rest):
        edge = "end"
    elif grammar.CHANGES.search(rest):
        edge = "change"
    rest = grammar.BEGINNING_OR_END.sub(" ", grammar.SOMEONE_MOVES.sub("", rest))
    subject = _squeezed(rest)
    if not subject or grammar.MAYBE_EMPTY_ROAD.search(subject) or _numbered(subject):
        return _NOT_UNDERSTOOD
    return ParsedQuestion("when", subject, edge=edge)


def _parse_choice(question: str, text: str) -> ParsedQuestion | None:
    """Tell a question that names what to choose from; whether any is there is no choice."""
    if " or " not in text or grammar.NO_CHOICE.match(text):
        return None
    if grammar.MAYBE_EMPTY_ROAD.search(text):
        return _NOT_UNDERSTOOD
    listed = _with_commas_as_or(question)
    if grammar.EITHER.match(listed) or _numbered(_asked_of(listed)):
        return None
    parts = re.split(r"\bor\b", grammar.BEFORE_OPTIONS.sub("", listed))
    named = [_squeezed(grammar.BEFORE_OPTION.sub("", part.strip())) for part in parts]
    options = tuple(dict.fromkeys(option for option in named if option))
    return ParsedQuestion("which", options=options) if len(options) > 1 else None


def _parse_what(text: str) -> ParsedQuestion | None:
    if grammar.WHERE_ARE_WE.match(text):
        return ParsedQuestion("what", "road")
    if not (match := grammar.WHAT.match(text)):
        return None
    subject = _squeezed(grammar.BESIDE_WHAT.sub("", match[1]))
    return ParsedQuestion("what", _squeezed(grammar.ARTICLE.sub("", subject)) or "scene")


def _parse_exists(text: str) -> ParsedQuestion:
    text = grammar.NOTHING_ON.sub("no anything", text)
    text = grammar.AT_LEAST.sub("at least", grammar.AT_MOST.sub("at most", text))
    negated = bool(grammar.NEGATION.search(text) or grammar.NOBODY.search(text))
    if empty := grammar.EMPTY_ROAD.match(_asked_of(_affirmed(text, grammar.ABSENCE))):
        is_not = bool(grammar.ABSENCE.search(text))
        return ParsedQuestion("exists", f"{empty[1] or 'anything'} on the road", negated=not is_not)
    rest = _asked_of(_affirmed(text, grammar.NEGATION))
    if not rest or rest in ("anything", "something") or grammar.MAYBE_EMPTY_ROAD.search(text):
        return _NOT_UNDERSTOOD
    if (numbered := _numbered(rest)) is None:
        return ParsedQuestion("exists", rest, negated=negated)
    return replace(numbered, negated=negated) if numbered.kind == "exists" else numbered


def _affirmed(text: str, negation: re.Pattern[str]) -> str:
    return _squeezed(negation.sub("", grammar.NOBODY.sub("person", text)))


def _asked_of(text: str) -> str:
    """Return what a yes-or-no question is about."""
    match = grammar.EXISTS.match(text)
    rest = match[1] if match else text
    if seeing := grammar.SEEING.match(rest):
        rest = seeing[1]
    return _squeezed(grammar.PLACEHOLDER.sub("", rest))


def _numbered(text: str) -> ParsedQuestion | None:
    """Tell what is compared with a number; None if nothing is."""
    found = grammar.SEVERAL.match(text) or grammar.NUMBER.match(text)
    if not found:
        return None
    if grammar.SOME_OF_THEM.search(text):
        return _SOME_OF_THEM
    at_once = bool(grammar.AT_ONCE.search(found["of"]))
    subject = _squeezed(grammar.EACH.sub("", grammar.AT_ONCE.sub("", found["of"])))
    if not subject:
        return _NOT_UNDERSTOOD
    fewest, most = _range_of(found) if "number" in found.groupdict() else (2, None)
    return ParsedQuestion("exists", subject, at_once=at_once, fewest=fewest, most=most)


def _range_of(found: re.Match[str]) -> tuple[int, int | None]:
    """Return which numbers are meant, from one to another; None: without end."""
    number, other = _number_of(found["number"]), found["other"] or ""
    if found["than"] in ("more than", "over"):
        return number + 1, None
    if found["than"] == "at least" or other == "more":
        return number, None
    if found["than"] in ("less than", "fewer than", "under"):
        return 0, max(0, number - 1)
    if found["than"] in ("at most", "up to") or other in ("fewer", "less"):
        return 0, number
    return number, max(number, _number_of(other)) if other else number


def _number_of(word: str) -> int:
    return grammar.NUMBERS[word] if word in grammar.NUMBERS else int(word)


def _with_commas_as_or(question: str) -> str:
    """Return the plain words of a question whose commas stand between options."""
    listed = _without_context(_without_politeness(question.replace(",", " or ")))
    return re.sub(r"\b(or )+", "or ", listed).removeprefix("or ")


def _without_politeness(question: str) -> str:
    text = plain_text(question)
    return grammar.POLITE.sub("", text).strip() or text


def _without_context(text: str) -> str:
    return _squeezed(grammar.CONTEXT.sub(" ", text)) or text


def _squeezed(text: str) -> str:
    return " ".join(text.split())
