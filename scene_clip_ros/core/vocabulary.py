"""What to look for, in words, and the YAML file that says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.vocabulary_specs import (
    AttributeSpec,
    HazardSpec,
    LabelSpec,
    QuerySpec,
    require_phrasings,
    require_templates,
    require_unique,
)
from scene_clip_ros.core.yaml_document import YamlValue, read_document, read_yaml

__all__ = [
    "AttributeSpec",
    "HazardSpec",
    "LabelSpec",
    "QuerySpec",
    "Vocabulary",
    "load_vocabulary",
    "parse_vocabulary",
]

DEFAULT_TEMPLATES = ("{}",)

MAX_PROMPTS = 10_000
"""Of a vocabulary, each phrasing in each template: so many take some 45 s to embed on a CPU."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything to look for.

    Attributes:
        attributes: Groups of labels of which one holds each.
        hazards: Independent yes-or-no conditions.
        queries: Objects to find.
        background: Wordings of a scene with nothing of interest; contrasts of hazards that have
            none, and of every query.
        templates: Sentences with one ``{}`` in which every phrasing is put. At least one.
    """

    attributes: tuple[AttributeSpec, ...] = ()
    hazards: tuple[HazardSpec, ...] = ()
    queries: tuple[QuerySpec, ...] = ()
    background: tuple[str, ...] = ()
    templates: tuple[str, ...] = DEFAULT_TEMPLATES

    def __post_init__(self) -> None:
        """Refuse vocabularies that say nothing or say a name twice."""
        if not (self.attributes or self.hazards or self.queries):
            message = "expected attributes, hazards or queries, got none"
            raise VocabularyError(message)
        if not self.templates:
            message = "templates: expected one or more, got none"
            raise VocabularyError(message)
        require_templates(self.templates)
        require_unique("attribute", (spec.name for spec in self.attributes))
        require_unique("hazard", (spec.name for spec in self.hazards))
        require_unique("query", (spec.name for spec in self.queries))
        if self.background:
            require_phrasings(self.background)
        _require_known_kinds(self.queries)
        for hazard in self.hazards:
            if not (hazard.contrasts or self.background):
                place = f"hazards.{hazard.name}"
                message = f"{place}: expected contrasts or a background, got neither"
                raise VocabularyError(message)
        if (count := self._prompt_count()) > MAX_PROMPTS:
            message = f"expected at most {MAX_PROMPTS} phrasings times templates, got {count}"
            raise VocabularyError(message)

    def templates_of(self, spec: AttributeSpec | HazardSpec) -> tuple[str, ...]:
        """Return the templates that hold for an attribute or hazard."""
        return spec.templates or self.templates

    def contrasts_of(self, hazard: HazardSpec) -> tuple[str, ...]:
        """Return the wordings a hazard is compared with."""
        return hazard.contrasts or self.background

    def with_kinds(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return names of queries and of every query that is a kind of one, each once.

        Args:
            names: Of queries; those that are not in the vocabulary stay.
        """
        kinds = (query.name for query in self.queries if query.is_a in names)
        return tuple(dict.fromkeys((*names, *kinds)))

    def asks_for_any(self, names: Sequence[str]) -> bool:
        """Return whether one of the queries is among ``names``."""
        return any(query.name in names for query in self.queries)

    def _prompt_count(self) -> int:
        """Return how many prompts the phrasings make, those that are alike counted apart."""
        count = sum(it.phrasing_count * len(self.templates_of(it)) for it in self.attributes)
        for hazard in self.hazards:
            phrasings = len(hazard.phrasings) + len(self.contrasts_of(hazard))
            count += phrasings * len(self.templates_of(hazard))
        others = len(self.background) + sum(len(query.phrasings) for query in self.queries)
        return count + others * len(self.templates)

    def to_yaml(self) -> str:
        """Return the vocabulary as a file that parses to an equal one."""
        document: dict[str, object] = {"templates": list(self.templates)}
        if self.background:
            document["background"] = list(self.background)
        if self.attributes:
            document["attributes"] = {spec.name: _attribute_entry(spec) for spec in self.attributes}
        if self.hazards:
            document["hazards"] = {spec.name: _hazard_entry(spec) for spec in self.hazards}
        if self.queries:
            document["queries"] = {spec.name: _query_entry(spec) for spec in self.queries}
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def load_vocabulary(path: str | Path) -> Vocabulary:
    """Read a vocabulary file.

    Raises:
        VocabularyError: The file cannot be read, or is wrong; one line says where and how.
    """
    text = read_document(path, "vocabulary file")
    return parse_vocabulary(text, source=str(path))


def parse_vocabulary(text: str, *, source: str) -> Vocabulary:
    """Read a vocabulary from YAML text; ``resources/vocabulary/driving.yaml`` explains the format.

    Args:
        text: The YAML document.
        source: What to call it in messages, e.g. its path.

    Raises:
        VocabularyError: One line says where, what was expected and what came.
    """
    root = read_yaml(text, source=source)
    entries = root.mapping(("templates", "background", "attributes", "hazards", "queries"))
    attributes = tuple(_parse_attribute(*item) for item in _section(entries, "attributes"))
    hazards = tuple(_parse_hazard(*item) for item in _section(entries, "hazards"))
    queries = tuple(_parse_query(*item) for item in _section(entries, "queries"))
    background, templates = _texts(entries, "background"), _texts(entries, "templates")
    return root.build(
        lambda: Vocabulary(
            attributes=attributes,
            hazards=hazards,
            queries=queries,
            background=background,
            templates=templates or DEFAULT_TEMPLATES,
        )
    )


def _section(entries: Mapping[str, YamlValue], key: str) -> Iterable[tuple[str, YamlValue]]:
    if key not in entries or entries[key].is_null:
        return ()
    return entries[key].mapping().items()


def _texts(entries: Mapping[str, YamlValue], key: str) -> tuple[str, ...]:
    return entries[key].texts() if key in entries else ()


def _parse_attribute(name: str, value: YamlValue) -> AttributeSpec:
    entries = value.mapping(("labels", "templates"))
    if "labels" not in entries:
        message = "expected the key labels, got none"
        raise value.error(message)
    labels = _parse_labels(entries["labels"])
    templates = _texts(entries, "templates")
    return value.build(lambda: AttributeSpec(name, labels, templates))


def _parse_labels(value: YamlValue) -> tuple[LabelSpec, ...]:
    if value.is_list:
        names = value.texts()
        return value.build(lambda: tuple(LabelSpec(name, (name,)) for name in names))
    return tuple(_parse_label(name, entry) for name, entry in value.mapping().items())


def _parse_label(name: str, value: YamlValue) -> LabelSpec:
    phrasings = (name,) if value.is_null else value.texts()
    return value.build(lambda: LabelSpec(name, phrasings))


def _parse_hazard(name: str, value: YamlValue) -> HazardSpec:
    entries = value.mapping(("phrasings", "contrasts", "templates"))
    phrasings, contrasts, templates = (
        _texts(entries, key) for key in ("phrasings", "contrasts", "templates")
    )
    return value.build(lambda: HazardSpec(name, phrasings, contrasts, templates))


def _parse_query(name: str, value: YamlValue) -> QuerySpec:
    if not value.is_mapping:
        phrasings = (name,) if value.is_null else value.texts()
        return value.build(lambda: QuerySpec(name, phrasings))
    entries = value.mapping(("is_a", "phrasings"))
    phrasings = _texts(entries, "phrasings") or (name,)
    is_a = entries["is_a"].text() if "is_a" in entries else ""
    return value.build(lambda: QuerySpec(name, phrasings, is_a))


def _require_known_kinds(queries: tuple[QuerySpec, ...]) -> None:
    """Refuse a query that is a kind of something unknown, or of a kind itself."""
    general = {query.name for query in queries if not query.is_a}
    for query in queries:
        if query.is_a and query.is_a not in general:
            message = (
                f"queries.{query.name}.is_a: expected a query that is no kind of another, "
                f"one of {sorted(general)}, got {query.is_a!r}"
            )
            raise VocabularyError(message)


def _attribute_entry(spec: AttributeSpec) -> dict[str, object]:
    entry: dict[str, object] = {"templates": list(spec.templates)} if spec.templates else {}
    return {**entry, "labels": {label.name: list(label.phrasings) for label in spec.labels}}


def _hazard_entry(spec: HazardSpec) -> dict[str, object]:
    lists = {"templates": spec.templates, "phrasings": spec.phrasings, "contrasts": spec.contrasts}
    return {key: list(texts) for key, texts in lists.items() if texts}


def _query_entry(spec: QuerySpec) -> object:
    phrasings = list(spec.phrasings)
    return {"is_a": spec.is_a, "phrasings": phrasings} if spec.is_a else phrasings
