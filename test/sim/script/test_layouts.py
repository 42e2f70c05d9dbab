"""Layouts of stretches of road."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.road import ROADS, Segment

segments = st.builds(
    lambda kind, seed: make_segment(kind, -60.0, 300.0, seed=seed),
    st.sampled_from(ROADS),
    st.integers(0, 1 << 30),
)


@given(segments)
def test_the_ego_lane_is_on_the_roadway(segment: Segment) -> None:
    assert segment.left < -1 < 1 < segment.right
    assert (0.0, 1) in segment.lanes


@given(segments)
def test_lanes_with_the_ego_are_on_its_roadway(segment: Segment) -> None:
    for across, direction in segment.lanes:
        if direction > 0:
            assert segment.left < across < segment.right


@given(segments)
def test_lanes_towards_the_ego_are_on_its_left(segment: Segment) -> None:
    with_ego = min(across for across, way in segment.lanes if way > 0)
    assert all(across < with_ego for across, way in segment.lanes if way < 0)


@given(segments)
def test_every_lane_is_paved(segment: Segment) -> None:
    paved = [band for band in segment.bands if band.material == "asphalt"]
    for across, _ in segment.lanes:
        assert any(band.start < across < band.end for band in paved)


@given(segments)
def test_crosswalks_lie_on_their_segment(segment: Segment) -> None:
    assert all(segment.start < at < segment.end for at in segment.crosswalks)


@given(segments)
def test_the_edges_are_those_of_the_roadway(segment: Segment) -> None:
    assert (segment.edge(1.0), segment.edge(-1.0)) == (segment.right, -segment.left)


@pytest.mark.parametrize("kind", ROADS)
def test_equal_seeds_lay_out_equal_roads(kind: str) -> None:
    assert make_segment(kind, 0, 100, seed=8) == make_segment(kind, 0, 100, seed=8)
    assert make_segment(kind, 0, 100, seed=8) != make_segment(kind, 0, 100, seed=9)


@pytest.mark.parametrize(
    ("kind", "oncoming"),
    [("highway", True), ("city street", True), ("residential", True), ("tunnel", False)],
)
def test_which_roads_have_oncoming_traffic(kind: str, *, oncoming: bool) -> None:
    lanes = make_segment(kind, 0, 100, seed=8).lanes
    assert any(direction < 0 for _, direction in lanes) is oncoming


def test_only_parking_lots_have_bays() -> None:
    assert [kind for kind in ROADS if make_segment(kind, 0, 100, seed=8).bays] == ["parking lot"]
