"""Makers of mixed scenarios: a tour through everything, and anything at random."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.casting import crossing, obstacle
from scene_clip_ros.sim.script.conditions import Conditions, draw_conditions
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.road import ROADS, Segment
from scene_clip_ros.sim.script.storyboard import (
    ROAD_AHEAD_M,
    ROAD_BEHIND_M,
    Brief,
    Event,
    Scenario,
    assemble,
    draw_seed,
)
from scene_clip_ros.sim.script.traffic import bystanders, traffic

_TOUR_MPS = 14.0
_TOUR_ROADS = (
    ("highway", 0.0),
    ("tunnel", 0.24),
    ("city street", 0.36),
    ("residential", 0.58),
    ("highway", 0.82),
)
"""Kinds of road, and the share of the tour after which each begins."""

_TOUR_CONDITIONS = (
    Conditions(0.0, "clear", "day", "dry"),
    Conditions(0.14, "overcast", "day", "dry"),
    Conditions(0.44, "rain", "day", "wet"),
    Conditions(0.62, "rain", "dusk", "wet"),
    Conditions(0.72, "snow", "dusk", "snowy"),
    Conditions(0.88, "clear", "night", "dry"),
)
"""Conditions since a share of the tour."""

_TOUR_CROSSINGS = (("adult", 0.5), ("child", 0.68))
_TOUR_CROSSING_AHEAD_M = 26.0
_TOUR_CLEAR_M = 40.0

_ROAD_ODDS = (0.26, 0.24, 0.2, 0.14, 0.16)
_PEOPLE = ("adult", "child", "baby", "wheelchair user", "stroller", "cyclist")


def demo_tour(brief: Brief) -> Scenario:
    """Make a tour past most kinds of road, weather and light, with two people crossing."""
    rng, seconds, speed = brief.rng, brief.seconds, _TOUR_MPS
    segments = _tour_road(brief)
    conditions = tuple(replace(c, since_s=c.since_s * seconds) for c in _TOUR_CONDITIONS)
    others = [
        *traffic(segments, speed, seconds, rng, busy=0.8),
        *bystanders(segments, rng, busy=0.8),
    ]
    actors = [a for a in others if not (a.leads_ego() and a.along < _TOUR_CLEAR_M)]
    base = Scenario(brief.name, conditions, segments, speed, tuple(actors))
    people = []
    for kind, share in _TOUR_CROSSINGS:
        at_s = share * seconds
        along = speed * at_s + _TOUR_CROSSING_AHEAD_M
        people.append(crossing(rng, base.segment_at(along), kind, along=along, at_s=at_s))
    events = [
        *(
            Event(f"weather turns to {c.weather} at {c.time_of_day}", c.since_s)
            for c in conditions[1:]
        ),
        *(Event(f"{who.kind} steps out", who.cross_from_s) for who in people),
    ]
    events.sort(key=lambda event: event.at_s)
    return replace(base, actors=(*base.actors, *people), events=tuple(events))


def _tour_road(brief: Brief) -> tuple[Segment, ...]:
    length = _TOUR_MPS * brief.seconds
    cuts = (_TOUR_MPS * (share * brief.seconds) for _, share in _TOUR_ROADS[1:])
    edges = (-ROAD_BEHIND_M, *cuts, length + ROAD_AHEAD_M)
    return tuple(
        make_segment(kind, start, end, seed=draw_seed(brief.rng))
        for (kind, _), (start, end) in zip(_TOUR_ROADS, pairwise(edges), strict=True)
    )


def anything(brief: Brief) -> Scenario:
    """Make a drive on any road in any conditions, with up to three scenes close ahead."""
    rng = brief.rng
    road = str(rng.choice(ROADS, p=_ROAD_ODDS))
    conditions = (draw_conditions(rng),)
    busy = float(rng.uniform(0.15, 3.0 if road == "highway" else 1.6))
    base = assemble(brief, road, conditions, busy=busy)
    actors = list(base.actors)
    for _ in range(int(rng.integers(0, 4))):
        actors += _scene(base.segments[0], float(rng.uniform(8, 45)), rng)
    return replace(base, actors=tuple(actors))


def _scene(segment: Segment, along: float, rng: np.random.Generator) -> list[Actor]:
    """Put someone who crosses, an animal, debris or road works on the road."""
    roll = rng.random()
    if roll < 0.42:
        who = crossing(rng, segment, str(rng.choice(_PEOPLE)), along=along, at_s=0.0)
        return [replace(who, across=float(rng.uniform(-1.8, 1.8)), cross_from_s=0.0)]
    kind = "animal" if roll < 0.62 else "debris" if roll < 0.8 else "road works"
    return obstacle(rng, segment, kind, along=along)
