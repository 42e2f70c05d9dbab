"""Which of a detector's own classes a text query asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.vocabulary import QuerySpec

_ARTICLES = ("a ", "an ", "the ")


def match_classes(queries: Sequence[QuerySpec], classes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which class is meant by which query.

    A class matches where it is the query's name or one of its phrasings, apart from an article: a
    query with the phrasings "a car" and "a truck" takes the classes ``car`` and ``truck``.

    Args:
        queries: Q queries.
        classes: Names of the detector's K classes.

    Returns:
        ``(K, Q)`` bool.
    """
    asked = [{_bare(text) for text in (query.name, *query.phrasings)} for query in queries]
    matches = [[_bare(name) in texts for texts in asked] for name in classes]
    return np.array(matches, np.bool_).reshape(len(classes), len(queries))


def unasked_objects(queries: Sequence[QuerySpec], classes: Sequence[str]) -> tuple[str, ...]:
    """Return the classes that no query asks for, with an article, as contrasts of the queries."""
    matches = match_classes(queries, classes)
    return tuple(
        _with_article(name) for name, row in zip(classes, matches, strict=True) if not row.any()
    )


def find_families(queries: Sequence[QuerySpec]) -> npt.NDArray[np.int64]:
    """Return ``(Q,)``: of each query the index of the one it is a kind of, else its own."""
    index_of = {query.name: index for index, query in enumerate(queries)}
    return np.array([index_of[query.is_a or query.name] for query in queries], np.int64)


def _bare(text: str) -> str:
    words = " ".join(text.lower().split())
    article = next((each for each in _ARTICLES if words.startswith(each)), "")
    return words[len(article) :]


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
