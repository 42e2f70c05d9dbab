from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scene_clip_ros.core.polygon import (
    Float64Array,
    clip_to_unit_square,
    is_simple,
    row_intervals,
    signed_area,
)

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
HORSESHOE = np.array([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)], float)
EIGHTHS = st.integers(0, 8).map(lambda value: value / 8)


@st.composite
def stars(draw: st.DrawFn) -> Float64Array:
    """Simple polygons: corners around a point, in the order of their angles."""
    count = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(0.1, 0.5), min_size=count, max_size=count))
    angles = 2 * math.pi * (np.arange(count) + draw(st.floats(0, 1))) / count
    return 0.5 + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        pytest.param(SQUARE, True, id="square"),
        pytest.param(HORSESHOE, True, id="horseshoe"),
        pytest.param(SQUARE[[0, 2, 1, 3]], False, id="edges cross"),
        pytest.param(SQUARE[[0, 1, 1, 2]], False, id="corner twice"),
        pytest.param([(0, 0), (1, 0), (2, 0)], False, id="flat"),
        pytest.param([(0, 0), (2, 0), (1, 0), (1, 1)], False, id="edge runs back"),
        pytest.param([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)], False, id="corner on an edge"),
        pytest.param([(0, 0), (2, 0), (4, 0), (4, 4)], True, id="corner on a straight side"),
    ],
)
def test_simple_polygons_are_told_from_others(corners: Float64Array, *, expected: bool) -> None:
    assert is_simple(np.array(corners, float)) is expected


@given(stars(), st.integers(0, 8))
def test_simplicity_depends_neither_on_direction_nor_on_the_first_corner(
    corners: Float64Array, shift: int
) -> None:
    assert is_simple(corners)
    assert is_simple(np.roll(corners, shift, axis=0)[::-1])


def winds_around(corners: Float64Array, point: tuple[float, float]) -> bool:
    """Return whether a polygon, seen from a point that is not on its border, goes round it."""
    spokes = (corners - point) @ (1, 1j)
    turns = np.angle(np.roll(spokes, -1) / spokes)
    return bool(abs(turns.sum()) > math.pi)


@given(stars(), st.floats(0, 1), st.floats(0, 1))
def test_rows_and_points_agree(corners: Float64Array, x: float, y: float) -> None:
    intervals = row_intervals(corners, y)
    edges = np.array([edge for interval in intervals for edge in interval])
    assume(len(edges) == 0 or np.abs(edges - x).min() > 1e-6)
    assume(np.abs(corners[:, 1] - y).min() > 1e-6)

    on_row = any(low <= x <= high for low, high in intervals)

    assert winds_around(corners, (x, y)) is on_row


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        pytest.param(2.0, [(0, 1), (3, 4)], id="two arms"),
        pytest.param(0.5, [(0, 4)], id="below them"),
        pytest.param(1.0, [(0, 4)], id="on a flat edge"),
        pytest.param(0.0, [(0, 4)], id="on the lowest edge"),
        pytest.param(4.0, [(0, 1), (3, 4)], id="on the highest edges"),
        pytest.param(4.1, [], id="above"),
    ],
)
def test_row_lists_every_interval_within_the_polygon(
    y: float, expected: list[tuple[float, float]]
) -> None:
    assert row_intervals(HORSESHOE, y) == expected


def test_row_through_a_single_corner_is_a_point() -> None:
    assert row_intervals(np.array([(0, 0), (4, 0), (2, 3)], float), 3.0) == [(2.0, 2.0)]


@given(stars(), EIGHTHS)
def test_intervals_are_in_order_and_disjoint(corners: Float64Array, y: float) -> None:
    corners = np.round(corners * 8) / 8
    assume(is_simple(corners))

    intervals = row_intervals(corners, y)

    assert all(low <= high for low, high in intervals)
    assert all(left[1] < right[0] for left, right in pairwise(intervals))


@given(st.tuples(*[st.floats(-3, 3)] * 3), st.tuples(*[st.floats(-3, 3)] * 3))
def test_clipped_polygon_is_within_the_square_and_no_larger(
    xs: tuple[float, ...], ys: tuple[float, ...]
) -> None:
    triangle = np.stack([xs, ys], axis=1)

    clipped = clip_to_unit_square(triangle)

    assert ((clipped >= 0) & (clipped <= 1)).all()
    area = abs(signed_area(clipped)) if len(clipped) else 0.0
    assert area <= min(1.0, abs(signed_area(triangle))) + 1e-9


def test_clipping_keeps_what_is_inside() -> None:
    assert clip_to_unit_square(SQUARE / 2 + 0.25).tolist() == (SQUARE / 2 + 0.25).tolist()


def test_clipping_cuts_what_sticks_out() -> None:
    clipped = clip_to_unit_square(np.array([(-1.0, -1.0), (3.0, -1.0), (-1.0, 3.0)]))

    assert abs(signed_area(clipped)) == pytest.approx(1.0)


def test_nothing_is_left_of_a_polygon_outside() -> None:
    assert clip_to_unit_square(SQUARE + 2).shape == (0, 2)
