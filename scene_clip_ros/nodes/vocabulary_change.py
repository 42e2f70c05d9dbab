"""What a ``set_vocabulary`` request asks for, applied to the vocabulary that holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.vocabulary import (
    AttributeSpec,
    HazardSpec,
    LabelSpec,
    QuerySpec,
    Vocabulary,
    parse_vocabulary,
)

Spec = TypeVar("Spec", AttributeSpec, HazardSpec, QuerySpec)


@dataclass(frozen=True, slots=True)
class VocabularyChange:
    """A whole vocabulary, a change of one entry, or both (the change is made last).

    Attributes:
        text: Whole vocabulary as YAML; empty: the one that holds.
        attribute: Attribute to add, replace or remove; empty: none.
        hazard: Hazard to add, replace or remove; empty: none.
        query: Query to add, replace or remove; empty: none.
        labels: Labels of the attribute or phrasings of the hazard or query; empty: the entry
            is removed.
        contrasts: Phrasings of a scene without the hazard; empty: those it has, or none.
    """

    text: str = ""
    attribute: str = ""
    hazard: str = ""
    query: str = ""
    labels: tuple[str, ...] = ()
    contrasts: tuple[str, ...] = ()

    def apply(self, current: Vocabulary) -> Vocabulary:
        """Return the vocabulary that is asked for.

        Raises:
            VocabularyError: Says in one line what was expected and what came.
        """
        kind = self._kind()
        vocabulary = parse_vocabulary(self.text, source="request") if self.text else current
        try:
            if kind == "attribute":
                attributes = _changed(vocabulary.attributes, self.attribute, self._attribute())
                return replace(vocabulary, attributes=attributes)
            if kind == "hazard":
                hazards = _changed(vocabulary.hazards, self.hazard, self._hazard(vocabulary))
                return replace(vocabulary, hazards=hazards)
            if kind == "query":
                queries = _changed(vocabulary.queries, self.query, self._query(vocabulary))
                return replace(vocabulary, queries=queries)
        except VocabularyError as err:
            message = f"{kind} {self.attribute or self.hazard or self.query!r}: {err}"
            raise VocabularyError(message) from err
        return vocabulary

    def describe(self) -> str:
        """Say in a few words what changes."""
        name = self.attribute or self.hazard or self.query
        if not name:
            return "vocabulary replaced"
        action = "set to " + ", ".join(self.labels) if self.labels else "removed"
        return f"{self._kind()} {name} {action}"

    def _kind(self) -> str:
        """Return which kind of entry changes; empty for none."""
        named = [
            kind
            for kind, name in (
                ("attribute", self.attribute),
                ("hazard", self.hazard),
                ("query", self.query),
            )
            if name
        ]
        if len(named) > 1:
            message = f"expected one of attribute, hazard and query, got {' and '.join(named)}"
            raise VocabularyError(message)
        if not (named or self.text):
            message = "expected a vocabulary, attribute, hazard or query, got none of them"
            raise VocabularyError(message)
        if self.contrasts and named != ["hazard"]:
            message = f"contrasts: expected them with a hazard only, got {list(self.contrasts)}"
            raise VocabularyError(message)
        return named[0] if named else ""

    def _attribute(self) -> AttributeSpec | None:
        if not self.labels:
            return None
        labels = tuple(LabelSpec(label, (label,)) for label in self.labels)
        return AttributeSpec(self.attribute, labels)

    def _hazard(self, vocabulary: Vocabulary) -> HazardSpec | None:
        if not self.labels:
            return None
        former = next((spec for spec in vocabulary.hazards if spec.name == self.hazard), None)
        contrasts = self.contrasts or (former.contrasts if former else ())
        return HazardSpec(self.hazard, self.labels, contrasts)

    def _query(self, vocabulary: Vocabulary) -> QuerySpec | None:
        if not self.labels:
            return None
        former = next((spec for spec in vocabulary.queries if spec.name == self.query), None)
        return QuerySpec(self.query, self.labels, former.is_a if former else "")


def _changed(specs: tuple[Spec, ...], name: str, new: Spec | None) -> tuple[Spec, ...]:
    """Return ``specs`` with the entry called ``name`` replaced in place, added or removed."""
    names = [spec.name for spec in specs]
    if new is None and name not in names:
        message = f"expected an entry that can be removed, one of {names}"
        raise VocabularyError(message)
    if new is None:
        return tuple(spec for spec in specs if spec.name != name)
    if name in names:
        return tuple(new if spec.name == name else spec for spec in specs)
    return specs + (new,)
