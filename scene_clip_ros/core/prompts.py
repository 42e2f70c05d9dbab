"""Turns a vocabulary into unit vectors to compare pictures with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import AttributeSpec, HazardSpec, Vocabulary

EncodeTexts = Callable[[Sequence[str]], FloatArray]
"""Embeds texts: ``(N, D)`` float32, rows of unit length."""

MIN_POOLED_NORM = 1e-4


@dataclass(frozen=True, slots=True)
class AttributePrompts:
    """One attribute as vectors.

    Attributes:
        name: The attribute's name.
        labels: Names of its L labels.
        embeddings: ``(L, D)`` float32, rows of unit length.
    """

    name: str
    labels: tuple[str, ...]
    embeddings: FloatArray


@dataclass(frozen=True, slots=True)
class HazardPrompts:
    """One hazard as vectors.

    Attributes:
        name: The hazard's name.
        embeddings: ``(2, D)`` float32, rows of unit length: the hazard, then its contrast.
    """

    name: str
    embeddings: FloatArray

    @property
    def labels(self) -> tuple[str, str]:
        """Meaning of the two rows."""
        return ("present", "absent")


@dataclass(frozen=True, slots=True)
class QueryPrompts:
    """All object queries as vectors.

    Attributes:
        names: Names of the Q queries.
        embeddings: ``(Q, D)`` float32, rows of unit length.
        contrasts: ``(B, D)`` float32, rows of unit length: what else a region may show.
    """

    names: tuple[str, ...]
    embeddings: FloatArray
    contrasts: FloatArray


@dataclass(frozen=True, slots=True)
class PromptBank:
    """All attributes, hazards and queries of a vocabulary as vectors, in its order."""

    attributes: tuple[AttributePrompts, ...]
    hazards: tuple[HazardPrompts, ...]
    queries: QueryPrompts


def expand(phrasings: Iterable[str], templates: Iterable[str]) -> tuple[str, ...]:
    """Put every phrasing into every template.

    Returns:
        Each prompt once and sorted, so that the order of the phrasings does not matter.
    """
    texts = tuple(phrasings)
    return tuple(sorted({template.replace("{}", text) for template in templates for text in texts}))


def pool(embeddings: FloatArray) -> FloatArray:
    """Average unit vectors into one.

    Args:
        embeddings: ``(N, D)`` float32, N ≥ 1; normalised again before they are averaged.

    Returns:
        ``(D,)`` float32 of unit length.

    Raises:
        VocabularyError: The vectors cancel each other, or one is zero or not finite, so that they
            have no common direction.
    """
    rows = embeddings.astype(np.float64)
    with np.errstate(invalid="ignore"):
        mean = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    if not norm > MIN_POOLED_NORM:
        message = f"expected phrasings with a common direction, got an average of length {norm:.1e}"
        raise VocabularyError(message)
    return np.asarray(mean / norm, np.float32)


def vocabulary_prompts(
    vocabulary: Vocabulary, *, other_objects: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return every prompt that `build_prompt_bank` embeds, once and sorted."""
    groups = [
        group for spec in vocabulary.attributes for group in _attribute_groups(vocabulary, spec)
    ]
    groups += [group for spec in vocabulary.hazards for group in _hazard_groups(vocabulary, spec)]
    if vocabulary.queries:
        groups += _query_groups(vocabulary) + _contrast_groups(vocabulary, other_objects)
    return tuple(sorted({prompt for group in groups for prompt in group}))


def build_prompt_bank(
    vocabulary: Vocabulary, encode_texts: EncodeTexts, *, other_objects: Sequence[str] = ()
) -> PromptBank:
    """Embed a vocabulary, every prompt once, in one call of ``encode_texts``.

    Args:
        vocabulary: What to look for.
        encode_texts: Embeds the prompts.
        other_objects: Objects that no query asks for and a region may show all the same;
            contrasts of the queries, beside the vocabulary's background.

    Raises:
        VocabularyError: The phrasings of a label cancel each other.
    """
    prompts = vocabulary_prompts(vocabulary, other_objects=other_objects)
    embeddings = encode_texts(prompts)
    row_of = {prompt: row for row, prompt in enumerate(prompts)}

    def stack(groups: Iterable[tuple[str, ...]]) -> FloatArray:
        rows = [pool(embeddings[[row_of[prompt] for prompt in group]]) for group in groups]
        return np.stack(rows) if rows else np.empty((0, embeddings.shape[1]), np.float32)

    return PromptBank(
        attributes=tuple(
            AttributePrompts(
                spec.name, spec.label_names, stack(_attribute_groups(vocabulary, spec))
            )
            for spec in vocabulary.attributes
        ),
        hazards=tuple(
            HazardPrompts(spec.name, stack(_hazard_groups(vocabulary, spec)))
            for spec in vocabulary.hazards
        ),
        queries=QueryPrompts(
            tuple(query.name for query in vocabulary.queries),
            stack(_query_groups(vocabulary)),
            stack(_contrast_groups(vocabulary, other_objects) if vocabulary.queries else ()),
        ),
    )


def _attribute_groups(vocabulary: Vocabulary, spec: AttributeSpec) -> list[tuple[str, ...]]:
    templates = vocabulary.templates_of(spec)
    return [expand(label.phrasings, templates) for label in spec.labels]


def _hazard_groups(vocabulary: Vocabulary, spec: HazardSpec) -> list[tuple[str, ...]]:
    templates = vocabulary.templates_of(spec)
    return [expand(texts, templates) for texts in (spec.phrasings, vocabulary.contrasts_of(spec))]


def _query_groups(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    return [expand(query.phrasings, vocabulary.templates) for query in vocabulary.queries]


def _contrast_groups(vocabulary: Vocabulary, other_objects: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the prompts of each contrast of the queries; none that is a query's own phrasing."""
    asked = {text for query in vocabulary.queries for text in query.phrasings}
    texts = (*vocabulary.background, *other_objects)
    return [expand((text,), vocabulary.templates) for text in texts if text not in asked]
