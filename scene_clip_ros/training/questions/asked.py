"""Questions with the answers that are right, and the marking of answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scene_clip_ros.core.questions.types import Answer, QuestionKind
from scene_clip_ros.core.smoothing import NS_PER_S

_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER = re.compile(rf"\b(\d+|{'|'.join(_NUMBER_WORDS)}|ten|none)\b")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?) ?(?:s|seconds?)\b")


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """Right is yes, or no."""

    is_yes: bool

    def accepts(self, answer: Answer) -> bool:
        """Say whether an answer begins with the right word."""
        word = "yes" if self.is_yes else "no"
        return bool(re.match(rf"{word}\b", answer.text.strip().lower()))


@dataclass(frozen=True, slots=True)
class OneOf:
    """Right is one of several options.

    Attributes:
        right: The right one, as it was named.
        wrong: The others.
    """

    right: str
    wrong: tuple[str, ...]

    def accepts(self, answer: Answer) -> bool:
        """Say whether the right option is named before any other."""
        text = answer.text.lower()
        if self.right not in text:
            return False
        others = [text.find(option) for option in self.wrong if option in text]
        return all(text.find(self.right) < other for other in others)


@dataclass(frozen=True, slots=True)
class Number:
    """Right is a number from ``fewest`` to ``most``: what is not clear may be counted or not."""

    fewest: int
    most: int

    def accepts(self, answer: Answer) -> bool:
        """Say whether the first number of an answer is right."""
        match = _NUMBER.search(answer.text.lower())
        if match is None:
            return False
        word = match[1]
        if word.isdigit():
            return self.fewest <= int(word) <= self.most
        number = {"ten": 10, "none": 0}.get(word)
        number = _NUMBER_WORDS.index(word) if number is None else number
        return self.fewest <= number <= self.most


@dataclass(frozen=True, slots=True)
class Moment:
    """Right is a moment from ``first_s`` to ``last_s``, seconds after the start at stamp 0."""

    first_s: float
    last_s: float

    def accepts(self, answer: Answer) -> bool:
        """Say whether the moment told, or else that of the best evidence, is right."""
        text = answer.text.lower()
        if text.startswith("never"):
            return False
        if match := _SECONDS.search(text):
            seconds = float(match[1])
        elif "at the start" in text:
            seconds = 0.0
        elif answer.evidence:
            seconds = answer.evidence[0].stamp_ns / NS_PER_S
        else:
            return False
        return self.first_s <= seconds <= self.last_s


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question about a drive.

    Attributes:
        text: As it is asked.
        kind: What it asks for.
        right: Which answers are right.
    """

    text: str
    kind: QuestionKind
    right: YesOrNo | OneOf | Number | Moment
