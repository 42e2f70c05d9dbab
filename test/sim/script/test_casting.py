"""People, animals and obstacles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.script.actors import ANIMALS
from scene_clip_ros.sim.script.casting import OBSTACLES, crossing, obstacle, person
from scene_clip_ros.sim.script.layouts import make_segment

PEOPLE = ("adult", "child", "baby", "wheelchair user", "cyclist", "stroller")
STREET = make_segment("city street", -60, 300, seed=2)

seeds = st.integers(0, 1 << 30)


@given(seeds, st.sampled_from(PEOPLE), st.floats(10, 100))
def test_who_crosses_enters_the_ego_lane_on_time(seed: int, kind: str, at_s: float) -> None:
    who = crossing(np.random.default_rng(seed), STREET, kind, along=80.0, at_s=at_s)
    along, across = who.place(at_s)
    assert (who.kind, along) == (kind, 80.0)
    assert abs(across) == pytest.approx(1.5)
    assert abs(who.place(at_s - 0.5)[1]) > abs(across) > abs(who.place(at_s + 0.3)[1])


@given(seeds, st.sampled_from(PEOPLE))
def test_who_crosses_leaves_the_ego_lane_on_the_other_side(seed: int, kind: str) -> None:
    who = crossing(np.random.default_rng(seed), STREET, kind, along=80.0, at_s=10.0)
    start, end = who.place(0.0)[1], who.place(60.0)[1]
    assert np.sign(start) == -np.sign(end)
    assert abs(end) > 2


def test_who_cannot_be_there_in_time_sets_out_at_once() -> None:
    who = crossing(np.random.default_rng(1), STREET, "baby", along=30.0, at_s=0.0)
    assert who.cross_from_s == 0


@given(seeds)
def test_children_are_smaller_than_adults_and_babies_smaller_still(seed: int) -> None:
    baby, child, adult = (
        person(np.random.default_rng(seed), 0, 0, kind=kind).height
        for kind in ("baby", "child", "adult")
    )
    assert baby < child < adult


def test_cyclists_are_faster_than_walkers() -> None:
    rng = np.random.default_rng(1)
    walker, cyclist = (person(rng, 0, 0, kind=kind, speed=1.2) for kind in ("adult", "cyclist"))
    assert cyclist.speed > 2 * walker.speed


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        ("animal", set(ANIMALS)),
        ("debris", {"debris"}),
        ("road works", {"traffic cone", "barrier", "worker"}),
    ],
)
def test_obstacles_stand_on_or_at_the_road_ahead(kind: str, classes: set[str]) -> None:
    assert kind in OBSTACLES
    for seed in range(10):
        actors = obstacle(np.random.default_rng(seed), STREET, kind, along=50.0)
        assert {actor.kind for actor in actors} <= classes
        for actor in actors:
            assert 50 <= actor.along <= 90
            assert STREET.left <= actor.across <= STREET.right + 1
