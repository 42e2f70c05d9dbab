"""Wordings of single things: those that rendered drives show, and those that they never do."""

from __future__ import annotations

from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.training.wordings import Pool, object_pools

ABSENT = (
    "an airplane",
    "a helicopter",
    "a boat",
    "a sailing ship",
    "a train",
    "a tram",
    "a hot-air balloon",
    "a kite",
    "a giraffe",
    "a zebra",
    "a lion",
    "a bear",
    "a penguin",
    "a parrot",
    "a fish",
    "a snake",
    "a butterfly",
    "a monkey",
    "a sofa",
    "a bed",
    "a kitchen table",
    "a piano",
    "a guitar",
    "a laptop",
    "a television",
    "a telephone",
    "a refrigerator",
    "a washing machine",
    "a bathtub",
    "a bookshelf",
    "a chandelier",
    "a birthday cake",
    "a pizza",
    "a bowl of fruit",
    "a banana",
    "a cup of coffee",
    "a bottle of wine",
    "a bouquet of flowers",
    "a sunflower",
    "a cactus",
    "a teddy bear",
    "a football",
    "a tennis racket",
    "a surfboard",
    "a pair of skis",
    "a swimming pool",
    "a waterfall",
    "a campfire",
    "a castle",
    "a windmill",
    "a lighthouse",
    "a statue",
    "a fountain",
    "a robot",
    "a dragon",
    "a spaceship",
    "a pink flamingo",
    "a green crocodile",
    "a golden crown",
    "a yellow submarine",
)
"""Things of all kinds that no rendered drive shows, so that unknown words fit nothing."""


def present_pools(vocabulary: Vocabulary) -> dict[str, Pool]:
    """Return wordings by ground-truth class: captions' own, and those of a query for it alone."""
    pools = object_pools()
    for query in vocabulary.queries:
        meant = _classes_meant(query, pools)
        if len(meant) == 1:
            (kind,) = meant
            pools[kind] = tuple(dict.fromkeys((*pools[kind], *query.phrasings)))
    return pools


def class_queries(vocabulary: Vocabulary) -> dict[str, str]:
    """Return by ground-truth class the name of the query that asks for it, where one does."""
    pools = object_pools()
    return {
        kind: query.name
        for query in reversed(vocabulary.queries)
        for kind in _classes_meant(query, pools)
    }


def absent_words(vocabulary: Vocabulary) -> Pool:
    """Return wordings of what no rendered drive shows, or not as a thing of its own."""
    pools = object_pools()
    unseen = [query for query in vocabulary.queries if not _classes_meant(query, pools)]
    return ABSENT + tuple(text for query in unseen for text in query.phrasings)


def _classes_meant(query: QuerySpec, pools: dict[str, Pool]) -> list[str]:
    """Return the ground-truth classes that share a wording with a query."""
    return [kind for kind, pool in pools.items() if set(pool) & set(query.phrasings)]
