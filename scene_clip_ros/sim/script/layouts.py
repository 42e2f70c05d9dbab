"""Lays out stretches of road of every kind at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, as_colour
from scene_clip_ros.sim.script.road import ROADS, Band, Marking, Segment

WHITE: Colour = (225.0, 225.0, 220.0)
"""Road paint, RGB albedo."""

_YELLOW: Colour = (214.0, 160.0, 44.0)
_KERB: Colour = (150.0, 148.0, 142.0)
_VERGES: dict[str, tuple[Colour, Colour]] = {
    "dry grass": ((150, 126, 80), (200, 172, 118)),
    "green grass": ((58, 84, 36), (104, 130, 62)),
    "earth": ((112, 92, 66), (160, 138, 108)),
    "paved": ((130, 128, 122), (178, 174, 166)),
}
_MOTORWAY_LANE_M = 3.6
_CITY_LANE_M = 3.3


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where a stretch of road lies and what its layout is drawn from."""

    kind: str
    start: float
    end: float
    seed: int
    rng: np.random.Generator


def make_segment(kind: str, start: float, end: float, *, seed: int) -> Segment:
    """Lay out a stretch of road at random.

    Args:
        kind: One of ``ROADS``.
        start: First metre along the drive.
        end: Metre after the last.
        seed: Of the layout and of all that stands beside it.
    """
    rng = np.random.default_rng([seed, ROADS.index(kind)])
    return _LAYOUTS[kind](_Plan(kind, start, end, seed, rng))


def _motorway(plan: _Plan) -> Segment:
    """Lay out one carriageway of a highway, with the other beside it, or a tunnel's only one."""
    rng, lane, highway = plan.rng, _MOTORWAY_LANE_M, plan.kind == "highway"
    asphalt = _asphalt(rng)
    own = int(rng.integers(2, 7 if highway else 4))
    place = int(rng.integers(0, own))
    left, right = -(place + 0.5) * lane, (own - place - 0.5) * lane
    shoulders = rng.uniform((0.6, 1.0), (3.2, 4.5))
    if not highway:
        shoulders = rng.uniform((0.5, 0.5), (1.2, 1.5))
    soil = _verge(rng, ("dry grass", "green grass", "earth"))
    edge_l, edge_r = left - float(shoulders[0]), right + float(shoulders[1])
    bands = [Band(edge_l, edge_r, "asphalt", asphalt)]
    lanes = [((i - place) * lane, 1) for i in range(own)]
    if highway:
        median = rng.uniform(1.0, 9.0) if rng.random() < 0.6 else rng.uniform(20.0, 60.0)
        near = edge_l - median
        bands.insert(0, Band(near - own * lane - 3, near, "asphalt", asphalt))
        lanes += [(near - 1.5 - (i + 0.5) * lane, -1) for i in range(own)]
    return Segment(
        kind=plan.kind,
        start=plan.start,
        end=plan.end,
        seed=plan.seed,
        left=edge_l,
        right=edge_r,
        lanes=tuple(lanes),
        ground=soil,
        bands=tuple(bands),
        markings=_motorway_markings(left, right, own, rng),
    )


def _motorway_markings(
    left: float, right: float, lanes: int, rng: np.random.Generator
) -> tuple[Marking, ...]:
    dash = (3.0, 12.0) if rng.random() < 0.5 else (6.0, 18.0)
    between = [Marking(left + i * _MOTORWAY_LANE_M, 0.13, WHITE, dash) for i in range(1, lanes)]
    inner = Marking(left, 0.16, _YELLOW if rng.random() < 0.5 else WHITE)
    return (*between, inner, Marking(right, 0.16, WHITE))


def _street(plan: _Plan) -> Segment:
    """Lay out a street with oncoming traffic and pavements, in a city or a suburb."""
    rng, city = plan.rng, plan.kind == "city street"
    lane = _CITY_LANE_M if city else rng.uniform(2.9, 3.6)
    asphalt = _asphalt(rng)
    own = int(rng.integers(1, 3)) if city else 1
    place = int(rng.integers(0, own))
    centre = -(place + 0.5) * lane
    right = (own - place - 0.5) * lane + rng.uniform(2.2, 3.0)
    left = 2 * centre - right
    walk = rng.uniform(2.4, 5.0) if city else rng.uniform(1.2, 2.0)
    soil = _verge(rng, ("paved",) if city else ("green grass", "green grass", "dry grass"))
    pavement = as_colour(rng.uniform((138, 134, 126), (188, 184, 176)))
    strip = 0.0 if city else float(rng.uniform(0.0, 1.8))
    bands = (
        Band(left - strip - walk, left - strip, "pavement", pavement),
        Band(right + strip, right + strip + walk, "pavement", pavement),
        Band(left - 0.18, right + 0.18, "kerb", _KERB),
        Band(left, right, "asphalt", asphalt),
    )
    with_ego = [((i - place) * lane, 1) for i in range(own)]
    markings = _city_markings(centre, lane, own, rng) if city else _suburb_markings(centre, rng)
    return Segment(
        kind=plan.kind,
        start=plan.start,
        end=plan.end,
        seed=plan.seed,
        left=left,
        right=right,
        lanes=(*with_ego, *((2 * centre - across, -1) for across, _ in with_ego)),
        ground=soil,
        bands=bands,
        markings=markings,
        crosswalks=_crosswalks(plan, (55, 100) if city else (140, 260)),
    )


def _city_markings(
    centre: float, lane: float, lanes: int, rng: np.random.Generator
) -> tuple[Marking, ...]:
    colour = _YELLOW if rng.random() < 0.6 else WHITE
    double = (Marking(centre - 0.14, 0.12, colour), Marking(centre + 0.14, 0.12, colour))
    between = (
        Marking(centre + side * lane * i, 0.12, WHITE, (3.0, 9.0))
        for side in (-1, 1)
        for i in range(1, lanes)
    )
    return (*double, *between)


def _suburb_markings(centre: float, rng: np.random.Generator) -> tuple[Marking, ...]:
    if rng.random() >= 0.35:
        return ()
    return (Marking(centre, 0.11, _YELLOW if rng.random() < 0.5 else WHITE, (3.0, 9.0)),)


def _crosswalks(plan: _Plan, gap: tuple[float, float]) -> tuple[float, ...]:
    step = plan.rng.uniform(*gap)
    first = plan.start + plan.rng.uniform(0.2, 0.8) * step
    return tuple(float(at) for at in np.arange(first, plan.end - 10, step))


def _parking_lot(plan: _Plan) -> Segment:
    """Lay out an aisle between parking bays."""
    r, g, b = asphalt = _asphalt(plan.rng)
    half = plan.rng.uniform(2.9, 3.6)
    return Segment(
        kind=plan.kind,
        start=plan.start,
        end=plan.end,
        seed=plan.seed,
        left=-half,
        right=half,
        lanes=((0.0, 1),),
        ground=(r * 0.98, g * 0.98, b * 0.98),
        bands=(Band(-60, 60, "asphalt", asphalt),),
        bays=True,
    )


_LAYOUTS = {
    "highway": _motorway,
    "tunnel": _motorway,
    "city street": _street,
    "residential": _street,
    "parking lot": _parking_lot,
}


def _asphalt(rng: np.random.Generator) -> Colour:
    tone = rng.uniform(58, 112) if rng.random() < 0.75 else rng.uniform(120, 165)
    tint = (4, 2, -4) if tone > 115 else (0, 0, 2)
    return as_colour(tone + rng.uniform(-4, 4, 3) + tint)


def _verge(rng: np.random.Generator, names: tuple[str, ...]) -> Colour:
    return as_colour(rng.uniform(*_VERGES[str(rng.choice(names))]))
