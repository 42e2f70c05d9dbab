"""Kinds of road: what lies across them, and how they follow one another along a drive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROADS = ("highway", "city street", "residential", "tunnel", "parking lot")

WHITE = (225.0, 225.0, 220.0)
YELLOW = (214.0, 160.0, 44.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A strip along the road: from ``start`` to ``end`` metres right of the ego lane's middle."""

    start: float
    end: float
    material: str
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Marking:
    """A painted line along the road.

    Attributes:
        across: Middle, metres right of the ego lane's middle.
        width: Metres.
        colour: RGB albedo.
        dash: Painted and whole period in metres; ``None`` for a solid line.
    """

    across: float
    width: float
    colour: tuple[float, float, float]
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of road of one kind.

    Attributes:
        kind: One of ``ROADS``.
        start: First metre along the drive.
        end: Metre after the last.
        left: Left edge of the roadway, metres right of the ego lane's middle (negative).
        right: Right edge.
        lane_width: Metres.
        lanes: Middle of each lane and its direction, +1 with the ego, -1 towards it.
        bands: Strips, painted in order.
        markings: Lines.
        crosswalks: Where crosswalks begin, metres along the drive.
        bays: Whether parking bays are painted beside the lane.
        verge: ``dry grass``, ``green grass``, ``earth`` or ``paved``.
        seed: Of everything that stands beside it.
    """

    kind: str
    start: float
    end: float
    left: float
    right: float
    lane_width: float
    lanes: tuple[tuple[float, int], ...]
    bands: tuple[Band, ...]
    markings: tuple[Marking, ...]
    crosswalks: tuple[float, ...]
    bays: bool
    verge: str
    seed: int


def make_segment(kind: str, start: float, end: float, seed: int) -> Segment:
    """Lay out a stretch of road at random.

    Args:
        kind: One of ``ROADS``.
        start: First metre along the drive.
        end: Metre after the last.
        seed: Of the layout and of all that stands beside it.
    """
    rng = np.random.default_rng([seed, ROADS.index(kind)])
    if kind in ("highway", "tunnel"):
        return _motorway(kind, start, end, seed, rng)
    if kind == "parking lot":
        return _parking_lot(start, end, seed, rng)
    return _street(kind, start, end, seed, rng)


def _asphalt(rng: np.random.Generator) -> tuple[float, float, float]:
    tone = rng.uniform(58, 112) if rng.random() < 0.75 else rng.uniform(120, 165)
    r, g, b = tone + rng.uniform(-4, 4, 3) + ((4, 2, -4) if tone > 115 else (0, 0, 2))
    return float(r), float(g), float(b)


_VERGES = {
    "dry grass": ((150, 126, 80), (200, 172, 118)),
    "green grass": ((58, 84, 36), (104, 130, 62)),
    "earth": ((112, 92, 66), (160, 138, 108)),
    "paved": ((130, 128, 122), (178, 174, 166)),
}


def _verge(
    rng: np.random.Generator, names: tuple[str, ...]
) -> tuple[str, tuple[float, float, float]]:
    name = str(rng.choice(names))
    r, g, b = rng.uniform(*_VERGES[name])
    return name, (float(r), float(g), float(b))


def _motorway(kind: str, start: float, end: float, seed: int, rng: np.random.Generator) -> Segment:
    lane, asphalt = 3.6, _asphalt(rng)
    own = int(rng.integers(2, 5)) if kind == "highway" else int(rng.integers(2, 4))
    place = int(rng.integers(0, own))
    left, right = -(place + 0.5) * lane, (own - place - 0.5) * lane
    shoulder_l, shoulder_r = rng.uniform(0.6, 2.6), rng.uniform(1.5, 3.4)
    if kind == "tunnel":
        shoulder_l, shoulder_r = rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.5)
    verge, soil = _verge(rng, ("dry grass", "green grass", "earth"))
    edge_l, edge_r = left - shoulder_l, right + shoulder_r
    bands = [Band(-400, 400, "verge", soil), Band(edge_l, edge_r, "asphalt", asphalt)]
    lanes = [((i - place) * lane, 1) for i in range(own)]
    if kind == "highway":
        gap = rng.uniform(1.0, 9.0)
        far = edge_l - gap - own * lane - 3
        bands.insert(1, Band(far, edge_l - gap, "asphalt", asphalt))
        lanes += [(edge_l - gap - 1.5 - (i + 0.5) * lane, -1) for i in range(own)]
    dash = (3.0, 12.0) if rng.random() < 0.5 else (6.0, 18.0)
    markings = [Marking(left + i * lane, 0.13, WHITE, dash) for i in range(1, own)]
    markings.append(Marking(left, 0.16, YELLOW if rng.random() < 0.5 else WHITE))
    markings.append(Marking(right, 0.16, WHITE))
    return Segment(
        kind,
        start,
        end,
        edge_l,
        edge_r,
        lane,
        tuple(lanes),
        tuple(bands),
        tuple(markings),
        (),
        False,
        verge,
        seed,
    )


def _street(kind: str, start: float, end: float, seed: int, rng: np.random.Generator) -> Segment:
    city = kind == "city street"
    lane, asphalt = (3.3, _asphalt(rng)) if city else (rng.uniform(2.9, 3.6), _asphalt(rng))
    own = int(rng.integers(1, 3)) if city else 1
    place = int(rng.integers(0, own))
    centre = -(place + 0.5) * lane
    right = (own - place - 0.5) * lane + rng.uniform(2.2, 3.0)
    left = 2 * centre - right
    walk = rng.uniform(2.4, 5.0) if city else rng.uniform(1.2, 2.0)
    verge, soil = _verge(rng, ("paved",) if city else ("green grass", "green grass", "dry grass"))
    r, g, b = rng.uniform((138, 134, 126), (188, 184, 176))
    pavement = (float(r), float(g), float(b))
    kerb = (150.0, 148.0, 142.0)
    strip = 0.0 if city else float(rng.uniform(0.0, 1.8))
    bands = [
        Band(-400, 400, "verge", soil),
        Band(left - strip - walk, left - strip, "pavement", pavement),
        Band(right + strip, right + strip + walk, "pavement", pavement),
        Band(left - 0.18, right + 0.18, "kerb", kerb),
        Band(left, right, "asphalt", asphalt),
    ]
    markings: list[Marking] = []
    if city:
        colour = YELLOW if rng.random() < 0.6 else WHITE
        markings += [Marking(centre - 0.14, 0.12, colour), Marking(centre + 0.14, 0.12, colour)]
        for side in (-1, 1):
            markings += [
                Marking(centre + side * lane * i, 0.12, WHITE, (3.0, 9.0)) for i in range(1, own)
            ]
    elif rng.random() < 0.35:
        markings.append(Marking(centre, 0.11, YELLOW if rng.random() < 0.5 else WHITE, (3.0, 9.0)))
    lanes = [((i - place) * lane, 1) for i in range(own)]
    lanes += [(2 * centre - across, -1) for across, _ in lanes]
    step = rng.uniform(55, 100) if city else rng.uniform(140, 260)
    first = start + rng.uniform(0.2, 0.8) * step
    crosswalks = tuple(float(s) for s in np.arange(first, end - 10, step))
    return Segment(
        kind,
        start,
        end,
        left,
        right,
        lane,
        tuple(lanes),
        tuple(bands),
        tuple(markings),
        crosswalks,
        False,
        verge,
        seed,
    )


def _parking_lot(start: float, end: float, seed: int, rng: np.random.Generator) -> Segment:
    r, g, b = _asphalt(rng)
    half = rng.uniform(2.9, 3.6)
    bands = (
        Band(-400, 400, "verge", (r * 0.98, g * 0.98, b * 0.98)),
        Band(-60, 60, "asphalt", (r, g, b)),
    )
    return Segment(
        "parking lot",
        start,
        end,
        -half,
        half,
        half,
        ((0.0, 1),),
        bands,
        (),
        (),
        True,
        "paved",
        seed,
    )
