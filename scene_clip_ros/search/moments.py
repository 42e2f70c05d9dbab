"""Mean and spread of any query's cosine over many embeddings, without scoring each of them.

For embeddings of mean m and covariance C, the cosines of a query q have mean q·m and variance
qᵀCq.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import FloatArray

DoubleArray = npt.NDArray[np.float64]

BLOCK_ROWS = 8192

LEAST_DEVIATION = 1e-6
"""Less than this, cosines in fp16 differ by rounding only."""


@dataclass(frozen=True, slots=True)
class ScoreMoments:
    """Of the cosines of one query: how many, their mean and their variance."""

    count: int
    mean: float
    variance: float

    def z_of(self, score: float) -> float:
        """Return by how many deviations a cosine is above the mean; 0 if all are the same."""
        deviation = math.sqrt(max(0.0, self.variance))
        return (score - self.mean) / deviation if deviation > LEAST_DEVIATION else 0.0


@dataclass(frozen=True, slots=True)
class Moments:
    """Of embeddings.

    Attributes:
        count: How many, ≥ 1.
        mean: ``(D,)`` float64.
        covariance: ``(D, D)`` float64, symmetric, divided by ``count``.
    """

    count: int
    mean: DoubleArray
    covariance: DoubleArray

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating]) -> Moments:
        """Measure ``(N, D)`` embeddings, N ≥ 1."""
        mean = vectors.mean(axis=0, dtype=np.float64)
        covariance = np.zeros((len(mean), len(mean)))
        for start in range(0, len(vectors), BLOCK_ROWS):
            centred = (vectors[start : start + BLOCK_ROWS] - mean).astype(np.float32)
            covariance += centred.T @ centred
        return cls(len(vectors), mean, covariance / len(vectors))

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of the embeddings of both.

        As Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
        Sample Variances", 1979.
        """
        count = self.count + other.count
        mine, theirs = self.count / count, other.count / count
        away = other.mean - self.mean
        covariance = mine * self.covariance + theirs * other.covariance
        covariance += mine * theirs * np.outer(away, away)
        return Moments(count, mine * self.mean + theirs * other.mean, covariance)

    def of_scores(self, query: FloatArray) -> ScoreMoments:
        """Return the moments of a query's cosines; ``query`` is ``(D,)``, unit length."""
        wide = query.astype(np.float64)
        return ScoreMoments(
            self.count, float(wide @ self.mean), float(wide @ self.covariance @ wide)
        )


@dataclass(frozen=True, slots=True)
class PackedMoments:
    """Moments as they are kept.

    Attributes:
        count: Of embeddings, ≥ 1.
        mean: ``(D,)`` float64.
        triangle: ``(D (D + 1) / 2,)`` float32, the upper triangle of the covariance, row by row.
    """

    count: int
    mean: DoubleArray
    triangle: FloatArray

    @classmethod
    def of(cls, moments: Moments) -> PackedMoments:
        """Leave out what is there twice."""
        covariance = moments.covariance
        triangle = covariance[np.triu_indices(len(covariance))].astype(np.float32)
        return cls(moments.count, moments.mean, triangle)

    def unpack(self) -> Moments:
        """Return the whole covariance, in float64."""
        dim = len(self.mean)
        upper = np.zeros((dim, dim))
        upper[np.triu_indices(dim)] = self.triangle
        return Moments(self.count, self.mean, upper + np.triu(upper, 1).T)


def pool_scores(parts: Sequence[ScoreMoments]) -> ScoreMoments:
    """Return the moments of all cosines of at least one part together."""
    count = sum(part.count for part in parts)
    mean = sum(part.count * part.mean for part in parts) / count
    variance = sum(part.count * (part.variance + (part.mean - mean) ** 2) for part in parts)
    return ScoreMoments(count, mean, max(0.0, variance / count))
