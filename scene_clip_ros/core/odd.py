"""The operational design domain (ODD, SAE J3016): the scenes for which a vehicle is made.

A file states it in the words of the vocabulary; each scene is then inside, near the edge, or
outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from scene_clip_ros.core.errors import OddError, VocabularyError
from scene_clip_ros.core.types import UNKNOWN, AttributeState, HazardState, LabelScore
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.core.yaml_document import YamlValue, read_document, read_yaml

FORBIDDEN_KEY = "not"


class OddLevel(IntEnum):
    """Where a scene is; the constants of ``msg/OddStatus``."""

    INSIDE = 0
    NEAR_EDGE = 1
    OUTSIDE = 2
    UNKNOWN = 3

    @property
    def gravity(self) -> int:
        """Rank: outside is graver than unknown, unknown than near the edge."""
        return (0, 1, 3, 2)[self]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one scene says.

    Attributes:
        level: The gravest of its parts.
        reasons: One line for each part of that level; empty inside.
    """

    level: OddLevel
    reasons: tuple[str, ...] = ()

    @classmethod
    def gravest(cls, parts: Iterable[Judgement]) -> Judgement:
        """Join judgements: the gravest level, with all of its reasons."""
        all_parts = list(parts)
        levels = (part.level for part in all_parts)
        level = max(levels, key=lambda it: it.gravity, default=OddLevel.INSIDE)
        reasons = (why for part in all_parts if part.level == level for why in part.reasons)
        return cls(level, tuple(dict.fromkeys(reasons)))


@dataclass(frozen=True, slots=True)
class Odd:
    """An operational design domain.

    Attributes:
        allowed: By attribute, the labels of which one must hold.
        forbidden: Hazards, and labels of any attribute, that must not hold.
    """

    allowed: Mapping[str, tuple[str, ...]]
    forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a domain that nothing is outside of, and one that everything is.

        Raises:
            OddError: It says nothing, or an attribute has no label.
        """
        if not self.allowed and not self.forbidden:
            message = f"expected attributes with their labels, or {FORBIDDEN_KEY!r}, got neither"
            raise OddError(message)
        for attribute, labels in self.allowed.items():
            if not labels:
                message = f"{attribute}: expected one label or more, got none"
                raise OddError(message)

    def check(self, vocabulary: Vocabulary) -> None:
        """Refuse words that the vocabulary does not have.

        Raises:
            OddError: Names the word and those that there are.
        """
        labels = {each.name: each.label_names for each in vocabulary.attributes}
        for attribute, allowed in self.allowed.items():
            _require_known("attribute", attribute, labels)
            for label in allowed:
                _require_known(f"{attribute}: label", label, labels[attribute])
        words = [*(each.name for each in vocabulary.hazards), *sum(labels.values(), ())]
        for word in self.forbidden:
            _require_known(f"{FORBIDDEN_KEY}: hazard or label", word, words)

    def judge(
        self,
        attributes: Sequence[AttributeState],
        hazards: Sequence[HazardState],
        *,
        edge_probability: float,
    ) -> Judgement:
        """Judge one scene by what is held of it, and by how near it is to something else.

        Args:
            attributes: As they are held.
            hazards: As they are held.
            edge_probability: Probability in (0, 1] of what must not be, from which the scene is
                near the edge.
        """
        states = {state.name: state for state in attributes}
        allowed = (
            _judge_allowed(name, states.get(name), labels, edge_probability)
            for name, labels in self.allowed.items()
        )
        forbidden = (
            _judge_forbidden(word, attributes, hazards, edge_probability) for word in self.forbidden
        )
        return Judgement.gravest([*allowed, *forbidden])


def load_odd(path: str | Path) -> Odd:
    """Read a file.

    Raises:
        OddError: It cannot be read, or is wrong; one line says where and how.
    """
    try:
        text = read_document(path, "file that states a domain")
    except VocabularyError as err:
        raise OddError(str(err)) from err
    return parse_odd(text, source=str(path))


def parse_odd(text: str, *, source: str) -> Odd:
    """Read a domain from YAML: attributes with the labels that they may have, and ``not``.

    ::

        weather: [clear, overcast]
        time_of_day: day
        not: [debris_on_road, tunnel]

    Args:
        text: The document.
        source: What to call it in messages.

    Raises:
        OddError: The text is wrong; one line says where and how.
    """
    try:
        entries = dict(read_yaml(text, source=source).mapping())
        forbidden = _words(entries.pop(FORBIDDEN_KEY, None))
        return Odd({name: _words(value) for name, value in entries.items()}, forbidden)
    except VocabularyError as err:
        raise OddError(str(err)) from err
    except OddError as err:
        message = f"{source}: {err}"
        raise OddError(message) from err


def _words(value: YamlValue | None) -> tuple[str, ...]:
    return () if value is None else value.texts()


def _require_known(kind: str, word: str, known: Iterable[str]) -> None:
    names = list(known)
    if word not in names:
        message = f"{kind}: expected one of {', '.join(names) or 'none'}, got {word!r}"
        raise OddError(message)


def _judge_allowed(
    name: str, state: AttributeState | None, allowed: Sequence[str], edge_probability: float
) -> Judgement:
    if state is None:
        return Judgement(OddLevel.UNKNOWN, (f"nothing is told of {name}",))
    if state.label == UNKNOWN:
        return Judgement(OddLevel.NEAR_EDGE, (f"{name} cannot be told",))
    if state.label not in allowed:
        reason = f"{name} is {state.label} ({state.probability:.0%})"
        return Judgement(OddLevel.OUTSIDE, (reason,))
    others = [score for score in state.scores if score.label not in allowed]
    if sum(score.probability for score in others) >= edge_probability:
        worst = max(others, key=lambda score: score.probability)
        return Judgement(OddLevel.NEAR_EDGE, (f"{name} {_maybe(worst)}",))
    return Judgement(OddLevel.INSIDE)


def _judge_forbidden(
    word: str,
    attributes: Sequence[AttributeState],
    hazards: Sequence[HazardState],
    edge_probability: float,
) -> Judgement:
    """Judge everything that has this name: a hazard, or labels of attributes."""
    parts = [
        *(_judge_hazard(it, edge_probability) for it in hazards if it.name == word),
        *_judge_label(word, attributes, edge_probability),
    ]
    if not parts:
        return Judgement(OddLevel.UNKNOWN, (f"nothing is told of {word}",))
    return Judgement.gravest(parts)


def _judge_hazard(state: HazardState, edge_probability: float) -> Judgement:
    if state.active:
        return Judgement(OddLevel.OUTSIDE, (f"{state.name} ({state.probability:.0%})",))
    if state.probability >= edge_probability:
        return Judgement(OddLevel.NEAR_EDGE, (f"maybe {state.name} ({state.probability:.0%})",))
    return Judgement(OddLevel.INSIDE)


def _judge_label(
    word: str, attributes: Sequence[AttributeState], edge_probability: float
) -> Iterator[Judgement]:
    for state in attributes:
        for score in state.scores:
            if score.label != word:
                continue
            if state.label == word:
                reason = f"{state.name} is {word} ({score.probability:.0%})"
                yield Judgement(OddLevel.OUTSIDE, (reason,))
            elif score.probability >= edge_probability:
                yield Judgement(OddLevel.NEAR_EDGE, (f"{state.name} {_maybe(score)}",))
            else:
                yield Judgement(OddLevel.INSIDE)


def _maybe(score: LabelScore) -> str:
    return f"may be {score.label} ({score.probability:.0%})"
