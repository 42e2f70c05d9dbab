"""What stands still beside the road, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.script.road import Segment

TREE_KINDS = ("broadleaf", "conifer", "palm", "bush", "bare")

_SEEN_WITHIN_M = {
    "tree": 170.0,
    "bank": 150.0,
    "building": 190.0,
    "house": 150.0,
    "parked": 75.0,
    "parked across": 60.0,
}
_SEEN_WITHIN_OTHERWISE_M = 130.0
FARTHEST_SEEN_M = max(_SEEN_WITHIN_M.values())
"""No prop is worth drawing beyond, metres ahead."""

_TREE_ODDS = (0.45, 0.2, 0.08, 0.19, 0.08)
_STOREY_M = 3.2
_BAY_M = 2.6
_RAIL_M = 8.0
_FENCE_M = 4.0
_BANK_M = 10.0
BANK_FOOT_M = 9.0
"""Metres across from the foot of a bank to its shoulder."""

_MEDIAN_M = 24.0
"""An opposite carriageway farther off leaves room for trees between."""


@dataclass(frozen=True, slots=True)
class Prop:
    """One thing that stands still.

    Attributes:
        kind: What it is; see ``render.prop_drawing``.
        along: Metres along the drive.
        across: Metres right of the ego lane's middle.
        size: Metres: width (or length along the road), height; zeros where the kind says it.
        variant: Which individual.
        detail: Kind of tree or of sign, else empty.
        colour: RGB albedo of a bank, ``None`` for what has colours of its own.
    """

    kind: str
    along: float
    across: float
    size: tuple[float, float]
    variant: int = 0
    detail: str = ""
    colour: Colour | None = None

    @property
    def seen_within_m(self) -> float:
        """Metres ahead up to which it is worth drawing."""
        return _SEEN_WITHIN_M.get(self.kind, _SEEN_WITHIN_OTHERWISE_M)


def make_props(segment: Segment) -> list[Prop]:
    """Furnish a segment, at random by its seed.

    Returns:
        In order along the drive; none in a tunnel.
    """
    place = _PLACERS.get(segment.kind)
    if place is None:
        return []
    rng = np.random.default_rng([segment.seed, 23])
    return sorted(place(segment, rng), key=lambda prop: prop.along)


def _spots(segment: Segment, gap: tuple[float, float], rng: np.random.Generator) -> list[float]:
    """Draw places along a segment, each ``gap`` metres from the one before."""
    spots, at = [], segment.start + rng.uniform(0, gap[1])
    while at < segment.end:
        spots.append(float(at))
        at += rng.uniform(*gap)
    return spots


def _variant(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 1000))


def _tree_variant(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 6))


def _trees(
    segment: Segment,
    side: float,
    rng: np.random.Generator,
    *,
    gap: tuple[float, float],
    away: tuple[float, float],
) -> Iterator[Prop]:
    """Plant up to two kinds of trees on a side, ``away`` metres from the edge."""
    kinds = rng.choice(TREE_KINDS, 2, p=_TREE_ODDS)
    for at in _spots(segment, gap, rng):
        kind = str(rng.choice(kinds))
        height = rng.uniform(1.5, 3.5) if kind == "bush" else rng.uniform(5, 19)
        across = side * (segment.edge(side) + rng.uniform(*away))
        size = (height * 0.75, height)
        yield Prop("tree", at, across, size, _tree_variant(rng), kind)


def _highway(segment: Segment, rng: np.random.Generator) -> Iterator[Prop]:
    for side in (-1.0, 1.0):
        yield from _highway_side(segment, side, rng)
    yield from _barriers(segment, rng)
    right = segment.right
    if rng.random() < 0.4:
        for at in _spots(segment, (45, 60), rng):
            yield Prop("lamp", at, right + 1.5, (2.2, 10.0))
    for at in _spots(segment, (220, 600), rng):
        yield Prop("gantry", at, 0.0, (right - segment.left, 6.5), _variant(rng))
    for at in _spots(segment, (150, 400), rng):
        yield Prop("sign", at, right + 3, (3.5, 4.5), _variant(rng), "green")
    if rng.random() < 0.4:
        for at in _spots(segment, (40, 55), rng):
            yield Prop("pole", at, right + 9, (0.3, 9.0))
    for at in _spots(segment, (300, 900), rng):
        yield Prop("billboard", at, right + 9, (12.0, 11.0), _variant(rng))
    for at in _spots(segment, (350, 1200), rng):
        yield Prop("overpass", at, 0.0, (10.0, 6.0), _variant(rng))


def _highway_side(segment: Segment, side: float, rng: np.random.Generator) -> Iterator[Prop]:
    """Plant trees and hedges, and let the land rise, on one side."""
    median = side < 0 and any(
        way < 0 and across > segment.left - _MEDIAN_M for across, way in segment.lanes
    )
    density = rng.choice([5.0, 9.0, 20.0, 60.0])
    clear = 26.0 if median else rng.uniform(4.0, 9.0)
    gap = (0.4 * density, 1.6 * density)
    yield from _trees(segment, side, rng, gap=gap, away=(clear, clear + 26))
    if rng.random() < 0.5:
        beyond = 4.0 - min(across for across, _ in segment.lanes)
        yield from _hedge(segment, side, rng, edge=beyond if median else segment.edge(side))
    if rng.random() < 0.45 and not median:
        yield from _bank(segment, side, rng)


def _hedge(
    segment: Segment, side: float, rng: np.random.Generator, *, edge: float
) -> Iterator[Prop]:
    """Grow a dense row of shrubs or trees, a few metres from an edge."""
    away, height = edge + rng.uniform(2.5, 12.0), rng.uniform(2.0, 8.0)
    kind = str(rng.choice(["bush", "broadleaf", "conifer"], p=(0.45, 0.4, 0.15)))
    for at in _spots(segment, (0.35 * height, 0.9 * height), rng):
        tall = float(height * rng.uniform(0.7, 1.2))
        across = side * (away + rng.normal(0, 0.6))
        yield Prop("tree", at, across, (0.9 * tall, tall), _tree_variant(rng), kind)


def _bank(segment: Segment, side: float, rng: np.random.Generator) -> Iterator[Prop]:
    """Let the land rise beside the road, with a fence on top now and then."""
    across = side * (segment.edge(side) + rng.uniform(1.5, 4.0))
    height = float(rng.uniform(0.8, 4.5))
    for at in map(float, np.arange(segment.start, segment.end, _BANK_M)):
        yield Prop("bank", at, across, (_BANK_M, height), colour=segment.ground)
    if rng.random() < 0.4:
        for at in map(float, np.arange(segment.start, segment.end, _FENCE_M)):
            yield Prop("fence", at, across + side * BANK_FOOT_M, (_FENCE_M, height + 1.3))


def _barriers(segment: Segment, rng: np.random.Generator) -> Iterator[Prop]:
    """Line a highway with rails, concrete and sound walls, or leave it open."""
    right = str(rng.choice(["rail", "concrete", "none"], p=(0.4, 0.15, 0.45)))
    left = str(rng.choice(["rail", "concrete", "none"], p=(0.35, 0.4, 0.25)))
    wall = rng.random() < 0.2
    for at in map(float, np.arange(segment.start, segment.end, _RAIL_M)):
        if right != "none":
            yield Prop(right, at, segment.right + 0.6, (_RAIL_M, 0.8))
        elif rng.random() < 0.04:
            yield Prop("rail", at, segment.right + 0.6, (_RAIL_M, 0.8))
        if left != "none":
            yield Prop(left, at, segment.left - 0.5, (_RAIL_M, 0.9))
        if wall:
            yield Prop("sound wall", at, segment.right + 5, (_RAIL_M, 4.0), segment.seed % 50)


def _city(segment: Segment, rng: np.random.Generator) -> Iterator[Prop]:
    for side in (-1.0, 1.0):
        edge = segment.edge(side)
        yield from _buildings(segment, side, rng)
        for at in _spots(segment, (6, 17), rng):
            yield Prop("parked", at, side * (edge - 1.15), (0, 0), _variant(rng))
        for at in _spots(segment, (24, 34), rng):
            yield Prop("lamp", at, side * (edge + 0.7), (1.8, 7.5))
        if rng.random() < 0.55:
            across = side * (edge + 1.3)
            for at in _spots(segment, (10, 22), rng):
                yield Prop("tree", at, across, (4.0, 5.5), _tree_variant(rng), "broadleaf")
        for at in _spots(segment, (50, 110), rng):
            yield Prop("sign", at, side * (edge + 0.5), (0.7, 2.6), _variant(rng), "round")
    for start in segment.crosswalks:
        for side in (1.0, -1.0):
            across = side * (segment.edge(side) + 0.5)
            yield Prop("traffic light", start + 4.2, across, (0.35, 4.6), int(start))


def _buildings(segment: Segment, side: float, rng: np.random.Generator) -> Iterator[Prop]:
    """Close a side of a city street, with a gap here and there."""
    setback, at = rng.uniform(3, 6.5), segment.start - 10
    across = side * (segment.edge(side) + setback)
    while at < segment.end:
        length, storeys = rng.uniform(11, 30), int(rng.integers(2, 13))
        size = (length, _STOREY_M * storeys)
        yield Prop("building", at + length / 2, across, size, _variant(rng))
        at += length + (rng.uniform(5, 14) if rng.random() < 0.12 else 0)


def _residential(segment: Segment, rng: np.random.Generator) -> Iterator[Prop]:
    for side in (-1.0, 1.0):
        edge = segment.edge(side)
        for at in _spots(segment, (15, 24), rng):
            across = side * (edge + rng.uniform(8, 14))
            size = (rng.uniform(9, 13), rng.uniform(3.2, 6.2))
            yield Prop("house", at, across, size, _variant(rng))
        yield from _trees(segment, side, rng, gap=(7, 22), away=(3.2, 8.0))
        for at in _spots(segment, (14, 48), rng):
            yield Prop("parked", at, side * (edge - 1.1), (0, 0), _variant(rng))
        for at in _spots(segment, (30, 70), rng):
            yield Prop("parked", at, side * (edge + rng.uniform(4.5, 6)), (0, 0), _variant(rng))
        if rng.random() < 0.5:
            for at in map(float, np.arange(segment.start, segment.end, _FENCE_M)):
                if rng.random() < 0.6:
                    size = (_FENCE_M, 1.0)
                    yield Prop("fence", at, side * (edge + 3.1), size, _variant(rng))
    side = float(rng.choice((-1.0, 1.0)))
    for at in _spots(segment, (34, 46), rng):
        yield Prop("lamp", at, side * (segment.edge(side) + 0.8), (1.4, 6.5))
    for at in _spots(segment, (130, 260), rng):
        yield Prop("sign", at, segment.right + 0.7, (0.75, 2.5), detail="stop")


def _parking_lot(segment: Segment, rng: np.random.Generator) -> Iterator[Prop]:
    aisle, full = segment.right, rng.uniform(0.45, 0.95)
    bays = np.arange(np.ceil(segment.start / _BAY_M) * _BAY_M, segment.end, _BAY_M)
    for side in (-1.0, 1.0):
        for row in (aisle + 2.5, aisle + 7.5, 3 * aisle + 12.5, 3 * aisle + 17.5):
            for at in map(float, bays):
                if rng.random() < full:
                    yield Prop("parked across", at, side * row, (0, 0), _variant(rng))
        for at in _spots(segment, (26, 36), rng):
            yield Prop("lamp", at, side * (aisle + 5.2), (1.6, 8.0))
        if rng.random() < 0.6:
            for at in _spots(segment, (72, 90), rng):
                yield Prop("store", at, side * 46.0, (70.0, rng.uniform(5, 9)), _variant(rng))
        yield from _trees(segment, side, rng, gap=(18, 50), away=(24, 45))
    if rng.random() < 0.7:
        size = (90.0, rng.uniform(6, 10))
        yield Prop("front store", segment.end + 25, 0.0, size, _variant(rng))


_PLACERS: dict[str, Callable[[Segment, np.random.Generator], Iterator[Prop]]] = {
    "highway": _highway,
    "city street": _city,
    "residential": _residential,
    "parking lot": _parking_lot,
}
