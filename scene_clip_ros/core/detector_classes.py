"""Which of a detector's own classes a text query asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.vocabulary import QuerySpec

_STANDS_FOR_NONE = re.compile(r"(n/a|class \d+|)", re.IGNORECASE)
_ARTICLES = ("a ", "an ", "the ")


def match_classes(queries: Sequence[QuerySpec], classes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which class is meant by which query.

    A class matches where it is the query's name or one of its phrasings, apart from an article: a
    query with the phrasings "a car" and "a truck" takes the classes ``car`` and ``truck``. A class
    that several ask for is given to the first and its family, so that a query that is added later
    takes none away.

    Args:
        queries: Q queries.
        classes: Names of the detector's K classes.

    Returns:
        ``(K, Q)`` bool.
    """
    asked = [{_bare(text) for text in (query.name, *query.phrasings)} for query in queries]
    found = [[_bare(name) in texts for texts in asked] for name in classes]
    matches = np.array(found, np.bool_).reshape(len(classes), len(queries))
    if not queries:
        return matches
    families = find_families(queries)
    first = families[matches.argmax(axis=1)]
    return np.asarray(matches & (families[None] == first[:, None]))


def unasked_objects(queries: Sequence[QuerySpec], classes: Sequence[str]) -> tuple[str, ...]:
    """Tell what else a region may show than what is asked for: contrasts of the queries.

    Args:
        queries: What is asked for.
        classes: Names of the detector's classes. What stands for none is left out: ``N/A``, as in
            torchvision's list of COCO, `numbered_class` and nothing at all.

    Returns:
        The classes that no query asks for, with an article, each once, in their order.
    """
    matches = match_classes(queries, classes)
    unasked = (name for name, row in zip(classes, matches, strict=True) if not row.any())
    named = (_bare(name) for name in unasked if not _STANDS_FOR_NONE.fullmatch(name))
    return tuple(dict.fromkeys(_with_article(name) for name in named))


def numbered_class(number: int) -> str:
    """Return what a class is called whose name is unknown; a query may ask for it by that."""
    return f"class {number}"


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
