"""The sentences that the shipped model is trained on, and those it is tested on and never sees."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.sim.captions import OBJECTS, WORDS
from scene_clip_ros.training.held_out_words import HELD_OUT

TEMPLATES = (
    "{}",
    "a photo of {}",
    "a dashcam photo of {}",
    "{}, seen from a car",
    "a scene with {}",
    "the camera shows {}",
)

MORE_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "weather": {
        "clear": (
            "blue sky",
            "sunshine",
            "a sunny day",
            "a cloudless blue sky",
            "bright sunlight",
            "sharp shadows and sun",
            "a starry sky",
        ),
        "overcast": (
            "clouds",
            "a grey day",
            "an overcast day",
            "dull light",
            "a closed cloud cover",
            "a cloudy day",
            "grey skies",
        ),
        "rain": (
            "a rainy day",
            "falling rain",
            "raindrops",
            "a rain shower",
            "wet weather",
            "drizzle",
            "rain on the windshield",
        ),
        "snow": (
            "a snowy day",
            "snowflakes",
            "flurries",
            "a winter storm",
            "heavy snow",
            "snowing",
            "snow in the air",
        ),
        "fog": (
            "a foggy day",
            "mist",
            "haze",
            "a misty road",
            "low visibility",
            "fog hiding the road",
            "a hazy view",
        ),
    },
    "time_of_day": {
        "day": (
            "day",
            "daytime",
            "daylight",
            "a bright day",
            "midday",
            "the morning",
            "full daylight",
        ),
        "dusk": (
            "dusk",
            "dawn",
            "twilight",
            "sunset",
            "sunrise",
            "the evening",
            "the low sun of the evening",
        ),
        "night": (
            "night",
            "darkness",
            "a dark night",
            "night time",
            "midnight",
            "a dark road",
            "street lamps in the dark",
        ),
    },
    "road": {
        "highway": (
            "highway",
            "motorway",
            "freeway",
            "an expressway with guard rails",
            "a wide road with many lanes",
            "a toll road",
            "an open highway",
        ),
        "city street": (
            "city street",
            "downtown",
            "a street with tall buildings",
            "an urban road with shops",
            "a city avenue",
            "an urban area",
            "office buildings along the street",
        ),
        "residential": (
            "residential area",
            "suburb",
            "houses with gardens",
            "a street with family homes",
            "a neighbourhood with lawns and trees",
            "a village street",
            "detached houses along the road",
        ),
        "tunnel": (
            "tunnel",
            "inside a tunnel",
            "tunnel walls and lamps",
            "a highway tunnel",
            "a dark tunnel with lights",
            "a concrete tube",
            "lamps along a tunnel ceiling",
        ),
        "parking lot": (
            "parking lot",
            "car park",
            "parked cars on both sides",
            "parking bays",
            "a lot with parked cars",
            "an outdoor car park",
            "marked parking places",
        ),
    },
    "surface": {
        "dry": (
            "dry road surface",
            "a dry street",
            "grey dry asphalt",
            "bare dry road",
            "dusty asphalt",
            "a dry lane",
            "the road is dry",
        ),
        "wet": (
            "wet road surface",
            "puddles",
            "a wet street",
            "reflections on the wet road",
            "rain water on the road",
            "a damp road",
            "the road is wet",
        ),
        "snowy": (
            "snowy road surface",
            "snow on the ground",
            "a snow-covered street",
            "tyre tracks in snow",
            "packed snow",
            "a white winter road",
            "the road is covered with snow",
        ),
    },
}

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
    return {kind: (kind, f"the {kind}", *words) for kind, words in OBJECTS.items()}


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
    pools = [pool for labels in attribute_pools(vocabulary).values() for pool in labels.values()]
    pools += [pool for pair in hazard_pools(vocabulary).values() for pool in pair]
    pools += list(object_pools().values())
    fixed = _without_held_out(text for pool in pools for text in phrased(pool))
    random = _random_sentences(pools, lexicon, np.random.default_rng(seed))
    varied = _without_held_out(itertools.islice(random, size))
    return Corpus(tuple(dict.fromkeys((*fixed, *varied))), len(fixed))


def _without_held_out(sentences: Iterable[str]) -> tuple[str, ...]:
    """Return each sentence once, except those that contain a held-out wording."""
    held_out = {w for labels in HELD_OUT.values() for words in labels.values() for w in words}
    different = dict.fromkeys(sentences)
    return tuple(text for text in different if not any(words in text for words in held_out))


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
