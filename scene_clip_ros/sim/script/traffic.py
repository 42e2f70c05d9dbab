"""Fills roads: vehicles in the lanes, people on the pavements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.casting import draw_look, person
from scene_clip_ros.sim.script.road import Segment

_VEHICLE_ODDS = {"car": 0.76, "van": 0.09, "truck": 0.11, "bus": 0.04}
_VEHICLE_GAP_M = {"highway": 45.0, "tunnel": 55.0, "city street": 32.0, "residential": 120.0}
_BYSTANDER_GAP_M = {"city street": 9.0, "residential": 42.0, "parking lot": 40.0}
_MIN_GAP_M = 11.0
_CLEAR_AHEAD_M = 14.0
"""Nobody drives in the ego's own lane nearer than this at the start."""

_LEAST_BUSY = 0.05
_WALK_MPS = 1.3


def traffic(
    segments: Iterable[Segment],
    ego_speed: float,
    seconds: float,
    rng: np.random.Generator,
    *,
    busy: float,
) -> Iterator[Actor]:
    """Fill every lane, parking lots apart, so far that it stays full for the whole drive.

    Args:
        segments: The road.
        ego_speed: Metres per second; traffic ahead in the ego's lane keeps it.
        seconds: Length of the drive.
        rng: Source of the variation.
        busy: How dense; 1 is usual.
    """
    for segment in segments:
        if segment.bays:
            continue
        gap = _VEHICLE_GAP_M[segment.kind] / max(busy, _LEAST_BUSY)
        for across, direction in segment.lanes:
            own = abs(across) < 0.5 and direction > 0
            speed = ego_speed if own else direction * ego_speed * rng.uniform(0.82, 1.12)
            span = _span(segment, speed, ego_speed, seconds)
            for at in _queue(span, gap, rng):
                if not own or at > _CLEAR_AHEAD_M:
                    yield _vehicle(at, across, speed, rng)


def _span(segment: Segment, speed: float, ego_speed: float, seconds: float) -> tuple[float, float]:
    """Return where a lane's vehicles may be at time 0, metres along the drive."""
    drift, travel = (ego_speed - speed) * seconds, speed * seconds
    start, end = min(-20.0, drift - 60), max(segment.end, 0) + max(0.0, drift) + 120
    return (
        max(start, segment.start - max(0.0, travel) - 10),
        min(end, segment.end + max(0.0, -travel)),
    )


def _queue(span: tuple[float, float], gap: float, rng: np.random.Generator) -> Iterator[float]:
    """Draw places within a span, ``gap`` metres apart on average."""
    at = span[0] + rng.exponential(gap)
    while at < span[1]:
        yield float(at)
        at += max(_MIN_GAP_M, rng.exponential(gap))


def _vehicle(along: float, across: float, speed: float, rng: np.random.Generator) -> Actor:
    kind = str(rng.choice(list(_VEHICLE_ODDS), p=list(_VEHICLE_ODDS.values())))
    return Actor(kind, draw_look(rng), along, across + float(rng.normal(0, 0.12)), speed)


def bystanders(
    segments: Iterable[Segment], rng: np.random.Generator, *, busy: float
) -> Iterator[Actor]:
    """Put people on the pavements of streets, and a few beside parked cars.

    Args:
        segments: The road.
        rng: Source of the variation.
        busy: How many; 1 is usual.
    """
    for segment in segments:
        if segment.kind not in _BYSTANDER_GAP_M:
            continue
        gap = _BYSTANDER_GAP_M[segment.kind] / max(busy, _LEAST_BUSY)
        at = segment.start + rng.exponential(gap)
        while at < segment.end:
            side = float(rng.choice((-1.0, 1.0)))
            off = rng.uniform(1.0, 4.0) if segment.bays else rng.uniform(0.8, 2.6)
            speed = float(rng.choice((-_WALK_MPS, 0.0, _WALK_MPS), p=(0.4, 0.2, 0.4)))
            yield person(rng, float(at), side * (segment.edge(side) + off), speed=speed)
            at += rng.exponential(gap)
