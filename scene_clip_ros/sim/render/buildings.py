"""Draws buildings: textured walls, and roofs on houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Float, Points, as_colour
from scene_clip_ros.sim.render.camera import NEAR_M, Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.facades import TILE_M, VARIANTS, facade_texture
from scene_clip_ros.sim.script.props import Prop
from scene_clip_ros.sim.semantics import SemanticClass

Foot = tuple[float, float]
"""A corner on the ground: metres right of and ahead of the camera."""

_ROOF_RISE_M = 2.4
_HOUSE_DEEP_M = 9.0
_DEEP_M = 14.0
_NEAREST_M = 2 * NEAR_M
_SNOW: Colour = (228.0, 232.0, 240.0)
_ROOFS: tuple[Colour, ...] = ((122.0, 72.0, 54.0), (86.0, 84.0, 88.0), (104.0, 90.0, 74.0))


@dataclass(frozen=True, slots=True)
class _Block:
    """A building as it is drawn.

    Attributes:
        style: Of its walls, see ``facade_texture``.
        height: Up to the eaves, metres.
        variant: Which individual.
    """

    style: str
    height: float
    variant: int


def draw_building(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a ``building`` or ``store`` beside the road, or a ``front store`` across its end."""
    block = _Block(_style(prop), prop.size[1], prop.variant)
    if prop.kind == "front store":
        half = prop.size[0] / 2
        _draw_wall(canvas, block, (spot.x - half, spot.z), (spot.x + half, spot.z), facing=0.7)
        return
    start, end = _street_front(prop, spot)
    if start[1] > NEAR_M:
        a, b = _near_end(start, spot, _DEEP_M)
        _draw_wall(canvas, block, a, b, facing=0.5)
    _draw_wall(canvas, block, start, end, facing=0.85)


def draw_house(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a house with a pitched roof beside the road."""
    block = _Block("house", prop.size[1], prop.variant)
    start, end = _street_front(prop, spot)
    if start[1] > NEAR_M:
        a, b = _near_end(start, spot, _HOUSE_DEEP_M)
        _draw_wall(canvas, block, a, b, facing=0.5)
        _draw_gable(canvas, block, a, b)
    _draw_wall(canvas, block, start, end, facing=0.85)
    _draw_roof(canvas, block, (start, end), inward=_inward(spot, _HOUSE_DEEP_M / 2))


def _style(prop: Prop) -> str:
    return ("office", "flats")[prop.variant % 2] if prop.kind == "building" else "shop"


def _street_front(prop: Prop, spot: Spot) -> tuple[Foot, Foot]:
    """Return the near and the far corner of the wall along the road."""
    cos, sin = float(np.cos(spot.heading)), float(np.sin(spot.heading))
    length = prop.size[0]
    return (
        (spot.x - sin * length / 2, spot.z - cos * length / 2),
        (spot.x + sin * length / 2, spot.z + cos * length / 2),
    )


def _inward(spot: Spot, deep: float) -> Foot:
    """Return the way from the street front into the building, ``deep`` metres."""
    side = float(np.sign(spot.x)) or 1.0
    cos, sin = float(np.cos(spot.heading)), float(np.sin(spot.heading))
    return side * deep * cos, -side * deep * sin


def _near_end(start: Foot, spot: Spot, deep: float) -> tuple[Foot, Foot]:
    """Return the left and right corner of the wall that faces the camera."""
    x, z = _inward(spot, deep)
    back = (start[0] + x, start[1] + z)
    return (start, back) if x > 0 else (back, start)


def _draw_wall(canvas: Canvas, block: _Block, a: Foot, b: Foot, *, facing: float) -> None:
    """Draw a wall between two corners, as far as it is ahead of the camera."""
    if max(a[1], b[1]) < _NEAREST_M:
        return
    a, b = _clipped_near(a, b), _clipped_near(b, a)
    (ax, az), (bx, bz), height = a, b, block.height
    texture = _wall_texture(block, float(np.hypot(bx - ax, bz - az)))
    corners = np.array([(ax, height, az), (bx, height, bz), (bx, 0, bz), (ax, 0, az)])
    uv = canvas.camera.project(corners)
    if _signed_area(uv) < 0:
        uv = uv[[1, 0, 3, 2]]
    middle = np.array(((ax + bx) / 2, 0.0, (az + bz) / 2))
    canvas.wall(texture, uv, middle, facing=facing, ident=SemanticClass.BUILDING)


def _wall_texture(block: _Block, length: float) -> Float:
    """Return a wall's texture: storeys of windows, over shops in many town houses."""
    style, variant = block.style, block.variant
    across = max(1, round(length / TILE_M[0]))
    storeys = max(1, round(block.height / TILE_M[1]))
    storey = facade_texture(style, variant % VARIANTS)
    tiles = [_relit(storey, variant + k) for k in range(storeys)]
    if style in ("office", "flats") and variant % 3:
        tiles[-1] = facade_texture("shop", variant % VARIANTS)
    return np.tile(np.concatenate(tiles, axis=0), (1, across, 1))


def _relit(texture: Float, variant: int) -> Float:
    """Return a storey with its lights on or off."""
    if variant * 7919 % 5 < 3:
        return texture
    dark = texture.copy()
    dark[..., 3] = 0
    return dark


def _signed_area(uv: Points) -> float:
    """Return twice the area of ``(N, 2)`` pixels, positive if they go round clockwise as seen."""
    x, y = uv[:, 0], uv[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _clipped_near(a: Foot, b: Foot) -> Foot:
    """Move a corner along its wall until it is far enough ahead of the camera."""
    if a[1] >= _NEAREST_M:
        return a
    share = (_NEAREST_M - a[1]) / max(b[1] - a[1], 1e-6)
    return a[0] + (b[0] - a[0]) * share, _NEAREST_M


def _draw_roof(canvas: Canvas, block: _Block, wall: tuple[Foot, Foot], *, inward: Foot) -> None:
    """Draw the side of a roof that rises from a wall to the ridge, ``inward`` of it."""
    a, b = wall
    if max(a[1], b[1]) < _NEAREST_M:
        return
    (ax, az), (bx, bz) = _clipped_near(a, b), _clipped_near(b, a)
    eaves, ridge = block.height - 0.1, block.height + _ROOF_RISE_M
    corners = np.array(
        [
            (ax, eaves, az),
            (ax + inward[0], ridge, az + inward[1]),
            (bx + inward[0], ridge, bz + inward[1]),
            (bx, eaves, bz),
        ]
    )
    colour = _SNOW if canvas.air.snow_cover > 0.4 else _ROOFS[block.variant % 3]
    canvas.surface(corners, colour, SemanticClass.BUILDING, at=corners.mean(axis=0), facing=0.9)


def _draw_gable(canvas: Canvas, block: _Block, a: Foot, b: Foot) -> None:
    """Draw the triangle of wall under a roof's end."""
    (ax, az), (bx, bz) = a, b
    peak = ((ax + bx) / 2, block.height + _ROOF_RISE_M, (az + bz) / 2)
    corners = np.array([(ax, block.height, az), peak, (bx, block.height, bz)])
    colour = as_colour(facade_texture("house", block.variant % VARIANTS)[60, 2, :3])
    canvas.surface(corners, colour, SemanticClass.BUILDING, at=corners.mean(axis=0), facing=0.5)
