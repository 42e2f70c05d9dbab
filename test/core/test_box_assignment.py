from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.box_assignment import NO_MATCH, assign
from scene_clip_ros.core.types import FloatArray

ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def squares(*corners: tuple[float, float], side: float = 10) -> FloatArray:
    rows = [(x, y, x + side, y + side) for x, y in corners]
    return np.array(rows, np.float32).reshape(-1, 4)


def match(measured: FloatArray, predicted: FloatArray, *, min_iou: float = 0.3) -> list[int]:
    cost = np.zeros((len(measured), len(predicted)), np.float32)
    return assign(measured, predicted, cost=cost, min_iou=min_iou).tolist()


def test_box_is_given_to_the_track_it_overlaps_most() -> None:
    assert match(squares((1, 0)), squares((4, 0), (0, 0))) == [1]


def test_better_pair_goes_first_whatever_the_order() -> None:
    measured, predicted = squares((3, 0), (0, 0)), squares((0, 0), (6, 0))

    assert match(measured, predicted) == [1, 0]
    assert match(measured[::-1], predicted) == [0, 1]


def test_box_far_from_every_track_is_new() -> None:
    assert match(squares((50, 0)), squares((0, 0))) == [NO_MATCH]


def test_small_box_that_has_jumped_by_its_width_is_found_again() -> None:
    assert match(squares((9, 0)), squares((0, 0))) == [0]


def test_enlarged_search_takes_only_what_is_left() -> None:
    assert match(squares((9, 0), (0, 0)), squares((0, 0))) == [NO_MATCH, 0]


def test_cost_decides_between_tracks_that_overlap_equally() -> None:
    cost = np.array([[0.2, 0.0]], np.float32)
    twins = squares((0, 0), (0, 0))

    assert assign(squares((0, 0)), twins, cost=cost, min_iou=0.3).tolist() == [1]


@pytest.mark.parametrize(("boxes", "tracks"), [(0, 0), (0, 2), (2, 0)])
def test_nothing_to_assign(boxes: int, tracks: int) -> None:
    assert match(squares(*[(0, 0)] * boxes), squares(*[(0, 0)] * tracks)) == [NO_MATCH] * boxes


@given(ROWS, ROWS)
def test_no_track_is_given_twice(
    measured: list[tuple[int, int]], predicted: list[tuple[int, int]]
) -> None:
    given_away = [index for index in match(squares(*measured), squares(*predicted)) if index >= 0]

    assert len(set(given_away)) == len(given_away)
    assert all(index < len(predicted) for index in given_away)


@given(ROWS)
def test_boxes_that_have_not_moved_find_themselves(corners: list[tuple[int, int]]) -> None:
    apart = squares(*((100 * x, 100 * y) for x, y in dict.fromkeys(corners)))

    assert match(apart[::-1], apart) == list(range(len(apart)))[::-1]
