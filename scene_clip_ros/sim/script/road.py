"""Stretches of road: what lies across them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scene_clip_ros.sim.arrays import Colour

ROADS = ("highway", "city street", "residential", "tunnel", "parking lot")

Material = Literal["asphalt", "pavement", "kerb", "verge"]


@dataclass(frozen=True, slots=True)
class Band:
    """A strip along the road.

    Attributes:
        start: Left edge, metres right of the ego lane's middle.
        end: Right edge.
        material: What it is made of.
        colour: RGB albedo.
    """

    start: float
    end: float
    material: Material
    colour: Colour


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
    colour: Colour
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of road of one kind.

    Attributes:
        kind: One of ``ROADS``.
        start: First metre along the drive.
        end: Metre after the last.
        seed: Of everything that stands beside it.
        left: Left edge of the roadway, metres right of the ego lane's middle (negative).
        right: Right edge.
        lanes: Middle of each lane and its direction, +1 with the ego, -1 towards it.
        ground: What lies under everything, RGB albedo.
        bands: Strips on it, painted in order.
        markings: Lines.
        crosswalks: Where crosswalks begin, metres along the drive.
        bays: Whether parking bays are painted beside the lane.
    """

    kind: str
    start: float
    end: float
    seed: int
    left: float
    right: float
    lanes: tuple[tuple[float, int], ...]
    ground: Colour
    bands: tuple[Band, ...]
    markings: tuple[Marking, ...] = ()
    crosswalks: tuple[float, ...] = ()
    bays: bool = False

    def edge(self, side: float) -> float:
        """Return metres from the ego lane's middle to the roadway's edge on a side, -1 or 1."""
        return self.right if side > 0 else -self.left
