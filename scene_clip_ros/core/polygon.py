"""Plane geometry of polygons, in whatever unit their corners have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
Interval = tuple[float, float]


def signed_area(corners: Float64Array) -> float:
    """Return the area of a polygon; its sign tells the direction of turning.

    Args:
        corners: ``(C, 2)`` in order.
    """
    x, y = corners.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def is_simple(corners: Float64Array) -> bool:
    """Return whether no two edges of a polygon meet but neighbours at their common corner.

    Args:
        corners: ``(C, 2)`` in order, C ≥ 3.
    """
    count = len(corners)
    edges = list(zip(corners, np.roll(corners, -1, axis=0), strict=True))
    if any(bool((start == end).all()) for start, end in edges):
        return False
    for first in range(count):
        for second in range(first + 1, count):
            if second - first == 1 or (first == 0 and second == count - 1):
                if count > 3 and _folds_back(edges[first], edges[second]):
                    return False
            elif _meet(edges[first], edges[second]):
                return False
    return abs(signed_area(corners)) > 0


def row_intervals(corners: Float64Array, y: float) -> list[Interval]:
    """Return where a horizontal line runs within a closed polygon.

    Args:
        corners: ``(C, 2)`` of a simple polygon, in order.
        y: Of the line.

    Returns:
        Closed intervals of x, left to right, disjoint; none where the polygon has no such row.
    """
    # The row just above and the row just below together touch every corner and flat edge on it.
    pieces = [*_limit_row(corners, y, above=True), *_limit_row(corners, y, above=False)]
    merged: list[Interval] = []
    for low, high in sorted(pieces):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def clip_to_unit_square(corners: Float64Array) -> Float64Array:
    """Cut a convex polygon to [0, 1] × [0, 1] (Sutherland and Hodgman, 1974).

    Args:
        corners: ``(C, 2)`` in order.

    Returns:
        ``(M, 2)``; ``(0, 2)`` if nothing is left.
    """
    for axis in (0, 1):
        for sign, bound in ((1.0, 0.0), (-1.0, -1.0)):
            corners = np.array(list(_clip(corners, sign * corners[:, axis] - bound)))
            if len(corners) == 0:
                return np.empty((0, 2))
    return np.clip(corners, 0.0, 1.0)


def _clip(corners: Float64Array, depths: Float64Array) -> Iterator[Float64Array]:
    """Yield the corners of what of a polygon has a depth ≥ 0."""
    for index, (here, depth) in enumerate(zip(corners, depths, strict=True)):
        after = (index + 1) % len(corners)
        if depth >= 0:
            yield here
        if (depth > 0 > depths[after]) or (depth < 0 < depths[after]):
            yield here + (corners[after] - here) * (depth / (depth - depths[after]))


def _limit_row(corners: Float64Array, y: float, *, above: bool) -> Iterator[Interval]:
    """Yield the intervals of a row infinitely close to ``y``."""
    start, end = corners, np.roll(corners, -1, axis=0)
    first, second = (
        (start[:, 1] < y, end[:, 1] < y) if above else (start[:, 1] <= y, end[:, 1] <= y)
    )
    start, end = start[first != second], end[first != second]
    share = (y - start[:, 1]) / (end[:, 1] - start[:, 1])
    xs = np.sort(start[:, 0] + share * (end[:, 0] - start[:, 0])).tolist()
    return zip(xs[::2], xs[1::2], strict=True)


def _turn(origin: Float64Array, first: Float64Array, second: Float64Array) -> float:
    a, b = first - origin, second - origin
    return float(a[0] * b[1] - a[1] * b[0])


def _meet(
    first: tuple[Float64Array, Float64Array], second: tuple[Float64Array, Float64Array]
) -> bool:
    """Return whether two closed segments have a point in common."""
    (a, b), (c, d) = first, second
    boxes_apart = (np.maximum(a, b) < np.minimum(c, d)) | (np.maximum(c, d) < np.minimum(a, b))
    if boxes_apart.any():
        return False
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _folds_back(
    first: tuple[Float64Array, Float64Array], second: tuple[Float64Array, Float64Array]
) -> bool:
    """Return whether of two neighbouring edges one runs back along the other."""
    one, other = first[1] - first[0], second[1] - second[0]
    return _turn(np.zeros(2), one, other) == 0 and float(np.dot(one, other)) < 0
