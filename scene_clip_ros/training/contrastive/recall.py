"""How often the nearest captions of a picture are right, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import BoolArray, FloatArray


def ranks(cosines: FloatArray, fits: BoolArray) -> npt.NDArray[np.int64]:
    """Return how many wrong columns are as near to each row as its nearest right one, or nearer.

    Args:
        cosines: ``(N, M)``.
        fits: ``(N, M)``, which columns are right; one in every row at least.

    Returns:
        ``(N,)``, from 0 on. A tie counts as wrong, so that a model that embeds everything alike
        has ranked nothing.
    """
    best = np.where(fits, cosines, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(((cosines >= best) & ~fits).sum(axis=1), np.int64)


def recall(cosines: FloatArray, fits: BoolArray, depth: int) -> float:
    """Return the share of rows with a right column among the ``depth`` nearest, in [0, 1]."""
    return float((ranks(cosines, fits) < depth).mean())


def fitting(captions: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], BoolArray]:
    """Return every caption of some pictures once, and which of them each picture has.

    Returns:
        M texts; ``(N, M)`` bool.
    """
    texts = tuple(dict.fromkeys(text for said in captions for text in said))
    columns = {text: column for column, text in enumerate(texts)}
    fits = np.zeros((len(captions), len(texts)), bool)
    for row, said in enumerate(captions):
        fits[row, [columns[text] for text in said]] = True
    return texts, fits
