"""Bends of the road."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.script.alignment import Alignment, draw_alignment

alignments = st.builds(Alignment, st.floats(0, 13), st.floats(140, 400), st.floats(0, 6.28))
places = st.floats(0, 5000)


@given(alignments, places)
def test_the_ego_is_on_its_lane_and_heads_along_it(alignment: Alignment, along: float) -> None:
    here, ahead = alignment.offset(along, (0.0, 1e-3))
    assert here == pytest.approx(0, abs=1e-9)
    assert ahead == pytest.approx(0, abs=1e-6)


@given(alignments, places)
def test_the_road_swings_no_farther_than_it_may(alignment: Alignment, along: float) -> None:
    wave = 2 * np.pi / alignment.length_m
    depth = np.linspace(0, 160, 20)
    limit = alignment.swing_m * (2 + wave * depth)
    assert (np.abs(alignment.offset(along, depth)) <= limit + 1e-9).all()


def test_a_road_without_swing_is_straight() -> None:
    assert (Alignment(0.0, 200.0, 1.0).offset(50.0, np.arange(100.0)) == 0).all()


def test_offsets_have_the_shape_of_the_depths() -> None:
    assert Alignment(5.0, 200.0, 1.0).offset(50.0, np.ones((3, 4))).shape == (3, 4)


def test_equal_seeds_draw_equal_roads() -> None:
    one, other = (draw_alignment({"highway"}, np.random.default_rng(5)) for _ in range(2))
    assert one == other


def test_city_streets_bend_less_than_highways() -> None:
    city, highway = (
        draw_alignment({road}, np.random.default_rng(5)) for road in ("city street", "highway")
    )
    assert city.swing_m < highway.swing_m
