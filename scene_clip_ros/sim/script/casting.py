"""Casts people, animals and obstacles, alone or in little scenes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scene_clip_ros.sim.script.actors import ANIMALS, Actor
from scene_clip_ros.sim.script.road import Segment

_PEOPLE_ODDS = {
    "adult": 0.7,
    "child": 0.13,
    "stroller": 0.07,
    "wheelchair user": 0.05,
    "cyclist": 0.05,
}
_HEIGHT_M = {"child": (1.0, 1.35), "baby": (0.6, 0.78), "adult": (1.55, 1.92)}
_ANIMAL_LENGTH_M = {"dog": 0.95, "deer": 1.5, "cow": 2.1}
_CROSSING_MPS = {
    "adult": 1.5,
    "child": 2.1,
    "baby": 0.75,
    "wheelchair user": 1.3,
    "cyclist": 3.6,
    "stroller": 1.2,
}
_BABY_START_M = 2.6
_LANE_EDGE_M = 1.5
"""Whoever crosses is this far from the ego lane's middle when stepping into it."""


def draw_look(rng: np.random.Generator) -> int:
    """Draw which individual of its kind an actor is."""
    return int(rng.integers(1 << 20))


def person(
    rng: np.random.Generator,
    along: float,
    across: float,
    *,
    kind: str | None = None,
    speed: float = 0.0,
) -> Actor:
    """Cast someone.

    Args:
        rng: Source of the variation.
        along: Metres along the drive.
        across: Metres right of the ego lane's middle.
        kind: Of person; ``None``: anyone but a baby or a worker.
        speed: Walking pace along the drive, metres per second; cyclists go three times as fast.
    """
    kind = kind or str(rng.choice(list(_PEOPLE_ODDS), p=list(_PEOPLE_ODDS.values())))
    heights = {name: rng.uniform(*span) for name, span in _HEIGHT_M.items()}
    height = heights.get(kind, heights["adult"])
    pace = speed * (3.0 if kind == "cyclist" else 1.0)
    return Actor(kind, draw_look(rng), along, across, pace, height=float(height))


def animal(rng: np.random.Generator, along: float) -> Actor:
    """Cast an animal that stands on the ego's lane or beside it."""
    kind = str(rng.choice(ANIMALS))
    look, across = draw_look(rng), float(rng.uniform(-2.0, 2.0))
    return Actor(kind, look, along, across, height=_ANIMAL_LENGTH_M[kind])


def crossing(
    rng: np.random.Generator, segment: Segment, kind: str, *, along: float, at_s: float
) -> Actor:
    """Script someone who steps into the ego's lane at a time.

    Args:
        rng: Chooses the side and the individual.
        segment: The road there.
        kind: Of person.
        along: Metres along the drive.
        at_s: Seconds when they reach the lane; later if that is before they could.
    """
    pace = _CROSSING_MPS[kind]
    side = float(rng.choice((-1.0, 1.0)))
    edge = min(segment.edge(side), 4.6)
    start = _BABY_START_M if kind == "baby" else edge + 0.6
    return replace(
        person(rng, along, side * start, kind=kind),
        cross_speed=-side * pace,
        cross_from_s=max(0.0, at_s - (start - _LANE_EDGE_M) / pace),
        cross_to=-side * (edge + 2.5),
    )


def debris(rng: np.random.Generator, along: float) -> list[Actor]:
    """Scatter two lost things over the ego's lane."""
    return [
        Actor(
            "debris",
            draw_look(rng),
            along + i * 2.0,
            float(rng.uniform(-1.4, 1.4)),
            height=float(rng.uniform(0.35, 0.8)),
        )
        for i in range(2)
    ]


def road_works(rng: np.random.Generator, along: float, right: float) -> list[Actor]:
    """Close the right edge of the road: cones in a row, a barrier, a worker.

    Args:
        rng: Source of the variation.
        along: Where it begins, metres along the drive.
        right: The roadway's right edge, metres right of the ego lane's middle.
    """
    cones = [
        Actor(
            "traffic cone",
            int(rng.integers(1000)),
            along + 4.0 * i,
            right - 0.6 - 0.12 * i,
            height=0.75,
        )
        for i in range(9)
    ]
    barrier = Actor("barrier", 1, along + 37, right - 1.5, height=1.1)
    worker = Actor("worker", draw_look(rng), along + 30, right + 0.7, height=1.8)
    return [*cones, barrier, worker]


OBSTACLES = ("animal", "debris", "road works")


def obstacle(rng: np.random.Generator, segment: Segment, kind: str, *, along: float) -> list[Actor]:
    """Put one of ``OBSTACLES`` on the road, metres along the drive."""
    if kind == "road works":
        return road_works(rng, along, segment.right)
    if kind == "debris":
        return debris(rng, along)
    return [animal(rng, along)]
