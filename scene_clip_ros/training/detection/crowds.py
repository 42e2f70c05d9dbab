"""Fills a drive with what is rare on ordinary ones, so that there is enough of it to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.casting import animal, debris, draw_look, person
from scene_clip_ros.sim.script.storyboard import Scenario

_ODDS = {
    "adult": 0.26,
    "child": 0.16,
    "baby": 0.13,
    "wheelchair user": 0.1,
    "stroller": 0.09,
    "cyclist": 0.1,
    "worker": 0.03,
    "animal": 0.07,
    "debris": 0.03,
    "traffic cone": 0.03,
}
_WALKING = frozenset(_ODDS) - {"worker", "animal", "debris", "traffic cone"}
_GAP_M = 3.6
_NEAREST_M = 3.0
_SEEN_M = 75.0
_BESIDE_M = 3.5
_WIDEST_M = 11.0
_PACE_MPS = (0.4, 1.6)
_CONE_M, _WORKER_M = 0.75, 1.8


def populate(scenario: Scenario, rng: np.random.Generator, *, seconds: float) -> Scenario:
    """Put people, animals and things all over the road and beside it.

    Args:
        scenario: Everybody who takes part in it stays.
        rng: Source of the variation.
        seconds: Length of the drive.
    """
    end = scenario.speed * seconds + _SEEN_M
    count = int(rng.poisson((end - _NEAREST_M) / _GAP_M))
    places = rng.uniform(_NEAREST_M, end, count)
    crowd = [actor for along in places for actor in _somebody(scenario, float(along), rng)]
    return replace(scenario, actors=scenario.actors + tuple(crowd))


def _somebody(scenario: Scenario, along: float, rng: np.random.Generator) -> Iterator[Actor]:
    segment = scenario.segment_at(along)
    left = max(segment.left - _BESIDE_M, -_WIDEST_M)
    right = min(segment.right + _BESIDE_M, _WIDEST_M)
    across = float(rng.uniform(left, right))
    kind = str(rng.choice(list(_ODDS), p=list(_ODDS.values())))
    if kind == "animal":
        yield replace(animal(rng, along), across=across)
    elif kind == "debris":
        yield from (replace(each, across=across + i) for i, each in enumerate(debris(rng, along)))
    elif kind == "traffic cone":
        yield Actor(kind, draw_look(rng), along, across, height=_CONE_M)
    elif kind == "worker":
        yield Actor(kind, draw_look(rng), along, across, height=_WORKER_M)
    else:
        yield _walker(kind, along, across, rng)


def _walker(kind: str, along: float, across: float, rng: np.random.Generator) -> Actor:
    """Cast someone who stands, walks along the road or crosses it."""
    pace = float(rng.uniform(*_PACE_MPS)) * float(rng.choice((-1.0, 1.0)))
    way = rng.random()
    if way < 0.25:
        return person(rng, along, across, kind=kind)
    if way < 0.5:
        return person(rng, along, across, kind=kind, speed=pace)
    far = across + np.sign(pace) * 2 * _WIDEST_M
    return replace(person(rng, along, across, kind=kind), cross_speed=pace, cross_to=float(far))
