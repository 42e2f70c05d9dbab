"""The entries of a vocabulary: labels, attributes, hazards and object queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.types import UNKNOWN

MAX_NAME_CHARACTERS = 200
"""Of a name, which every result carries."""

MAX_TEXT_CHARACTERS = 1000
"""Of a phrasing or template; CLIP reads some 77 tokens, about 300 characters."""

MAX_TEMPLATES = 200
"""Of a vocabulary, attribute or hazard; OpenAI's list for CLIP has 80."""


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """One label of an attribute.

    Attributes:
        name: What is published, e.g. ``city street``.
        phrasings: Wordings that describe it; their embeddings are averaged. At least one.
    """

    name: str
    phrasings: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse the reserved label and missing wordings."""
        require_name(self.name)
        if self.name == UNKNOWN:
            message = f"expected a label other than {UNKNOWN!r}, which means that none fits"
            raise VocabularyError(message)
        require_phrasings(self.phrasings)


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """A group of labels of which exactly one holds.

    Attributes:
        name: E.g. ``weather``.
        labels: At least two, with names and phrasings of their own.
        templates: Replace the vocabulary's templates for this attribute; empty: they hold.
    """

    name: str
    labels: tuple[LabelSpec, ...]
    templates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse groups in which nothing can be decided."""
        require_name(self.name)
        require_templates(self.templates)
        if len(self.labels) < 2:
            message = f"expected two or more labels, got {len(self.labels)}"
            raise VocabularyError(message)
        require_unique("label", (label.name for label in self.labels))
        require_unique("phrasing", (text for label in self.labels for text in set(label.phrasings)))

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels, in their order."""
        return tuple(label.name for label in self.labels)

    @property
    def phrasing_count(self) -> int:
        """How many phrasings all labels have."""
        return sum(len(label.phrasings) for label in self.labels)


@dataclass(frozen=True, slots=True)
class HazardSpec:
    """Something that is present or not, whatever else is.

    Attributes:
        name: E.g. ``person_on_road``.
        phrasings: Wordings of a scene that shows it. At least one.
        contrasts: Wordings of a scene without it, said affirmatively ("an empty road"), because
            CLIP does not understand negation; empty: the vocabulary's background.
        templates: Replace the vocabulary's templates for this hazard; empty: they hold.
    """

    name: str
    phrasings: tuple[str, ...]
    contrasts: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse hazards that equal their contrast."""
        require_name(self.name)
        require_templates(self.templates)
        require_phrasings(self.phrasings)
        if self.contrasts:
            require_phrasings(self.contrasts)
        require_unique("phrasing", (*set(self.phrasings), *set(self.contrasts)))


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """A kind of object to find.

    Attributes:
        name: E.g. ``wheelchair user``.
        phrasings: Wordings that describe it. At least one.
        is_a: Name of a more general query, e.g. ``person``: what speaks for this one speaks for
            that one too. Empty: none.
    """

    name: str
    phrasings: tuple[str, ...]
    is_a: str = ""

    def __post_init__(self) -> None:
        """Refuse a missing name or wording, and a query that is a kind of itself."""
        require_name(self.name)
        require_phrasings(self.phrasings)
        if self.is_a == self.name:
            message = f"is_a: expected another query than {self.name!r} itself"
            raise VocabularyError(message)


def require_name(name: str) -> None:
    """Refuse names that are empty or too long, or hold line breaks or runs of blanks."""
    _require_length("a name", name, MAX_NAME_CHARACTERS)
    if not name or name != " ".join(name.split()):
        message = f"expected a name in single-spaced words, got {name!r}"
        raise VocabularyError(message)


def require_phrasings(phrasings: Sequence[str]) -> None:
    """Refuse no phrasings, and phrasings without a word or with too many."""
    if not phrasings:
        message = "expected one or more phrasings, got none"
        raise VocabularyError(message)
    for text in phrasings:
        _require_length("a phrasing", text, MAX_TEXT_CHARACTERS)
        if not text.strip():
            message = f"expected phrasings with words, got {text!r}"
            raise VocabularyError(message)


def require_templates(templates: Sequence[str]) -> None:
    """Refuse too many templates, and those that are too long or have no single place."""
    if len(templates) > MAX_TEMPLATES:
        message = f"expected at most {MAX_TEMPLATES} templates, got {len(templates)}"
        raise VocabularyError(message)
    for template in templates:
        _require_length("a template", template, MAX_TEXT_CHARACTERS)
        if template.count("{}") != 1:
            message = f"expected templates with one {{}}, got {template!r}"
            raise VocabularyError(message)


def require_unique(kind: str, names: Iterable[str]) -> None:
    """Refuse names that come twice; ``kind`` says in the message what they name."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            message = f"expected each {kind} once, got {name!r} twice"
            raise VocabularyError(message)
        seen.add(name)


def _require_length(what: str, text: str, most: int) -> None:
    """Refuse a text with more characters than ``most``."""
    if len(text) > most:
        message = f"expected {what} of at most {most} characters, got {len(text)}"
        raise VocabularyError(message)
