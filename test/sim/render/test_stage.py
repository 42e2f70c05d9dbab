"""Backdrops and the order in which things are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import PLAIN_AIR, make_camera

from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.stage import Drawn, Moment, Stage
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.alignment import Alignment
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.semantics import ACTOR_BASE, PARKED_BASE, SemanticClass

STRAIGHT = Alignment(0.0, 200.0, 0.0)
NEAR_BUS = Actor("bus", 1, 20.0, 0.0, speed=5.0)
WALKER = Actor("adult", 1, 6.0, 0.0)
FAR_CAR = Actor("car", 1, 40.0, 0.0, speed=5.0)


def draw(
    *actors: Actor, kind: str = "tunnel", air: Atmosphere = PLAIN_AIR, along: float = 0.0
) -> Drawn:
    base = make_scenario("highway-day", seed=1, seconds=20)
    segments = (make_segment(kind, -60, 500, seed=4),)
    scenario = replace(base, segments=segments, actors=actors)
    stage = Stage(scenario, make_camera(), alignment=STRAIGHT, far_seed=3)
    return stage.draw(Moment(0.0, along, air))


def pixels(drawn: Drawn, index: int) -> int:
    return int(np.count_nonzero(drawn.canvas.ident == ACTOR_BASE + index))


@pytest.mark.parametrize("actors", [(NEAR_BUS, FAR_CAR), (FAR_CAR, NEAR_BUS)])
def test_the_nearer_hides_the_farther(actors: tuple[Actor, ...]) -> None:
    drawn = draw(*actors)
    bus, car = actors.index(NEAR_BUS), actors.index(FAR_CAR)
    assert pixels(drawn, bus) == drawn.things[ACTOR_BASE + bus].painted
    assert pixels(drawn, car) < 0.2 * drawn.things[ACTOR_BASE + car].painted


def test_what_is_behind_or_too_far_is_not_drawn() -> None:
    drawn = draw(replace(FAR_CAR, along=-10.0), replace(FAR_CAR, along=400.0))
    assert drawn.things == {}


def test_parked_vehicles_are_things_of_their_own_and_keep_their_numbers() -> None:
    base = make_scenario("city-day", seed=1, seconds=20)
    stage = Stage(replace(base, actors=()), make_camera(), alignment=STRAIGHT, far_seed=3)
    before, after = (stage.draw(Moment(0.0, along, PLAIN_AIR)).things for along in (0.0, 2.0))

    both = before.keys() & after.keys()
    assert len(both) > 3
    assert all(number >= PARKED_BASE for number in both)
    for number in both:
        assert before[number].along == pytest.approx(after[number].along)
        assert before[number].across == after[number].across


@pytest.mark.parametrize(
    ("kind", "sky"), [("highway", True), ("parking lot", True), ("tunnel", False)]
)
def test_the_sky_is_seen_outside_tunnels(kind: str, *, sky: bool) -> None:
    assert bool((draw(kind=kind).canvas.ident == SemanticClass.SKY).any()) is sky


def test_a_tunnel_ahead_closes_the_view_and_is_darker_inside() -> None:
    base = make_scenario("highway-day", seed=1, seconds=20)
    segments = (
        make_segment("highway", -60, 30, seed=4),
        make_segment("tunnel", 30, 300, seed=4),
    )
    stage = Stage(
        replace(base, segments=segments, actors=()),
        make_camera(),
        alignment=STRAIGHT,
        far_seed=3,
    )
    air = replace(PLAIN_AIR, tunnel=np.full(3, 0.3), tunnel_span=(30.0, 300.0))
    canvas = stage.draw(Moment(0.0, 0.0, air)).canvas
    assert canvas.ident[38, 80] == SemanticClass.STRUCTURE
    assert np.median(canvas.rgb[25:45, 65:95]) < 90
    assert canvas.ident[5, 80] == SemanticClass.TERRAIN


@pytest.mark.parametrize("wetness", [0.0, 1.0], ids=["dry", "wet"])
def test_only_a_wet_road_mirrors_what_stands_on_it(wetness: float) -> None:
    air = replace(PLAIN_AIR, wetness=wetness)
    truck = Actor("truck", 1, 14.0, 0.0, speed=5.0)
    before_truck = (slice(62, 68), slice(70, 90))
    empty, busy = (draw(*actors, kind="city street", air=air).canvas for actors in ((), (truck,)))
    assert (empty.ident[before_truck] == busy.ident[before_truck]).all()
    mirrored = (empty.rgb[before_truck] != busy.rgb[before_truck]).any()
    assert bool(mirrored) is (wetness > 0)


def test_what_is_whole_within_the_picture_is_not_truncated() -> None:
    drawn = draw(FAR_CAR)
    assert drawn.things[ACTOR_BASE].truncated == 0.0


def test_a_thing_half_past_the_edge_is_half_truncated() -> None:
    camera = make_camera()
    at_edge = camera.width / 2 * WALKER.along / camera.focal_px
    drawn = draw(replace(WALKER, across=at_edge))
    assert drawn.things[ACTOR_BASE].truncated == pytest.approx(0.5, abs=0.15)


def test_truncation_grows_as_a_thing_leaves_the_picture() -> None:
    shares = [
        draw(replace(NEAR_BUS, across=across)).things[ACTOR_BASE].truncated
        for across in (10.0, 12.0, 14.0)
    ]
    assert 0 < shares[0] < shares[1] < shares[2] < 1


def test_haze_takes_the_contrast() -> None:
    clear, foggy = (
        drawn.contrast[drawn.canvas.ident == ACTOR_BASE].mean()
        for drawn in (
            draw(FAR_CAR, kind="highway"),
            draw(FAR_CAR, kind="highway", air=replace(PLAIN_AIR, haze_per_m=0.2)),
        )
    )
    assert foggy < 0.05 * 255 < clear


def test_contrast_is_to_what_is_hidden() -> None:
    """A copy of a car right before it, as it is seen, hides nothing but itself."""
    alone = draw(FAR_CAR)
    doubled = draw(FAR_CAR, FAR_CAR)
    covered = doubled.canvas.ident == ACTOR_BASE + 1
    assert doubled.contrast[covered].mean() < 0.2 * alone.contrast[covered].mean()
