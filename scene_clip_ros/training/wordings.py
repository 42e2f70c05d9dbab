"""The sentences that the shipped model is trained on, and those it is tested on and never sees."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.sim.captions import OBJECTS, WORDS
from scene_clip_ros.training.held_out_words import HELD_OUT, HELD_OUT_OBJECTS
from scene_clip_ros.training.more_words import MORE_OBJECTS, MORE_WORDS

TEMPLATES = (
    "{}",
    "a photo of {}",
    "a dashcam photo of {}",
    "{}, seen from a car",
    "a scene with {}",
    "the camera shows {}",
)

Pool = tuple[str, ...]


def attribute_pools(vocabulary: Vocabulary) -> dict[str, dict[str, Pool]]:
    """Return training wordings by attribute and label: captions', ours and the vocabulary's."""
    pools: dict[str, dict[str, Pool]] = {}
    for attribute in vocabulary.attributes:
        pools[attribute.name] = {
            label.name: tuple(
                dict.fromkeys(
                    (
                        *WORDS[attribute.name][label.name],
                        *MORE_WORDS[attribute.name][label.name],
                        *label.phrasings,
                    )
                )
            )
            for label in attribute.labels
        }
    return pools


def hazard_pools(vocabulary: Vocabulary) -> dict[str, tuple[Pool, Pool]]:
    """Return phrasings and contrasting phrasings by hazard."""
    return {hazard.name: (hazard.phrasings, hazard.contrasts) for hazard in vocabulary.hazards}


def object_pools() -> dict[str, Pool]:
    """Return training wordings by ground-truth class."""
    return {
        kind: (kind, f"the {kind}", *words, *MORE_OBJECTS.get(kind, ()))
        for kind, words in OBJECTS.items()
    }


def phrased(pool: Pool) -> Pool:
    """Put every wording into every template."""
    return tuple(template.format(words) for words in pool for template in TEMPLATES)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentences that a text tower should place as its teacher does.

    Attributes:
        sentences: All different; none contains a held-out wording.
        fixed: How many of them, from the first, are the vocabulary's and the captions' own.
    """

    sentences: tuple[str, ...]
    fixed: int


def write_corpus(vocabulary: Vocabulary, lexicon: Pool, *, size: int, seed: int) -> Corpus:
    """Write the sentences to learn the language from.

    Args:
        vocabulary: Whose phrasings are included.
        lexicon: Single words of the language at large.
        size: Number of random sentences beside the fixed ones, before duplicates go.
        seed: Of the random sentences.
    """
    fixed = vocabulary_sentences(vocabulary)
    random = _random_sentences(_all_pools(vocabulary), lexicon, np.random.default_rng(seed))
    varied = without_held_out(itertools.islice(random, size))
    return Corpus(tuple(dict.fromkeys((*fixed, *varied))), len(fixed))


def vocabulary_sentences(vocabulary: Vocabulary) -> Pool:
    """Return the vocabulary's and the captions' own wordings, in every template."""
    return without_held_out(text for pool in _all_pools(vocabulary) for text in phrased(pool))


def without_held_out(sentences: Iterable[str]) -> Pool:
    """Return each sentence once, except those that contain a held-out wording."""
    pools = [words for labels in HELD_OUT.values() for words in labels.values()]
    held_out = {words for pool in (*pools, *HELD_OUT_OBJECTS.values()) for words in pool}
    different = dict.fromkeys(sentences)
    return tuple(text for text in different if not any(words in text for words in held_out))


def _all_pools(vocabulary: Vocabulary) -> list[Pool]:
    pools = [pool for labels in attribute_pools(vocabulary).values() for pool in labels.values()]
    pools += [pool for pair in hazard_pools(vocabulary).values() for pool in pair]
    return pools + list(object_pools().values())


def _random_sentences(pools: list[Pool], lexicon: Pool, rng: np.random.Generator) -> Iterator[str]:
    def words() -> str:
        pool = pools[int(rng.integers(len(pools)))]
        return pool[int(rng.integers(len(pool)))]

    def word() -> str:
        return lexicon[int(rng.integers(len(lexicon)))]

    def template(text: str) -> str:
        return TEMPLATES[int(rng.integers(len(TEMPLATES)))].format(text)

    links = ("with", "and", "on", "near", "in", "beside", "behind", "under")
    while True:
        link = links[int(rng.integers(len(links)))]
        yield template(f"{words()} {link} {words()}")
        yield template(word())
        yield template(f"a {word()}")
        yield template(f"{word()} {link} {words()}")
        yield f"{word()} {word()}"
        yield template(f"a {word()} {word()} {link} the {word()}")
