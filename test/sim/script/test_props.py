"""Things beside the road."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.props import make_props
from scene_clip_ros.sim.script.road import ROADS

OVER_THE_ROAD = {"gantry", "overpass", "front store"}


@pytest.mark.parametrize("kind", [kind for kind in ROADS if kind != "tunnel"])
def test_equal_seeds_furnish_equally(kind: str) -> None:
    segment = make_segment(kind, 0, 300, seed=4)
    props = make_props(segment)
    assert props == make_props(segment)
    assert len(props) > 20


def test_nothing_stands_in_a_tunnel() -> None:
    assert make_props(make_segment("tunnel", 0, 300, seed=4)) == []


@settings(max_examples=40)
@given(st.sampled_from(ROADS), st.integers(0, 1 << 30))
def test_props_are_in_order_and_leave_the_ego_lane_free(kind: str, seed: int) -> None:
    segment = make_segment(kind, -60, 240, seed=seed)
    props = make_props(segment)
    places = [prop.along for prop in props]
    assert places == sorted(places)
    for prop in props:
        assert prop.kind in OVER_THE_ROAD or abs(prop.across) > 1.5


@pytest.mark.parametrize(
    ("road", "kinds"),
    [
        ("city street", {"building", "lamp", "parked", "traffic light", "sign"}),
        ("residential", {"house", "tree", "parked", "lamp"}),
        ("parking lot", {"parked across", "lamp", "tree"}),
        ("highway", {"tree"}),
    ],
)
def test_a_road_is_told_by_what_stands_beside_it(road: str, kinds: set[str]) -> None:
    for seed in range(5):
        props = make_props(make_segment(road, 0, 400, seed=seed))
        assert kinds <= {prop.kind for prop in props}
