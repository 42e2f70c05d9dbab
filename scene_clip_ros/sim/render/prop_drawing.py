"""Draws everything that stands still, each by its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, as_colour
from scene_clip_ros.sim.render.buildings import draw_building, draw_house
from scene_clip_ros.sim.render.camera import NEAR_M, Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.meshes import box_mesh, draw_mesh
from scene_clip_ros.sim.render.poles import (
    draw_street_lamp,
    draw_traffic_light,
    draw_utility_pole,
)
from scene_clip_ros.sim.render.signs import draw_billboard, draw_gantry, draw_sign
from scene_clip_ros.sim.render.trees import tree_sprite
from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.props import BANK_FOOT_M, Prop
from scene_clip_ros.sim.semantics import SemanticClass


@dataclass(frozen=True, slots=True)
class _Solid:
    """A cuboid along the road; its length and, where ``None`` is, its height are the prop's.

    Attributes:
        thick: Metres across.
        colours: RGB albedos, chosen by variant.
        tall: Metres.
        lift: Metres over the ground.
    """

    thick: float
    colours: tuple[Colour, ...]
    tall: float | None = None
    lift: float = 0.0


_SOLIDS = {
    "rail": _Solid(0.12, ((166.0, 168.0, 170.0),), 0.32, 0.45),
    "concrete": _Solid(0.5, ((172.0, 168.0, 158.0),), 0.85),
    "sound wall": _Solid(0.4, ((158.0, 142.0, 122.0),)),
    "fence": _Solid(0.08, ((128.0, 98.0, 70.0), (214.0, 210.0, 202.0))),
}
_DECK: Colour = (150.0, 146.0, 138.0)
_DECK_WIDTH_M = 90.0
_DECK_THICK_M = 1.6
_FROST = 225
_SNOW = 228
_BANK_TOP_M = 60.0
_HARDLY_MPS = 0.2
"""So slow that a vehicle faces this way and its lamps stay off."""

PARKED_KINDS = ("parked", "parked across")
"""Props that are vehicles."""


def draw_prop(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a prop where it stands; vehicles are `parked_vehicle`s."""
    _DRAWERS[prop.kind](canvas, prop, spot)


def parked_vehicle(prop: Prop) -> Actor | None:
    """Return the vehicle that a prop is; ``None`` for all other props.

    Along a road it faces as its side of the road drives; in a bay, either way.
    """
    if prop.kind not in PARKED_KINDS:
        return None
    kind = "van" if prop.variant % 9 == 0 else "car"
    facing = {"speed": float(np.sign(prop.across)) * _HARDLY_MPS}
    if prop.kind == "parked across":
        facing = {"cross_speed": _HARDLY_MPS if prop.variant % 2 else -_HARDLY_MPS}
    return Actor(kind, prop.variant, prop.along, prop.across, **facing)


def _draw_tree(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    if spot.z < 2 * NEAR_M:
        return
    u, v = canvas.camera.project(spot.at()[None])[0].tolist()
    scale = canvas.camera.scale_at(spot.z)
    half, tall = prop.size[0] / 2 * scale, prop.size[1] * scale
    sprite = tree_sprite(prop.detail, prop.variant)
    if canvas.air.snow_cover > 0.3:
        sprite = sprite.copy()
        height = np.linspace(1, 0, sprite.shape[0], dtype=np.float32)[:, None, None]
        bright = np.clip(sprite[..., :3].mean(axis=2, keepdims=True) / 90, 0, 1)
        frost = np.float32(0.65 * canvas.air.snow_cover) * bright * (0.4 + 0.6 * height)
        sprite[..., :3] += (_FROST - sprite[..., :3]) * frost
    box = (u - half, v - tall, u + half, v)
    canvas.paste(sprite, box, spot.at(), ident=SemanticClass.VEGETATION)


def _draw_solid(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    solid, (length, height) = _SOLIDS[prop.kind], prop.size
    size = (solid.thick, height if solid.tall is None else solid.tall, length)
    colour = solid.colours[prop.variant % len(solid.colours)]
    mesh = box_mesh(size, colour, lift=solid.lift)
    draw_mesh(canvas, mesh, spot, ident=SemanticClass.STRUCTURE)


def _draw_bank(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a stretch of land that rises away from the road."""
    length, height = prop.size
    side = float(np.sign(prop.across))
    turn = float(np.sin(spot.heading)) * length / 2
    near, far = max(spot.z - length / 2, 2 * NEAR_M), spot.z + length / 2
    if far <= near:
        return
    rise = ((0.0, 0.0), (BANK_FOOT_M, height), (_BANK_TOP_M, height * 1.6))
    corners = [(spot.x + side * out - turn, up, near) for out, up in rise]
    corners += [(spot.x + side * out + turn, up, far) for out, up in reversed(rise)]
    soil = np.array(prop.colour) * (1 + 0.05 * np.sin(prop.along * 7.7))
    colour = soil + (_SNOW - soil) * 0.8 * canvas.air.snow_cover
    place = np.array((spot.x, 0.0, max(spot.z, NEAR_M)))
    seen = canvas.seen(as_colour(colour), place, 0.8)
    canvas.fill(canvas.camera.project(np.array(corners)), seen, SemanticClass.TERRAIN)


def _draw_overpass(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    length, height = prop.size
    deck = box_mesh((_DECK_WIDTH_M, _DECK_THICK_M, length), _DECK, lift=height)
    draw_mesh(canvas, deck, spot, ident=SemanticClass.STRUCTURE)


_DRAWERS: dict[str, Callable[[Canvas, Prop, Spot], None]] = {
    "tree": _draw_tree,
    "building": draw_building,
    "house": draw_house,
    "store": draw_building,
    "front store": draw_building,
    "lamp": draw_street_lamp,
    "pole": draw_utility_pole,
    "traffic light": draw_traffic_light,
    "sign": draw_sign,
    "gantry": draw_gantry,
    "billboard": draw_billboard,
    "bank": _draw_bank,
    "overpass": _draw_overpass,
    **dict.fromkeys(_SOLIDS, _draw_solid),
}
