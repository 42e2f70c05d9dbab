"""Shapes of vehicles: a side profile with a width, or boxes for a truck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Points
from scene_clip_ros.sim.render.meshes import Face, Lamp, Mesh, box_faces, pack, quad


@dataclass(frozen=True, slots=True)
class _Profile:
    """A vehicle seen from its left side.

    Attributes:
        width: Metres.
        outline: From the rear bumper over the roof to the front: metres forward, metres up, and
            what the panel that ends there is.
        tuck: Metres by which each side leans in above the belt line.
    """

    width: float
    outline: tuple[tuple[float, float, str], ...]
    tuck: float = 0.12

    @property
    def belt(self) -> float:
        """Height of the belt line, where the rear window begins, metres."""
        return next(y for (_, y, _), after in pairwise(self.outline) if after[2] == "glass")

    @property
    def insets(self) -> list[float]:
        """Half the width at each point of the outline, metres."""
        half, belt = self.width / 2, self.belt
        return [half - (self.tuck if y > belt + 0.1 else 0) for _, y, _ in self.outline]

    @property
    def axles(self) -> tuple[float, float]:
        """Metres forward of the rear and the front axle."""
        return self.outline[0][0] * 0.62, self.outline[-1][0] * 0.64


_PROFILES = {
    "car": _Profile(
        1.8,
        (
            (-2.2, 0.3, ""),
            (-2.25, 0.85, "rear"),
            (-1.75, 0.95, "boot"),
            (-1.15, 1.42, "glass"),
            (0.35, 1.45, "roof"),
            (1.05, 0.98, "glass"),
            (2.1, 0.78, "bonnet"),
            (2.2, 0.32, "front"),
        ),
    ),
    "hatch": _Profile(
        1.75,
        (
            (-1.9, 0.3, ""),
            (-1.98, 0.95, "rear"),
            (-1.6, 1.48, "glass"),
            (0.3, 1.5, "roof"),
            (1.0, 1.0, "glass"),
            (1.85, 0.8, "bonnet"),
            (1.95, 0.32, "front"),
        ),
    ),
    "suv": _Profile(
        1.95,
        (
            (-2.2, 0.38, ""),
            (-2.28, 1.05, "rear"),
            (-2.0, 1.72, "glass"),
            (0.5, 1.75, "roof"),
            (1.15, 1.15, "glass"),
            (2.15, 1.02, "bonnet"),
            (2.25, 0.4, "front"),
        ),
    ),
    "van": _Profile(
        2.0,
        (
            (-2.6, 0.35, ""),
            (-2.65, 1.1, "rear"),
            (-2.55, 2.2, "glass"),
            (1.5, 2.22, "roof"),
            (2.2, 1.25, "glass"),
            (2.6, 1.0, "bonnet"),
            (2.65, 0.38, "front"),
        ),
        tuck=0.0,
    ),
    "bus": _Profile(
        2.5,
        (
            (-5.5, 0.4, ""),
            (-5.5, 1.5, "rear"),
            (-5.45, 3.0, "glass"),
            (5.4, 3.0, "roof"),
            (5.5, 1.2, "glass"),
            (5.5, 0.4, "front"),
        ),
        tuck=0.0,
    ),
}
_PAINT: Colour = (-1.0, -1.0, -1.0)
"""Stands for the paint in meshes that vehicles of every colour share."""

_GLASS: Colour = (38.0, 46.0, 56.0)
_RUBBER: Colour = (26.0, 26.0, 28.0)
_WHEEL_LAYERS: tuple[tuple[float, Colour, float], ...] = (
    (0.4, (22.0, 22.0, 24.0), 0.4),
    (0.33, _RUBBER, 0.8),
    (0.19, (132.0, 134.0, 138.0), 0.8),
)
"""Wheel arch, tyre, rim: radius in metres, colour, shade."""

_LAMP_OFF: dict[Lamp, Colour] = {"tail": (150.0, 24.0, 22.0), "head": (228.0, 230.0, 225.0)}
_PLATE: Colour = (222.0, 220.0, 205.0)
_BUMPER: Colour = (52.0, 52.0, 55.0)
_CARGO: Colour = (226.0, 226.0, 222.0)
_FRAME: Colour = (48.0, 48.0, 50.0)


@lru_cache(maxsize=512)
def vehicle_mesh(shape: str, colour: Colour) -> Mesh:
    """Return a vehicle heading forward.

    Args:
        shape: ``car``, ``hatch``, ``suv``, ``van``, ``bus`` or ``truck``.
        colour: RGB albedo of the paint.
    """
    body = _body_mesh(shape)
    painted = (body.colours < 0).any(axis=1, keepdims=True)
    return replace(body, colours=np.where(painted, colour, body.colours))


@lru_cache
def _body_mesh(shape: str) -> Mesh:
    """Return a vehicle whose painted faces carry ``_PAINT``."""
    if shape == "truck":
        return pack(_truck_faces(), (0.0, 0.9, 0.0))
    profile = _PROFILES[shape]
    faces = (
        *_panels(profile),
        *_side(profile, -1),
        *_side(profile, 1),
        *_ends(profile),
        *_wheels(profile),
    )
    return pack(faces, (0.0, 0.75 * profile.belt, 0.0))


def _panels(profile: _Profile) -> Iterator[Face]:
    """Yield what is seen from above, ahead and behind: panels across, and their windows."""
    insets = profile.insets
    for i, ((z0, y0, _), (z1, y1, part)) in enumerate(pairwise(profile.outline)):
        a, b = insets[i], insets[i + 1]
        corners = quad((-a, y0, z0), (-b, y1, z1), (b, y1, z1), (a, y0, z0))
        slope = 0.75 + 0.25 * min(1.0, abs(z1 - z0) / (abs(y1 - y0) + abs(z1 - z0)))
        yield Face(corners, _PAINT, slope)
        if part == "glass":
            yield Face(_shrunk(corners, 0.84), _GLASS, 0.9 * slope, layer=1)


def _side(profile: _Profile, side: int) -> Iterator[Face]:
    """Yield the left (-1) or right (1) side: body, cabin, windows."""
    insets, belt = profile.insets, profile.belt
    x = side * max(insets)
    yield Face(quad(*((x, min(y, belt + 0.05), z) for z, y, _ in profile.outline)), _PAINT, 0.7)
    upper = [
        (side * inset, y, z)
        for inset, (z, y, _) in zip(insets, profile.outline, strict=True)
        if y >= belt - 0.06
    ]
    if upper[-1][1] > belt + 0.3:  # the front falls straight from the roof, as a bus's does
        upper.append((x, belt, max(z for z, _, _ in profile.outline)))
    cabin = quad(*upper)
    yield Face(cabin, _PAINT, 0.74)
    windows = _shrunk(cabin, 0.82) + (side * 0.005, 0.01, 0)
    yield Face(windows, _GLASS, 0.8, layer=1)


def _ends(profile: _Profile) -> Iterator[Face]:
    """Yield lamps, number plate and rear bumper."""
    half = profile.width / 2
    rear = min(z for z, _, _ in profile.outline) - 0.02
    front = max(z for z, _, _ in profile.outline) + 0.02
    tail_y = next(y for _, y, part in profile.outline if part == "rear") - 0.2
    head_y = tail_y - 0.12
    for side in (-1, 1):
        a, b = sorted((side * half * 0.6, side * half * 0.95))
        yield _lamp("tail", (a, b), (tail_y - 0.1, tail_y + 0.1), rear)
        yield _lamp("head", (b, a), (head_y - 0.1, head_y + 0.08), front)
    yield Face(_upright((-0.26, 0.26), (tail_y - 0.3, tail_y - 0.16), rear), _PLATE, 1.0, layer=3)
    yield Face(_upright((-half, half), (0.3, 0.5), rear), _BUMPER, 0.8, layer=1)


def _lamp(lamp: Lamp, x: tuple[float, float], y: tuple[float, float], z: float) -> Face:
    return Face(_upright(x, y, z), _LAMP_OFF[lamp], 1.0, lamp, layer=2)


def _upright(x: tuple[float, float], y: tuple[float, float], z: float) -> Points:
    """Return the corners of a rectangle that faces forward or back."""
    return quad((x[0], y[0], z), (x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z))


def _wheels(profile: _Profile) -> Iterator[Face]:
    for layer, (radius, colour, shade) in enumerate(_WHEEL_LAYERS, start=1):
        for side in (-1, 1):
            for z in profile.axles:
                x = side * (profile.width / 2 + 0.01 * layer)
                yield Face(_wheel(x, z, radius), colour, shade, layer=layer)


def _wheel(x: float, z: float, radius: float) -> Points:
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return np.stack(
        [np.full(12, x), 0.33 + radius * np.sin(turn), z + radius * np.cos(turn)], axis=1
    )


def _shrunk(corners: Points, share: float) -> Points:
    middle = corners.mean(axis=0)
    return np.asarray(middle + (corners - middle) * share)


def _truck_faces() -> Iterator[Face]:
    yield from _shifted(box_faces((2.2, 0.6, 9.0), _FRAME, lift=0.5), 0.0)
    yield from _shifted(box_faces((2.5, 2.7, 7.0), _CARGO, lift=1.1), -1.2)
    yield from _shifted(box_faces((2.4, 2.2, 2.0), _PAINT, lift=0.6), 3.6)
    yield Face(_upright((1.1, -1.1), (1.7, 2.6), 4.62), _GLASS, 0.9, layer=1)
    for x in (-1.0, 1.0):
        yield _lamp("tail", (x - 0.15, x + 0.15), (0.85, 1.05), -4.72)
    for x in (-0.95, 0.95):
        yield _lamp("head", (x + 0.15, x - 0.15), (0.85, 1.05), 4.64)
    for side in (-1, 1):
        for z in (-3.4, -2.3, 3.5):
            corners = _wheel(side * 1.2, z, 0.48) + (0, 0.14, 0)
            yield Face(corners, _RUBBER, 0.8, layer=2)


def _shifted(faces: tuple[Face, ...], forward: float) -> Iterator[Face]:
    return (replace(face, corners=face.corners + (0, 0, forward)) for face in faces)
