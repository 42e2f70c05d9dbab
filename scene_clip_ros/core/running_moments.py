"""Mean and deviation of any query's cosine over changing rows, without scoring them.

Over rows x the cosines q·x of a query q add up to q·Σx and their squares to qᵀ(Σxxᵀ)q. Both sums
are kept while rows come and leave. Rows are fp16, so that their products are exact in float64 and
what has been added can be taken away again: after 10⁶ rows the sums are off by less than 10⁻⁹.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array

HalfArray = npt.NDArray[np.float16]

PENDING_ROWS = 32
"""Changes that are gathered before the products are brought up to date, in about 1 ms."""

_SETTLED_ROWS = 64
"""Rows of the matrix that are updated at once: large temporaries would break up the heap."""

_LEAST_DEVIATION = 1e-6


@dataclass(frozen=True, slots=True)
class CosineSums:
    """What one query's cosines over some rows add up to.

    Attributes:
        count: How many, ≥ 0.
        total: Their sum.
        squares: Sum of their squares.
    """

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: CosineSums) -> CosineSums:
        """Return the sums over the rows of both."""
        return CosineSums(
            self.count + other.count, self.total + other.total, self.squares + other.squares
        )

    @property
    def mean(self) -> float:
        """Mean cosine; 0 without rows."""
        return self.total / self.count if self.count else 0.0

    @property
    def deviation(self) -> float:
        """Standard deviation of the cosines, over all rows; 0 without rows."""
        if not self.count:
            return 0.0
        return math.sqrt(max(0.0, self.squares / self.count - self.mean**2))

    def z_of(self, cosine: float) -> float:
        """Return by how many deviations a cosine is above the mean; 0 if all are the same."""
        return (cosine - self.mean) / self.deviation if self.deviation > _LEAST_DEVIATION else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class MomentsView:
    """The sums at one time; nothing in it is written to any more.

    Attributes:
        count: How many rows.
        total: ``(D,)`` float64: their sum.
        products: ``(D, D)`` float64: sum of their outer products, less what is pending; None: 0.
        pending: ``(P, D)`` float64: rows whose outer products are yet to be added or taken away.
        signs: ``(P,)`` float64: 1 to add, -1 to take away.
    """

    count: int
    total: Float64Array
    products: Float64Array | None
    pending: Float64Array
    signs: Float64Array

    def project(self, query: FloatArray) -> CosineSums:
        """Return what the cosines of a query add up to; ``query`` is ``(D,)``, unit length."""
        wide = query.astype(np.float64)
        squares = float(self.signs @ (self.pending @ wide) ** 2)
        if self.products is not None:
            squares += float(wide @ self.products @ wide)
        return CosineSums(self.count, float(self.total @ wide), squares)


def moments_bytes(dim: int) -> int:
    """Return the bytes that the sums over rows of ``dim`` numbers take."""
    return 8 * (dim * dim + dim + PENDING_ROWS * (dim + 1))


class RunningMoments:
    """Keeps the sums up to date; not safe to be used from several threads."""

    def __init__(self, dim: int) -> None:
        """Start without rows of ``dim`` numbers."""
        self._dim = dim
        self.clear()

    def clear(self) -> None:
        """Forget every row."""
        self._count = 0
        self._total = np.zeros(self._dim)
        self._products: Float64Array | None = None
        self._is_viewed = False
        self._pending = np.zeros((PENDING_ROWS, self._dim))
        self._signs = np.zeros(PENDING_ROWS)
        self._changes = 0

    def add(self, row: HalfArray) -> None:
        """Take a ``(D,)`` row in."""
        self._change(row, 1)

    def remove(self, row: HalfArray) -> None:
        """Take a ``(D,)`` row out that was taken in before."""
        self._change(row, -1)
        if self._count == 0:
            self.clear()

    def view(self) -> MomentsView:
        """Return the sums as they are now."""
        self._is_viewed = True
        return MomentsView(
            count=self._count,
            total=self._total.copy(),
            products=self._products,
            pending=self._pending[: self._changes].copy(),
            signs=self._signs[: self._changes].copy(),
        )

    def _change(self, row: HalfArray, sign: int) -> None:
        self._pending[self._changes] = row
        self._signs[self._changes] = sign
        self._total += sign * self._pending[self._changes]
        self._count += sign
        self._changes += 1
        if self._changes == PENDING_ROWS:
            self._settle()

    def _settle(self) -> None:
        """Add what is pending, to a matrix of its own if a view holds the one there is."""
        if self._products is None:
            self._products = np.zeros((self._dim, self._dim))
        elif self._is_viewed:
            self._products = self._products.copy()
        self._is_viewed = False
        signed = self._pending * self._signs[:, np.newaxis]
        for start in range(0, self._dim, _SETTLED_ROWS):
            part = slice(start, start + _SETTLED_ROWS)
            self._products[part] += signed[:, part].T @ self._pending
        self._changes = 0
