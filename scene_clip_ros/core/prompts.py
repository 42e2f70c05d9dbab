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
class PromptBank:
    """All attributes and hazards of a vocabulary as vectors, in its order."""

    attributes: tuple[AttributePrompts, ...]
    hazards: tuple[HazardPrompts, ...]


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
        VocabularyError: The vectors cancel each other, so that they have no common direction.
    """
    rows = embeddings.astype(np.float64)
    mean = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    if not norm > MIN_POOLED_NORM:
        message = f"expected phrasings with a common direction, got an average of length {norm:.1e}"
        raise VocabularyError(message)
    return np.asarray(mean / norm, np.float32)


def vocabulary_prompts(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return every prompt that the attributes and hazards of a vocabulary need, once and sorted."""
    groups = [
        group for spec in vocabulary.attributes for group in _attribute_groups(vocabulary, spec)
    ]
    groups += [group for spec in vocabulary.hazards for group in _hazard_groups(vocabulary, spec)]
    return tuple(sorted({prompt for group in groups for prompt in group}))


def build_prompt_bank(vocabulary: Vocabulary, encode_texts: EncodeTexts) -> PromptBank:
    """Embed a vocabulary, every prompt once, in one call of ``encode_texts``.

    Raises:
        VocabularyError: The phrasings of a label cancel each other.
    """
    prompts = vocabulary_prompts(vocabulary)
    embeddings = encode_texts(prompts)
    row_of = {prompt: row for row, prompt in enumerate(prompts)}

    def stack(groups: Iterable[tuple[str, ...]]) -> FloatArray:
        return np.stack(
            [pool(embeddings[[row_of[prompt] for prompt in group]]) for group in groups]
        )

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
    )


def _attribute_groups(vocabulary: Vocabulary, spec: AttributeSpec) -> list[tuple[str, ...]]:
    templates = vocabulary.templates_of(spec)
    return [expand(label.phrasings, templates) for label in spec.labels]


def _hazard_groups(vocabulary: Vocabulary, spec: HazardSpec) -> list[tuple[str, ...]]:
    templates = vocabulary.templates_of(spec)
    return [expand(texts, templates) for texts in (spec.phrasings, vocabulary.contrasts_of(spec))]
