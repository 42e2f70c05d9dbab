"""Mean and spread of any query's cosine over many embeddings, without scoring each of them.

For embeddings of mean m and covariance C, the cosines of a query q have mean q·m and variance
qᵀCq.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array

BLOCK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Moments:
    """Of embeddings, as they are kept on the disk.

    Attributes:
        count: How many, ≥ 1.
        mean: ``(D,)`` float64.
        triangle: ``(D (D + 1) / 2,)`` float32, the upper triangle of the covariance, row by row.
    """

    count: int
    mean: Float64Array
    triangle: FloatArray

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating]) -> Moments:
        """Measure ``(N, D)`` embeddings, N ≥ 1."""
        mean = vectors.mean(axis=0, dtype=np.float64)
        covariance = np.zeros((len(mean), len(mean)))
        for start in range(0, len(vectors), BLOCK_ROWS):
            centred = (vectors[start : start + BLOCK_ROWS] - mean).astype(np.float32)
            covariance += centred.T @ centred
        covariance /= len(vectors)
        return cls(len(vectors), mean, covariance[np.triu_indices(len(mean))].astype(np.float32))

    def project(self, query: QueryProducts) -> CosineSums:
        """Return what the cosines of a query add up to."""
        mean = float(query.direction @ self.mean)
        variance = max(0.0, float(query.triangle @ self.triangle))
        return CosineSums(self.count, self.count * mean, self.count * (variance + mean**2))


@dataclass(frozen=True, slots=True)
class QueryProducts:
    """A query, and what its numbers give when they are multiplied with each other.

    Attributes:
        direction: ``(D,)`` float64, unit length.
        triangle: ``(D (D + 1) / 2,)`` float32: the products of each pair, in the order of
            `Moments`; those of two different ones count twice.
    """

    direction: Float64Array
    triangle: FloatArray

    @classmethod
    def of(cls, query: FloatArray) -> QueryProducts:
        """Multiply; ``query`` is ``(D,)``, unit length."""
        wide = query.astype(np.float64)
        products = np.outer(query, 2.0 * query)
        products[np.diag_indices(len(query))] = query**2
        return cls(wide, products.ravel()[_upper_triangle(len(query))])


@lru_cache(maxsize=1)
def _upper_triangle(dim: int) -> IntArray:
    """Return where the upper triangle of a ``(D, D)`` matrix lies in it, row by row."""
    return np.flatnonzero(np.triu(np.ones((dim, dim), np.bool_)))


def sum_scores(scores: npt.NDArray[np.floating], *, frames: int | None = None) -> CosineSums:
    """Add up cosines.

    Args:
        scores: ``(N,)`` of them, N ≥ 1 unless ``frames`` is None.
        frames: How many frames they stand for; None: N.
    """
    wide = scores.astype(np.float64)
    if frames is None:
        return CosineSums(len(wide), float(wide.sum()), float(wide @ wide))
    return CosineSums(frames, frames * float(wide.mean()), frames * float(wide @ wide) / len(wide))
