"""Tells what an English question asks for, without knowing any vocabulary.

The rules are of the grammar of short questions: what a question begins with says of which kind it
is, and what is left is its subject. What is beyond contrasts of pictures and texts (distances,
intents, reasons) is told apart first, so that it is never answered by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.beyond import beyond_contrasts
from scene_clip_ros.core.questions.types import MAX_QUESTION_LENGTH, QuestionKind
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
        at_once: Whether the most at one time are counted rather than all; of ``count`` only.
        reason: What needs a language model, for a person; empty if nothing does.
    """

    kind: QuestionKind
    subject: str = ""
    options: tuple[str, ...] = ()
    edge: Edge = "start"
    negated: bool = False
    at_once: bool = False
    reason: str = ""


_POLITE = re.compile(
    r"^((please|hey|hi|hello|ok|okay|so|and|well|now|but|then|also|scene clip|"
    r"(can|could|would|will) you (please )?(tell|say|show|describe)( me| us)?|"
    r"do you know|tell me|tell us|say|i want to know|i would like to know|let me know|"
    r"i wonder|answer)\b ?)+"
)
_CONTEXT = re.compile(
    r"\b(in|during|on|of|from|throughout|within|over) (the|this|that|these|our|your) "
    r"((whole|entire|last|current|dashcam|recorded) )?"
    r"(video|videos|clip|scene|footage|recording|picture|pictures|image|images|frames?|drive|ride|"
    r"trip|film|camera|view|excerpt|bag|past)( (clip|footage|video|picture))?\b"
    r"|\b(right now|at the moment|at present|at any (time|point|moment)|at some (point|time)|"
    r"at all|please|or not|anywhere|(to )?be seen|in view|in sight|into (view|sight))\b"
    r"|\bthere (at|in) (the )?end\b"
)
_DESCRIBE = re.compile(
    r"^(what (is|was|are) (happening|going on|to be seen|visible|there)|what (happens|happened)|"
    r"what (do|did|can|could) (you|we|i|be|the camera) (see|seen|observe)|"
    r"what does it show|what (does|do) (the|this) (video|clip|footage|scene|camera|picture)s? "
    r"(show|contain)|what is (this|it|the (video|clip|scene)) (about|showing)|"
    r"what is (this|it|in|here)|what (is|are) (in|on) the (video|picture|clip|scene|camera|image)|"
    r"(describe|summari[sz]e|explain|recap)\b.*|(give|write|make) (me |us )?(a|an|the) "
    r"(short |brief )?(description|summary|overview)\b.*|(description|summary|overview)|"
    r"what (is|was) the (situation|scene|scenery)( like)?)$"
)
_COUNT = re.compile(
    r"^(?:what is )?(?:the )?(?:total )?(?:how many|number of|count(?: the| all)*) (.+)$"
)
_AT_ONCE = re.compile(
    r"\b(at once|at (the same|one|a) time|simultaneously|at most|together|"
    r"in one (frame|picture))\b"
)
_WHEN = re.compile(
    r"^(?:when|at (?:what|which) (?:time|point|moment|second)|from when on|since when|until when)\b"
    r"(?: exactly)? ?(?:is the (?:first|last) time )?(.*)$"
)
_AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|had|can|could|am|be|been)"
_WHAT = re.compile(
    rf"^(?:(?:what|which) (?:(?:kind|type|sort|part|state|condition) of )?"
    rf"|(?:how) )(?:{_AUXILIARY} )?(.+)$"
)
_EXISTS = re.compile(rf"^(?:if |whether )?(?:it (?:is|was) )?(?:{_AUXILIARY} )?(?P<rest>.+)$")
_SEEING = re.compile(
    r"^(?:(?:you|we|i|one|anyone|it|the (?:video|clip|scene|camera|picture|footage|recording|"
    r"drive)|this|there|they) (?:ever )?)?(?:see|find|spot|detect|notice|recogni[sz]e|observe|show|"
    r"contain|include|have|happen to see|come across|meet|pass)\b ?(.*)$"
)
_NEGATION = re.compile(r"\b(no|not|without|never|free of|nobody|no-one|nothing|none)\b")
_NOTHING_LEFT = re.compile(r"[a-z]")
_OR = re.compile(r"(?:,| )\s*or (?:rather |is it |are there |was it |on |in )?| or ")


def parse_question(question: str) -> ParsedQuestion:
    """Tell what a question asks for.

    Args:
        question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.

    Raises:
        ReasoningError: It is empty, too long, or has no letters at all.
    """
    text = _checked(question)
    for parse in (_parse_describe, _parse_language, _parse_count, _parse_when):
        if parsed := parse(text):
            return parsed
    return _parse_choice(question, text) or _parse_what(text) or _parse_exists(text)


def _checked(question: str) -> str:
    """Return the plain words of a question, without politeness and context."""
    if not question.strip():
        message = "question: expected text, got none"
        raise ReasoningError(message)
    if len(question) > MAX_QUESTION_LENGTH:
        message = f"question: expected up to {MAX_QUESTION_LENGTH} characters, got {len(question)}"
        raise ReasoningError(message)
    text = plain_text(question)
    if not _NOTHING_LEFT.search(text):
        message = "question: expected English words, got none"
        raise ReasoningError(message)
    return _POLITE.sub("", text).strip() or text


def _parse_describe(text: str) -> ParsedQuestion | None:
    for wording in (text, _without_context(text)):
        if _DESCRIBE.match(wording):
            return ParsedQuestion("describe")
    return None


def _parse_language(text: str) -> ParsedQuestion | None:
    reason = beyond_contrasts(text)
    return ParsedQuestion("language", reason=reason) if reason else None


def _parse_count(text: str) -> ParsedQuestion | None:
    if not (match := _COUNT.match(_without_context(text))):
        return None
    subject = _AT_ONCE.sub("", match[1])
    subject = re.split(rf"\b{_AUXILIARY}\b", subject)[0]
    subject = re.sub(r"\b(different|distinct|individual|unique|separate)\b", "", subject)
    if not (subject := _squeezed(subject)):
        return ParsedQuestion("language", reason="this question")
    rest = match[1]
    if re.search(
        r"\b(cross|crosses|crossed|crossing|on the (road|street|sidewalk)|stand|wear)\b", rest
    ):
        return ParsedQuestion("language", reason="how many of them do something or are somewhere")
    return ParsedQuestion("count", subject, at_once=bool(_AT_ONCE.search(match[1])))


def _parse_when(text: str) -> ParsedQuestion | None:
    if not (match := _WHEN.match(_without_context(text))):
        return None
    rest = re.sub(rf"^(?:{_AUXILIARY} )(?:there )?", "", match[1])
    edge: Edge = "start"
    if re.search(
        r"\b(stop|stops|end|ends|over|leave|leaves|exit|exits|disappear\w*|vanish\w*|gone|last)\b",
        rest,
    ):
        edge = "end"
    elif re.search(r"\b(change|changes|changed|turn|switch)\b$", rest):
        edge = "change"
    rest = re.sub(
        r"^(?:we|you|i|the (?:car|vehicle|ego|ego vehicle|camera)) "
        r"(?=(?:enter|leave|exit|reach|arrive|drive|get|come|see|go|meet|pass|first)\b)",
        "",
        rest,
    )
    rest = re.sub(
        r"\b(first|last|appears?|appeared|starts? to|starts?|started|begins?|began|beginning|"
        r"show up|turn up|come|comes|came|become|becomes|get|gets|turns?( to| into)?|"
        r"changes?( to| into)?|"
        r"switch( to)?|enters?|arrives?|reach|see|seen|visible|leaves?|exits?|stops?|ends?|over|"
        r"disappears?|vanish|gone|earliest|it|to|first time)\b",
        " ",
        rest,
    )
    if not (subject := _squeezed(rest)):
        return ParsedQuestion("language", reason="this question")
    return ParsedQuestion("when", subject, edge=edge)


def _parse_choice(question: str, text: str) -> ParsedQuestion | None:
    """Tell a question that names what to choose from; whether any is there is no choice."""
    text = _without_context(text)
    if " or " not in text or re.match(r"^(is|are|was|were) there\b|^(do|did|can) (you|we)\b", text):
        return None
    subject = re.sub(r"^(?:which(?: of (?:these|them))?|what)(?: is it| is this)? ", "", text)
    subject = re.sub(rf"^(?:{_AUXILIARY} )", "", subject)
    subject = re.sub(
        r"^(?:it|this|that|there|we|the (?:weather|time of day|time|car|road|street|surface|sky|"
        r"ground))\b ?",
        "",
        subject,
        "",
        subject,
    )
    options = tuple(
        option
        for part in re.split(r" or ", subject)
        if (option := _squeezed(re.sub(r"^(?:is it|rather|is this|are we)\b", "", part)))
    )
    options = _spread_commas(question, options)
    return ParsedQuestion("which", options=options) if len(options) > 1 else None


def _spread_commas(question: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """Split the first option where the question has commas: "rain, snow or fog"."""
    if "," not in question or not options:
        return options
    parts = [plain_text(part) for part in re.split(r",|\bor\b", question, flags=re.IGNORECASE)]
    words = [_squeezed(_last_words(part, options[0])) for part in parts if part]
    return tuple(dict.fromkeys(word for word in words if word)) or options


def _last_words(part: str, first: str) -> str:
    """Return the words of a part that are in the first option, or all if none are."""
    words = part.split()
    known = [index for index, word in enumerate(words) if word in first.split()]
    return " ".join(words[known[0] :]) if known else part


def _parse_what(text: str) -> ParsedQuestion | None:
    text = _without_context(text)
    if re.match(r"^where (are|were) we\b", text):
        return ParsedQuestion("what", "road")
    if not (match := _WHAT.match(text)):
        return None
    subject = re.sub(
        r"\b(like|is it|is this|are we on|are we in|is there|are there|is that|"
        r"do (you|we) see|can (you|we) see|look)\b",
        "",
        match[1],
    )
    subject = re.sub(r"^(?:the|a|an|this|that|our)\b", "", subject.strip())
    return ParsedQuestion("what", _squeezed(subject) or "scene")


def _parse_exists(text: str) -> ParsedQuestion:
    text = _without_context(text)
    negated = bool(_NEGATION.search(text))
    text = re.sub(
        r"\b(nobody|no-one)\b",
        "person",
        _NEGATION.sub(lambda m: m[0] if m[0] in ("nobody", "no-one") else "", text),
    )
    match = _EXISTS.match(_squeezed(text))
    rest = match["rest"] if match else text
    if seeing := _SEEING.match(rest):
        rest = seeing[1]
    rest = _squeezed(re.sub(r"^(?:there|it|this|that|we)\b", "", rest.strip()))
    if not rest:
        return ParsedQuestion("language", reason="this question")
    return ParsedQuestion("exists", rest, negated=negated)


def _without_context(text: str) -> str:
    return _squeezed(_CONTEXT.sub(" ", text))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
