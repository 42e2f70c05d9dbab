"""Traffic and bystanders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from scene_clip_ros.sim.script.actors import VEHICLES, Actor
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.traffic import bystanders, traffic

EGO_MPS = 20.0
SECONDS = 20.0


def drive_along(kind: str, *, seed: int = 1, busy: float = 1.0) -> list[Actor]:
    segments = [make_segment(kind, -60, 900, seed=seed)]
    rng = np.random.default_rng(seed)
    return list(traffic(segments, EGO_MPS, SECONDS, rng, busy=busy))


def walk_along(kind: str, *, seed: int = 1, busy: float = 1.0) -> list[Actor]:
    segments = [make_segment(kind, -60, 900, seed=seed)]
    return list(bystanders(segments, np.random.default_rng(seed), busy=busy))


@pytest.mark.parametrize("seed", range(4))
def test_vehicles_keep_to_their_lanes_and_directions(seed: int) -> None:
    lanes = make_segment("highway", -60, 900, seed=seed).lanes
    for actor in drive_along("highway", seed=seed):
        assert actor.kind in VEHICLES
        nearest, direction = min(lanes, key=lambda lane: abs(lane[0] - actor.across))
        assert abs(nearest - actor.across) < 1.0
        assert np.sign(actor.speed) == direction


@pytest.mark.parametrize("seed", range(4))
def test_the_way_ahead_of_the_ego_stays_clear(seed: int) -> None:
    leading = [actor for actor in drive_along("city street", seed=seed) if actor.leads_ego()]
    assert leading
    assert all(actor.along > 14 and actor.speed == EGO_MPS for actor in leading)


@pytest.mark.parametrize("fill", [drive_along, walk_along])
def test_busier_roads_are_fuller(fill: Callable[..., list[Actor]]) -> None:
    quiet, usual, rush = (len(fill("city street", busy=busy)) for busy in (0.1, 1.0, 3.0))
    assert quiet < usual < rush


def test_there_is_traffic_until_the_drive_ends() -> None:
    end = EGO_MPS * SECONDS
    for direction in (-1, 1):
        ahead = [
            actor.place(SECONDS)[0] - end
            for actor in drive_along("highway")
            if np.sign(actor.speed) == direction
        ]
        assert any(0 < depth < 160 for depth in ahead)


def test_nobody_drives_through_a_parking_lot() -> None:
    assert drive_along("parking lot") == []


@pytest.mark.parametrize("kind", ["highway", "tunnel"])
def test_nobody_walks_along_a_motorway(kind: str) -> None:
    assert walk_along(kind) == []


@pytest.mark.parametrize("kind", ["city street", "residential"])
def test_bystanders_keep_off_the_roadway(kind: str) -> None:
    segment = make_segment(kind, -60, 900, seed=1)
    people = walk_along(kind)
    assert people
    assert all(not segment.left <= actor.across <= segment.right for actor in people)
