"""Finds what a phrase of a question means: an entry of the vocabulary, or a text for CLIP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scene_clip_ros.core.questions.words import (
    ATTRIBUTE_WORDS,
    LIES_ON_ROAD,
    SYNONYMS,
    content_of,
    plain_text,
)
from scene_clip_ros.core.vocabulary import Vocabulary

_ON_ROAD = re.compile(
    r"\b(in front of (the |our )?(car|vehicle|us|camera)|"
    r"(on|in|onto|into|across|over) (the |our |a )?(middle of the )?(driving )?"
    r"(road|street|roadway|lane|highway|pavement|ground|asphalt|way)|"
    r"cross(es|ed|ing)?( (the |a )?(road|street|roadway|lane))?)\b"
)
_SAYS_MORE = re.compile(r"\b(\w+ing|with|on|in)\b")
"""In a phrasing of a thing by what it does or where it is, rather than by a more special name."""

_ANYTHING_ON_ROAD = re.compile(rf"(?:anything|something) (?:{_ON_ROAD.pattern})$")
_PLACE_AT_END = re.compile(rf"\S (?P<place>{_ON_ROAD.pattern})$")
_FROM_CAR = re.compile(r"\b((seen )?from|by|before|behind|beside|near) (a|the|our) (car|vehicle)\b")
_OWN_CAR = re.compile(
    r"^(?:is |are )?(?:the|our) (?:car|vehicle) (?=(?:driving |now )?(?:in|on|inside|at) )"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a phrase means.

    Exactly one of ``attribute``, ``objects`` and ``hazard`` is set, or ``objects`` with ``hazard``
    ("a child on the road"); none of them: only CLIP can tell.

    Attributes:
        text: The phrase in plain words, with its article.
        attribute: Name of an attribute.
        label: One of its labels.
        objects: Names of queries, with every kind of them.
        hazard: Name of a hazard.
        siblings: Texts that the phrase is to be told from: other things of the same query, if it
            names one of several, as "a deer" among animals; empty: it names all of them.
    """

    text: str
    attribute: str = ""
    label: str = ""
    objects: tuple[str, ...] = ()
    hazard: str = ""
    siblings: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether no entry of the vocabulary says it."""
        return not (self.attribute or self.objects or self.hazard)


@dataclass(frozen=True, slots=True)
class _Term:
    content: frozenset[str]
    target: Target
    on_road: bool = False


class Lexicon:
    """Everything that a vocabulary has a name or a phrasing for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Gather the terms; earlier ones win: names, then synonyms, then phrasings."""
        self._vocabulary = vocabulary
        names = dict(_named(vocabulary))
        terms = [_term(name.replace("_", " "), target) for name, target in names.items()]
        terms += [_term(text, names[name]) for text, name in SYNONYMS.items() if name in names]
        terms += _phrased(vocabulary)
        self._terms = tuple(term for term in terms if term.content)
        self._hazards = dict(_hazards_of_objects(vocabulary))

    def find_all(self, phrase: str) -> tuple[Target, ...]:
        """Return what a phrase means; several targets of "people or animals".

        Args:
            phrase: As `ParsedQuestion.subject` and its options have it.

        Returns:
            One or more; every hazard of "anything on the road", which may be none.
        """
        if _ANYTHING_ON_ROAD.match(plain_text(phrase)):
            hazards = (hazard.name for hazard in self._vocabulary.hazards)
            return tuple(self.find(name.replace("_", " ")) for name in hazards)
        parts = [part for part in re.split(r" (?:or|and) ", phrase) if part.strip()]
        found = tuple(self.find(part) for part in _all_placed(parts))
        if len(found) > 1 and not any(target.is_free for target in found):
            return found
        return (self.find(phrase),)

    def find(self, phrase: str) -> Target:
        """Return what a phrase means as a whole."""
        text = _FROM_CAR.sub(" ", _OWN_CAR.sub("", plain_text(phrase)))
        on_road = bool(_ON_ROAD.search(text))
        content = content_of(_ON_ROAD.sub(" ", text)) or content_of(text)
        if on_road and (label := LIES_ON_ROAD.get(" ".join(sorted(content)))):
            content = frozenset({label})
        known = self._known(content, on_road=on_road)
        return replace(known, text=caption_of(phrase)) if known else Target(caption_of(phrase))

    def find_attribute(self, subject: str) -> str:
        """Return the attribute that a what-kind question is about; empty if it is about none."""
        plain = plain_text(subject)
        wordings = {
            wording: spec.name
            for spec in self._vocabulary.attributes
            for wording in (spec.name.replace("_", " "), *ATTRIBUTE_WORDS.get(spec.name, ()))
        }
        fitting = [w for w in wordings if re.search(rf"\b{re.escape(plain_text(w))}\b", plain)]
        return wordings[max(fitting, key=len)] if fitting else ""

    def _known(self, content: frozenset[str], *, on_road: bool) -> Target | None:
        same = [term for term in self._terms if term.content == content]
        things = [term.target for term in same if term.target.objects]
        placed = [term.target for term in same if term.on_road == on_road]
        found = (things if on_road else []) or placed or [term.target for term in same]
        return self._with_hazard(found[0], on_road=on_road) if found else None

    def _with_hazard(self, target: Target, *, on_road: bool) -> Target:
        """Add the hazard that an object on the road is, or the objects that a hazard is of."""
        if target.hazard:
            of = [name for name, hazard in self._hazards.items() if hazard == target.hazard]
            return replace(target, objects=self._vocabulary.with_kinds(of)) if of else target
        kinds = {query.name: query.is_a or query.name for query in self._vocabulary.queries}
        general = kinds[target.objects[0]] if target.objects else ""
        hazard = self._hazards.get(general, "") if on_road else ""
        return replace(target, hazard=hazard)


def _all_placed(parts: Sequence[str]) -> list[str]:
    """Return parts of a list, each with the place at the end of the last one."""
    if len(parts) < 2 or not (match := _PLACE_AT_END.search(parts[-1])):
        return list(parts)
    place = match["place"]
    return [part if _ON_ROAD.search(part) else f"{part} {place}" for part in parts]


def caption_of(phrase: str) -> str:
    """Return a phrase as a caption would say it: without "any" and "visible"."""
    words = plain_text(phrase).split()
    kept = [word for word in words if word not in ("any", "some", "ever", "visible", "present")]
    return " ".join(kept) or phrase


def _named(vocabulary: Vocabulary) -> Iterable[tuple[str, Target]]:
    """Yield every name with its target; queries win over labels of the same name."""
    for hazard in vocabulary.hazards:
        yield hazard.name.replace("_", " "), Target(hazard.name, hazard=hazard.name)
    for spec in vocabulary.attributes:
        for label in spec.label_names:
            yield label, Target(label, attribute=spec.name, label=label)
    for query in vocabulary.queries:
        yield query.name, Target(query.name, objects=vocabulary.with_kinds((query.name,)))


def _hazards_of_objects(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """Yield queries and the hazards that they are on the road, told by their names."""
    names = {hazard.name.replace("_", " "): hazard.name for hazard in vocabulary.hazards}
    for query in vocabulary.queries:
        if hazard := names.get(f"{query.name} on road"):
            yield query.name, hazard


def _phrased(vocabulary: Vocabulary) -> list[_Term]:
    terms = [
        _term(text, Target(label.name, attribute=spec.name, label=label.name))
        for spec in vocabulary.attributes
        for label in spec.labels
        for text in label.phrasings
    ]
    terms += [
        _term(text, Target(hazard.name, hazard=hazard.name))
        for hazard in vocabulary.hazards
        for text in hazard.phrasings
    ]
    for query in vocabulary.queries:
        objects = vocabulary.with_kinds((query.name,))
        special = [text for text in query.phrasings[1:] if not _SAYS_MORE.search(text)]
        for text in query.phrasings:
            others = tuple(other for other in special if other != text)
            siblings = others if text in special else ()
            terms.append(_term(text, Target(text, objects=objects, siblings=siblings)))
    return terms


def _term(text: str, target: Target) -> _Term:
    plain = plain_text(text)
    on_road = bool(_ON_ROAD.search(plain)) or plain.endswith("on road")
    bare = _FROM_CAR.sub(" ", _ON_ROAD.sub(" ", plain))
    return _Term(content_of(bare) or content_of(plain), target, on_road)
