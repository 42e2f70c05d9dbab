"""Makers of scenarios on one kind of road: plain drives, crossings, obstacles, turning weather."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scene_clip_ros.sim.script.casting import crossing, obstacle, person
from scene_clip_ros.sim.script.conditions import WEATHERS, draw_conditions
from scene_clip_ros.sim.script.storyboard import (
    CRUISE_MPS,
    Brief,
    Event,
    Maker,
    Scenario,
    assemble,
)

CROSSING_AHEAD_M = 24.0
"""How far ahead of the ego somebody steps into its lane."""

_WALKER_GAP_M = 45.0
_OBSTACLE_GAP_M = 110.0
_OBSTACLE_SEEN_M = 60.0
_MIN_WEATHER_S = 4.0


def plain(
    road: str, *, weather: str | None = None, time_of_day: str | None = None, busy: float = 1.0
) -> Maker:
    """Return a maker of drives on one kind of road in unchanging conditions.

    Args:
        road: One of ``ROADS``.
        weather: One of ``WEATHERS``; ``None``: any.
        time_of_day: One of ``TIMES_OF_DAY``; ``None``: any.
        busy: How many take part; 1 is usual.
    """

    def make(brief: Brief) -> Scenario:
        conditions = draw_conditions(brief.rng, weather=weather, time_of_day=time_of_day)
        return assemble(brief, road, (conditions,), busy=busy)

    return make


def crossings(kind: str) -> Maker:
    """Return a maker of drives on which people of a kind cross, every nine seconds."""

    def make(brief: Brief) -> Scenario:
        rng = brief.rng
        road = str(rng.choice(["city street", "residential"]))
        speed = float(rng.uniform(5.5, 8.5))
        weather = str(rng.choice(["clear", "overcast"]))
        time_of_day = str(rng.choice(["day", "day", "dusk"]))
        conditions = draw_conditions(rng, weather=weather, time_of_day=time_of_day)
        base = assemble(brief, road, (conditions,), busy=0.6, speed=speed)
        first, last = min(4.0, brief.seconds * 0.4), max(brief.seconds - 2, 1.0)
        people = tuple(
            crossing(rng, base.segments[0], kind, along=speed * at_s + CROSSING_AHEAD_M, at_s=at_s)
            for at_s in map(float, np.arange(first, last, 9.0))
        )
        events = tuple(Event(f"{kind} steps out", who.cross_from_s) for who in people)
        others = tuple(actor for actor in base.actors if not actor.leads_ego())
        return replace(base, actors=others + people, events=events)

    return make


def weather_turns(brief: Brief) -> Scenario:
    """Make a drive through up to four weathers."""
    rng = brief.rng
    order = [str(weather) for weather in rng.permutation(WEATHERS)]
    time_of_day = str(rng.choice(["day", "day", "dusk", "night"]))
    step = max(_MIN_WEATHER_S, brief.seconds / 4)
    conditions = tuple(
        draw_conditions(rng, since_s=i * step, weather=weather, time_of_day=time_of_day)
        for i, weather in enumerate(order[:4])
        if i * step < brief.seconds
    )
    events = tuple(Event(f"weather turns to {c.weather}", c.since_s) for c in conditions[1:])
    road = str(rng.choice(["highway", "city street", "residential"]))
    return assemble(brief, road, conditions, events=events)


def walker_beside_road(brief: Brief) -> Scenario:
    """Make a drive past people who walk beside the road and stay there."""
    rng = brief.rng
    speed = float(rng.uniform(7, 10))
    base = assemble(brief, "residential", (draw_conditions(rng),), busy=0.4, speed=speed)
    right = base.segments[0].right
    walkers = tuple(
        person(rng, 25.0 + _WALKER_GAP_M * i, right + rng.uniform(0.4, 1.6), speed=1.2)
        for i in range(int(speed * brief.seconds / _WALKER_GAP_M) + 1)
    )
    events = (Event("someone walks beside the road", 0.0),)
    return replace(base, actors=base.actors + walkers, events=events)


def obstacles(kind: str) -> Maker:
    """Return a maker of drives past one of ``casting.OBSTACLES`` every 110 m."""

    def make(brief: Brief) -> Scenario:
        rng = brief.rng
        road = str(rng.choice(["highway", "residential", "city street"]))
        speed = CRUISE_MPS[road] * float(rng.uniform(0.6, 0.8))
        base = assemble(brief, road, (draw_conditions(rng),), busy=0.5, speed=speed)
        actors = [actor for actor in base.actors if not actor.leads_ego()]
        events = []
        for along in map(float, np.arange(25.0, speed * brief.seconds + 60, _OBSTACLE_GAP_M)):
            actors += obstacle(rng, base.segments[0], kind, along=along)
            at_s = max(0.0, (along - _OBSTACLE_SEEN_M) / speed)
            events.append(Event(f"{kind} ahead", at_s))
        return replace(base, actors=tuple(actors), events=tuple(events))

    return make
