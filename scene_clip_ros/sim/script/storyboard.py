"""A whole drive in words: the road, the conditions, who takes part, what is scripted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.conditions import Conditions
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.road import Segment
from scene_clip_ros.sim.script.traffic import bystanders, traffic

CRUISE_MPS = {
    "highway": 27.0,
    "tunnel": 22.0,
    "city street": 10.0,
    "residential": 7.5,
    "parking lot": 3.0,
}
"""Usual speed of the ego by kind of road, metres per second."""

ROAD_BEHIND_M = 60.0
ROAD_AHEAD_M = 500.0
"""How far the road goes on before the drive's start and after its end."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something scripted: its name and when it begins, seconds from the start."""

    name: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole drive, before anything is drawn.

    Attributes:
        name: Of the scenario.
        conditions: In order of ``since_s``; the first at 0.
        segments: The road, without gaps, in order.
        speed: Of the ego, metres per second.
        actors: Everyone and everything that is not a prop.
        events: In order of time.
    """

    name: str
    conditions: tuple[Conditions, ...]
    segments: tuple[Segment, ...]
    speed: float
    actors: tuple[Actor, ...]
    events: tuple[Event, ...] = ()

    def segment_at(self, along: float) -> Segment:
        """Return the segment at metres along the drive; beyond the ends, the last."""
        return next((s for s in self.segments if s.start <= along < s.end), self.segments[-1])

    def conditions_at(self, seconds: float) -> int:
        """Return the index of the conditions that hold at a time."""
        return max(0, bisect_right([c.since_s for c in self.conditions], seconds) - 1)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a scenario's maker is given.

    Attributes:
        name: Of the scenario.
        seconds: Length of the drive, > 0.
        rng: Seeded source of everything that the maker leaves open.
    """

    name: str
    seconds: float
    rng: np.random.Generator


Maker = Callable[[Brief], Scenario]


def assemble(
    brief: Brief,
    road: str,
    conditions: tuple[Conditions, ...],
    *,
    busy: float = 1.0,
    speed: float | None = None,
    events: tuple[Event, ...] = (),
) -> Scenario:
    """Put traffic and bystanders on one kind of road.

    Args:
        brief: What the maker was given.
        road: One of ``ROADS``.
        conditions: In order of time.
        busy: How many take part; 1 is usual, 0 almost nobody.
        speed: Of the ego, metres per second; ``None``: about as fast as usual.
        events: In order of time.
    """
    rng = brief.rng
    pace = CRUISE_MPS[road] * rng.uniform(0.85, 1.15) if speed is None else speed
    end = pace * brief.seconds + ROAD_AHEAD_M
    segments = (make_segment(road, -ROAD_BEHIND_M, end, seed=draw_seed(rng)),)
    actors = [
        *traffic(segments, pace, brief.seconds, rng, busy=busy),
        *bystanders(segments, rng, busy=busy),
    ]
    return Scenario(brief.name, conditions, segments, pace, tuple(actors), events)


def draw_seed(rng: np.random.Generator) -> int:
    """Draw the seed of a segment."""
    return int(rng.integers(1 << 30))
