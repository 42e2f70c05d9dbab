"""Solid shapes of flat faces: boxes and vehicles, drawn from any side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.camera import NEAR_M, Points
from scene_clip_ros.sim.canvas import Canvas

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """A flat polygon of a mesh.

    Attributes:
        corners: ``(N, 3)`` metres in the body's frame: right, up, forward; foot at the origin.
        colour: RGB albedo in [0, 255]; ignored for lights.
        shade: Share of the light that its slope takes, about 0.6 to 1.
        light: ``tail`` or ``head`` for lamps, empty for plain surfaces.
        layer: Drawn after faces of a lower layer (windows over their panel).
    """

    corners: Points
    colour: Colour
    shade: float = 1.0
    light: str = ""
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Mesh:
    """Faces packed for drawing at once.

    Attributes:
        corners: ``(V, 3)`` metres, face after face.
        starts: ``(F + 1,)`` index of each face's first corner, and V.
        middles: ``(F, 3)`` metres.
        normals: ``(F, 3)``, any length, pointing outwards.
        colours: ``(F, 3)`` RGB albedo in [0, 255].
        shades: ``(F,)`` share of the light.
        layers: ``(F,)`` drawing order before depth.
        lights: Lamp kind of each face, or empty.
    """

    corners: Points
    starts: npt.NDArray[np.int64]
    middles: Points
    normals: Points
    colours: Points
    shades: Points
    layers: npt.NDArray[np.int64]
    lights: tuple[str, ...]


def pack(faces: Iterable[Face], inside: tuple[float, float, float]) -> Mesh:
    """Pack faces, each turned to show away from the point ``inside`` the body."""
    turned = [_outward(face, np.asarray(inside)) for face in faces]
    sizes = [len(face.corners) for face in turned]
    return Mesh(
        corners=np.concatenate([face.corners for face in turned]),
        starts=np.concatenate([[0], np.cumsum(sizes)]),
        middles=np.stack([face.corners.mean(axis=0) for face in turned]),
        normals=np.stack([_normal(face.corners) for face in turned]),
        colours=np.array([face.colour for face in turned]),
        shades=np.array([face.shade for face in turned]),
        layers=np.array([face.layer for face in turned]),
        lights=tuple(face.light for face in turned),
    )


def _outward(face: Face, inside: Points) -> Face:
    outwards = float(_normal(face.corners) @ (face.corners[0] - inside)) > 0
    return face if outwards else replace(face, corners=face.corners[::-1])


def _quad(*corners: tuple[float, float, float]) -> Points:
    return np.array(corners, np.float64)


@lru_cache(maxsize=256)
def box_mesh(
    width: float, height: float, length: float, colour: Colour, *, lift: float = 0.0
) -> Mesh:
    """Return a cuboid standing ``lift`` metres over the ground."""
    return pack(_box_faces(width, height, length, colour, lift), (0.0, lift + height / 2, 0.0))


def _box_faces(
    width: float, height: float, length: float, colour: Colour, lift: float
) -> tuple[Face, ...]:
    x, z, y0, y1 = width / 2, length / 2, lift, lift + height
    return (
        Face(_quad((-x, y0, -z), (-x, y1, -z), (x, y1, -z), (x, y0, -z)), colour, 0.82),
        Face(_quad((x, y0, z), (x, y1, z), (-x, y1, z), (-x, y0, z)), colour, 0.82),
        Face(_quad((-x, y0, z), (-x, y1, z), (-x, y1, -z), (-x, y0, -z)), colour, 0.68),
        Face(_quad((x, y0, -z), (x, y1, -z), (x, y1, z), (x, y0, z)), colour, 0.68),
        Face(_quad((-x, y1, -z), (-x, y1, z), (x, y1, z), (x, y1, -z)), colour, 1.0),
        Face(_quad((-x, y0, -z), (x, y0, -z), (x, y0, z), (-x, y0, z)), colour, 0.4),
    )


_CAR_PROFILES: dict[str, tuple[float, tuple[tuple[float, float, str], ...]]] = {
    "car": (
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
    "hatch": (
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
    "suv": (
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
    "van": (
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
    ),
    "bus": (
        2.5,
        (
            (-5.5, 0.4, ""),
            (-5.5, 1.5, "rear"),
            (-5.45, 3.0, "glass"),
            (5.4, 3.0, "roof"),
            (5.5, 1.2, "glass"),
            (5.5, 0.4, "front"),
        ),
    ),
}
_PAINT: Colour = (-1.0, -1.0, -1.0)
_GLASS: Colour = (38.0, 46.0, 56.0)
_RUBBER: Colour = (26.0, 26.0, 28.0)
_LAMP_OFF: Colour = (150.0, 24.0, 22.0)


@lru_cache(maxsize=512)
def vehicle_mesh(kind: str, colour: Colour) -> Mesh:
    """Return a vehicle heading forward.

    Args:
        kind: ``car``, ``hatch``, ``suv``, ``van``, ``bus`` or ``truck``.
        colour: RGB albedo of the paint.
    """
    body = _body_mesh(kind)
    painted = (body.colours < 0).any(axis=1)
    return replace(body, colours=np.where(painted[:, None], colour, body.colours))


@lru_cache
def _body_mesh(kind: str) -> Mesh:
    """Return a vehicle whose painted faces carry ``_PAINT``."""
    colour = _PAINT
    if kind == "truck":
        return _truck_mesh(colour)
    width, profile = _CAR_PROFILES[kind]
    half = width / 2
    faces: list[Face] = []
    tuck = 0.0 if kind in ("van", "bus") else 0.12
    belt = _belt_height(profile)
    inset = [half - (tuck if y > belt + 0.1 else 0) for _, y, _ in profile]
    for i in range(1, len(profile)):
        (z0, y0, _), (z1, y1, part) = profile[i - 1], profile[i]
        a, b = inset[i - 1], inset[i]
        corners = _quad((-a, y0, z0), (-b, y1, z1), (b, y1, z1), (a, y0, z0))
        slope = 0.75 + 0.25 * min(1.0, abs(z1 - z0) / (abs(y1 - y0) + abs(z1 - z0)))
        faces.append(Face(corners, _GLASS if part == "roofglass" else colour, slope))
        if part == "glass":
            faces.append(Face(_shrink(corners, 0.84), _GLASS, 0.9 * slope, layer=1))
    for side in (-1, 1):
        faces += _car_side(profile, inset, side, colour, belt)
    faces += _car_lamps(profile, half)
    faces += [
        Face(_wheel(side * (half + 0.01), z, 0.4), (22.0, 22.0, 24.0), 0.4, layer=1)
        for side in (-1, 1)
        for z in _axles(profile)
    ]
    faces += [
        Face(_wheel(side * (half + 0.02), z), _RUBBER, 0.8, layer=2)
        for side in (-1, 1)
        for z in _axles(profile)
    ]
    faces += [
        Face(_wheel(side * (half + 0.03), z, 0.19), (132.0, 134.0, 138.0), 0.8, layer=3)
        for side in (-1, 1)
        for z in _axles(profile)
    ]
    return pack(faces, (0.0, 0.75 * belt, 0.0))


def _belt_height(profile: tuple[tuple[float, float, str], ...]) -> float:
    return next(
        y for (_, y, _), after in zip(profile, profile[1:], strict=False) if after[2] == "glass"
    )


def _axles(profile: tuple[tuple[float, float, str], ...]) -> tuple[float, float]:
    return profile[0][0] * 0.62, profile[-1][0] * 0.64


def _wheel(x: float, z: float, radius: float = 0.33) -> Points:
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return np.stack(
        [np.full(12, x), 0.33 + radius * np.sin(turn), z + radius * np.cos(turn)], axis=1
    )


def _shrink(corners: Points, share: float) -> Points:
    middle = corners.mean(axis=0)
    return np.asarray(middle + (corners - middle) * share)


def _car_side(
    profile: tuple[tuple[float, float, str], ...],
    inset: list[float],
    side: int,
    colour: Colour,
    belt: float,
) -> list[Face]:
    body = [(side * w, min(y, belt + 0.05), z) for w, (z, y, _) in zip(inset, profile, strict=True)]
    low = [(side * max(inset), y, z) for _, y, z in body]
    cabin = [
        (side * w, y, z) for w, (z, y, _) in zip(inset, profile, strict=True) if y >= belt - 0.06
    ]
    lower = Face(np.array(low), colour, 0.7)
    upper = Face(np.array(cabin), colour, 0.74)
    top = Face(_shrink(np.array(cabin), 0.82) + (side * 0.005, 0.01, 0), _GLASS, 0.8, layer=1)
    return [lower, upper, top]


def _car_lamps(profile: tuple[tuple[float, float, str], ...], half: float) -> list[Face]:
    rear_z = min(z for z, _, _ in profile) - 0.02
    front_z = max(z for z, _, _ in profile) + 0.02
    rear_y = next(y for z, y, part in profile if part == "rear") - 0.2
    front_y = rear_y - 0.12
    faces = []
    for side in (-1, 1):
        x0, x1 = side * half * 0.6, side * half * 0.95
        a, b = min(x0, x1), max(x0, x1)
        tail = _quad(
            (a, rear_y - 0.1, rear_z),
            (a, rear_y + 0.1, rear_z),
            (b, rear_y + 0.1, rear_z),
            (b, rear_y - 0.1, rear_z),
        )
        head = _quad(
            (b, front_y - 0.1, front_z),
            (b, front_y + 0.08, front_z),
            (a, front_y + 0.08, front_z),
            (a, front_y - 0.1, front_z),
        )
        faces += [
            Face(tail, _LAMP_OFF, 1.0, "tail", layer=2),
            Face(head, (228.0, 230.0, 225.0), 1.0, "head", layer=2),
        ]
    plate = _quad(
        (-0.26, rear_y - 0.3, rear_z),
        (-0.26, rear_y - 0.16, rear_z),
        (0.26, rear_y - 0.16, rear_z),
        (0.26, rear_y - 0.3, rear_z),
    )
    bumper = _quad(
        (-half, 0.3, rear_z), (-half, 0.5, rear_z), (half, 0.5, rear_z), (half, 0.3, rear_z)
    )
    return [
        *faces,
        Face(plate, (222.0, 220.0, 205.0), 1.0, layer=3),
        Face(bumper, (52.0, 52.0, 55.0), 0.8, layer=1),
    ]


def _truck_mesh(colour: Colour) -> Mesh:
    cargo = [
        Face(f.corners + (0, 0, -1.2), (226.0, 226.0, 222.0), f.shade)
        for f in _box_faces(2.5, 2.7, 7.0, colour, 1.1)
    ]
    cab = [
        Face(f.corners + (0, 0, 3.6), colour, f.shade)
        for f in _box_faces(2.4, 2.2, 2.0, colour, 0.6)
    ]
    glass = Face(
        _quad((1.1, 1.7, 4.62), (1.1, 2.6, 4.62), (-1.1, 2.6, 4.62), (-1.1, 1.7, 4.62)),
        _GLASS,
        0.9,
        layer=1,
    )
    frame = [
        Face(f.corners, (48.0, 48.0, 50.0), f.shade) for f in _box_faces(2.2, 0.6, 9.0, colour, 0.5)
    ]
    rear = -4.72
    lamps = [
        Face(
            _quad(
                (x - 0.15, 0.85, rear),
                (x - 0.15, 1.05, rear),
                (x + 0.15, 1.05, rear),
                (x + 0.15, 0.85, rear),
            ),
            _LAMP_OFF,
            1.0,
            "tail",
            layer=2,
        )
        for x in (-1.0, 1.0)
    ]
    heads = [
        Face(
            _quad(
                (x + 0.15, 0.85, 4.64),
                (x + 0.15, 1.05, 4.64),
                (x - 0.15, 1.05, 4.64),
                (x - 0.15, 0.85, 4.64),
            ),
            (228.0, 230.0, 225.0),
            1.0,
            "head",
            layer=2,
        )
        for x in (-0.95, 0.95)
    ]
    wheels = [
        Face(_wheel(side * 1.2, z, 0.48) + (0, 0.14, 0), _RUBBER, 0.8, layer=2)
        for side in (-1, 1)
        for z in (-3.4, -2.3, 3.5)
    ]
    return pack((*frame, *cargo, *cab, glass, *lamps, *heads, *wheels), (0.0, 0.9, 0.0))


def draw_mesh(
    canvas: Canvas,
    mesh: Mesh,
    place: tuple[float, float],
    heading: float,
    ident: int,
    *,
    lit: bool = True,
) -> None:
    """Draw a mesh on the ground, back to front, lit as a whole by where it stands.

    Args:
        canvas: Where.
        mesh: What.
        place: Metres right of and ahead of the camera.
        heading: Radians from straight ahead, clockwise seen from above.
        ident: Written wherever it is drawn.
        lit: Whether its lamps are on when it is dark.
    """
    cos, sin = float(np.cos(heading)), float(np.sin(heading))
    turn = np.array(((cos, 0.0, -sin), (0.0, 1.0, 0.0), (sin, 0.0, cos)))
    shift = np.array((place[0], 0.0, place[1]))
    eye = np.array((0.0, canvas.camera.mount_m, 0.0))
    corners = mesh.corners @ turn + shift
    middles = mesh.middles @ turn + shift
    away = middles - eye
    shown = ((mesh.normals @ turn) * away).sum(axis=1) < 0
    shown &= np.maximum.reduceat(corners[:, 2], mesh.starts[:-1]) >= NEAR_M
    near_last = np.lexsort((-(away**2).sum(axis=1), mesh.layers))
    uv, colours = canvas.camera.project(corners), _face_colours(canvas, mesh, place)
    dark = lit and canvas.air.lamps > 0.2
    for i in near_last[shown[near_last]].tolist():
        outline = uv[mesh.starts[i] : mesh.starts[i + 1]]
        if dark and mesh.lights[i]:
            _draw_lamp(canvas, outline, float(middles[i, 2]), mesh.lights[i], ident)
        else:
            canvas.fill(outline, colours[i], ident)


def _face_colours(
    canvas: Canvas, mesh: Mesh, place: tuple[float, float]
) -> list[tuple[int, int, int]]:
    """Return the colour of each face for the lens, with light and haze taken at the mesh's place."""
    depth = max(place[1], NEAR_M)
    flat, full = (
        canvas.air.light_at(place[0], depth, 0.0),
        canvas.air.light_at(place[0], depth, 1.0),
    )
    light = flat + (full - flat) * mesh.shades[:, None]
    hazed = canvas.air.through_haze(mesh.colours * mesh.shades[:, None] * light, depth)
    return [tuple(colour) for colour in hazed.astype(int).tolist()]


def _normal(corners: Points) -> Points:
    return np.asarray(np.cross(corners[1] - corners[0], corners[2] - corners[0]))


def _draw_lamp(canvas: Canvas, uv: Points, depth: float, light: str, ident: int) -> None:
    core, halo = (
        ((255.0, 60.0, 45.0), (190.0, 18.0, 10.0))
        if light == "tail"
        else ((255.0, 250.0, 232.0), (225.0, 215.0, 185.0))
    )
    colour = canvas.air.through_haze(np.asarray(core), depth)
    canvas.fill(uv, (int(colour[0]), int(colour[1]), int(colour[2])), ident)
    size = canvas.camera.scale_at(depth) * (0.28 if light == "tail" else 0.5)
    canvas.shine(uv.mean(axis=0), size, [c * canvas.air.lamps for c in halo], depth)
