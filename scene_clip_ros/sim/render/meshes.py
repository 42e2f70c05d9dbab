"""Solid shapes of flat faces, packed once and drawn from any side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.arrays import Colour, Pixel, Points, as_pixel
from scene_clip_ros.sim.render.camera import NEAR_M, Spot, clip_near
from scene_clip_ros.sim.render.canvas import Canvas

Lamp = Literal["tail", "head"]

_LAMP_CORE: dict[Lamp, Colour] = {"tail": (255.0, 60.0, 45.0), "head": (255.0, 250.0, 232.0)}
_LAMP_HALO: dict[Lamp, Colour] = {"tail": (190.0, 18.0, 10.0), "head": (225.0, 215.0, 185.0)}
_LAMP_GLOW_M: dict[Lamp, float] = {"tail": 0.28, "head": 0.5}


@dataclass(frozen=True, slots=True)
class Face:
    """A flat polygon of a mesh.

    Attributes:
        corners: ``(N, 3)`` metres in the body's frame: right, up, forward; foot at the origin.
        colour: RGB albedo in [0, 255].
        shade: Share of the light that its slope takes, about 0.6 to 1.
        lamp: Which lamp it is, if any: when it is dark, it shines.
        layer: Drawn after faces of a lower layer (windows over their panel).
    """

    corners: Points
    colour: Colour
    shade: float = 1.0
    lamp: Lamp | None = None
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
        lamps: Which lamp each face is, if any.
    """

    corners: Points
    starts: npt.NDArray[np.int64]
    middles: Points
    normals: Points
    colours: Points
    shades: Points
    layers: npt.NDArray[np.int64]
    lamps: tuple[Lamp | None, ...]


def pack(faces: Iterable[Face], inside: tuple[float, float, float]) -> Mesh:
    """Pack faces, each turned to show away from a point.

    Args:
        faces: At least one.
        inside: The point within the body, metres.
    """
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
        lamps=tuple(face.lamp for face in turned),
    )


def _outward(face: Face, inside: Points) -> Face:
    outwards = float(_normal(face.corners) @ (face.corners[0] - inside)) > 0
    return face if outwards else replace(face, corners=face.corners[::-1])


def _normal(corners: Points) -> Points:
    return np.asarray(np.cross(corners[1] - corners[0], corners[2] - corners[0]))


def quad(*corners: tuple[float, float, float]) -> Points:
    """Return ``(N, 3)`` metres of corners written out."""
    return np.array(corners, np.float64)


@lru_cache(maxsize=256)
def box_mesh(size: tuple[float, float, float], colour: Colour, *, lift: float = 0.0) -> Mesh:
    """Return a cuboid.

    Args:
        size: Width, height and length, metres.
        colour: RGB albedo in [0, 255].
        lift: Metres that it stands over the ground.
    """
    return pack(box_faces(size, colour, lift=lift), (0.0, lift + size[1] / 2, 0.0))


def box_faces(size: tuple[float, float, float], colour: Colour, *, lift: float) -> tuple[Face, ...]:
    """Return the six faces of a cuboid; see ``box_mesh``."""
    x, z, y0, y1 = size[0] / 2, size[2] / 2, lift, lift + size[1]
    return (
        Face(quad((-x, y0, -z), (-x, y1, -z), (x, y1, -z), (x, y0, -z)), colour, 0.82),
        Face(quad((x, y0, z), (x, y1, z), (-x, y1, z), (-x, y0, z)), colour, 0.82),
        Face(quad((-x, y0, z), (-x, y1, z), (-x, y1, -z), (-x, y0, -z)), colour, 0.68),
        Face(quad((x, y0, -z), (x, y1, -z), (x, y1, z), (x, y0, z)), colour, 0.68),
        Face(quad((-x, y1, -z), (-x, y1, z), (x, y1, z), (x, y1, -z)), colour, 1.0),
        Face(quad((-x, y0, -z), (x, y0, -z), (x, y0, z), (-x, y0, z)), colour, 0.4),
    )


def draw_mesh(canvas: Canvas, mesh: Mesh, spot: Spot, *, ident: int, lit: bool = True) -> None:
    """Draw a mesh on the ground, back to front, lit as a whole by where it stands.

    Args:
        canvas: Where.
        mesh: What.
        spot: Where it stands, and where its front points, clockwise from straight ahead.
        ident: Written wherever it is drawn.
        lit: Whether its lamps are on when it is dark.
    """
    cos, sin = float(np.cos(spot.heading)), float(np.sin(spot.heading))
    turn = np.array(((cos, 0.0, -sin), (0.0, 1.0, 0.0), (sin, 0.0, cos)))
    corners = mesh.corners @ turn + spot.at()
    middles = mesh.middles @ turn + spot.at()
    away = middles - (0.0, canvas.camera.mount_m, 0.0)
    shown = ((mesh.normals @ turn) * away).sum(axis=1) < 0
    shown &= np.maximum.reduceat(corners[:, 2], mesh.starts[:-1]) >= NEAR_M
    near_last = np.lexsort((-(away**2).sum(axis=1), mesh.layers))
    uv, colours = canvas.camera.project(corners), _face_colours(canvas, mesh, spot)
    dark = lit and canvas.air.lamps > 0.2
    for i in near_last[shown[near_last]].tolist():
        part, lamp = slice(mesh.starts[i], mesh.starts[i + 1]), mesh.lamps[i]
        outline = uv[part]
        if corners[part, 2].min() < NEAR_M:
            outline = canvas.camera.project(clip_near(corners[part]))
        if dark and lamp is not None:
            _draw_lamp(canvas, outline, lamp, depth_m=float(middles[i, 2]), ident=ident)
        else:
            canvas.fill(outline, colours[i], ident)


def _face_colours(canvas: Canvas, mesh: Mesh, spot: Spot) -> list[Pixel]:
    """Return each face's colour for the lens; light and haze are those of the mesh's place."""
    depth = max(spot.z, NEAR_M)
    flat, full = (canvas.air.light_at(spot.x, depth, facing) for facing in (0.0, 1.0))
    light = flat + (full - flat) * mesh.shades[:, None]
    hazed = canvas.air.through_haze(mesh.colours * mesh.shades[:, None] * light, depth)
    return [as_pixel(colour) for colour in hazed.tolist()]


def _draw_lamp(canvas: Canvas, uv: Points, lamp: Lamp, *, depth_m: float, ident: int) -> None:
    core = canvas.air.through_haze(np.asarray(_LAMP_CORE[lamp]), depth_m)
    canvas.fill(uv, as_pixel(core), ident)
    r, g, b = (c * canvas.air.lamps for c in _LAMP_HALO[lamp])
    radius = canvas.camera.scale_at(depth_m) * _LAMP_GLOW_M[lamp]
    canvas.shine(uv.mean(axis=0), (r, g, b), radius_px=radius, depth_m=depth_m)
