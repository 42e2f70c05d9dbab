"""Draws everyone and everything that moves, each by its kind."""

from __future__ import annotations

from functools import partial
from typing import Protocol

import numpy as np

from scene_clip_ros.sim.render.animals import draw_animal
from scene_clip_ros.sim.render.camera import Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.figure import Outfit, Pose
from scene_clip_ros.sim.render.meshes import draw_mesh
from scene_clip_ros.sim.render.obstacles import draw_barrier, draw_cone, draw_debris
from scene_clip_ros.sim.render.people import draw_baby, draw_walker
from scene_clip_ros.sim.render.riders import draw_cyclist, draw_stroller, draw_wheelchair_user
from scene_clip_ros.sim.render.vehicles import vehicle_mesh
from scene_clip_ros.sim.render.wardrobe import outfit_of, paint_of
from scene_clip_ros.sim.script.actors import ANIMALS, VEHICLES, Actor

_NEAREST_FIGURE_M = 1.2
_STANDING_PHASE = 0.6
_STEPS_PER_S = {"child": 2.4}
_STEPS_PER_S_OTHERWISE = 1.9

_CAR_SHAPES = ("car", "hatch", "suv")
_HALF_LENGTH_M = {"truck": 4.8, "bus": 5.6}
_HALF_LENGTH_OTHERWISE_M = 2.2
_HALF_WIDTH_M = 1.05
_DRIVING_MPS = 1.0
_SHADOW = 0.42


class _FigureDrawer(Protocol):
    def __call__(self, canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None: ...


class _ThingDrawer(Protocol):
    def __call__(self, canvas: Canvas, pose: Pose, *, ident: int) -> None: ...


_FIGURES: dict[str, _FigureDrawer] = {
    "adult": draw_walker,
    "child": partial(draw_walker, child=True),
    "worker": partial(draw_walker, vest=True),
    "baby": draw_baby,
    "wheelchair user": draw_wheelchair_user,
    "cyclist": draw_cyclist,
    "stroller": draw_stroller,
    "debris": draw_debris,
    **{kind: partial(draw_animal, kind=kind) for kind in ANIMALS},
}
_UNIFORM_THINGS: dict[str, _ThingDrawer] = {
    "traffic cone": draw_cone,
    "barrier": draw_barrier,
}


def draw_actor(canvas: Canvas, actor: Actor, spot: Spot, *, seconds: float, ident: int) -> None:
    """Draw an actor.

    Args:
        canvas: Where.
        actor: Who.
        spot: Where it is.
        seconds: Time of the drive, for the gait.
        ident: Written wherever it is drawn.
    """
    if actor.kind in VEHICLES:
        _draw_vehicle(canvas, actor, spot, ident=ident)
        return
    if spot.z < _NEAREST_FIGURE_M:
        return
    pose = Pose(spot, actor.height, _phase(actor, seconds), _side(actor))
    if actor.kind in _UNIFORM_THINGS:
        _UNIFORM_THINGS[actor.kind](canvas, pose, ident=ident)
    else:
        _FIGURES[actor.kind](canvas, pose, outfit_of(actor), ident=ident)


def _side(actor: Actor) -> int:
    """Return which way it faces; animals are always seen from the side."""
    if actor.cross_speed:
        return int(np.sign(actor.cross_speed))
    if actor.kind in ANIMALS:
        return 1 if actor.look % 2 else -1
    return 0


def _phase(actor: Actor, seconds: float) -> float:
    """Return how far it is in its gait, radians; two steps are a turn."""
    if not actor.moving(seconds):
        return _STANDING_PHASE
    pace = _STEPS_PER_S.get(actor.kind, _STEPS_PER_S_OTHERWISE)
    return 2 * np.pi * pace * seconds / 2 + actor.look


def _draw_vehicle(canvas: Canvas, actor: Actor, spot: Spot, *, ident: int) -> None:
    rng = np.random.default_rng([actor.look, 3])
    paint = paint_of(actor, rng)
    shape = str(rng.choice(_CAR_SHAPES)) if actor.kind == "car" else actor.kind
    turn = np.pi if actor.speed < 0 else 0.0
    if actor.cross_speed:
        turn = float(np.sign(actor.cross_speed)) * np.pi / 2
    _draw_vehicle_shadow(canvas, spot, _HALF_LENGTH_M.get(shape, _HALF_LENGTH_OTHERWISE_M))
    front = Spot(spot.x, spot.z, spot.heading + turn)
    lit = abs(actor.speed) > _DRIVING_MPS
    draw_mesh(canvas, vehicle_mesh(shape, paint), front, ident=ident, lit=lit)


def _draw_vehicle_shadow(canvas: Canvas, spot: Spot, half_length: float) -> None:
    """Darken the ground under a vehicle that stands along the road, and beside it in the sun."""
    x, z = spot.x, spot.z
    if z - half_length < 0.8:
        return
    lean = 0.5 * canvas.air.sun_side if canvas.air.sun.mean() > 0.15 else 0.0
    turn = np.sin(spot.heading) * half_length
    corners = np.array(
        [
            (x - _HALF_WIDTH_M - turn, 0, z - half_length),
            (x - _HALF_WIDTH_M + turn, 0, z + half_length),
            (x + _HALF_WIDTH_M + turn - 2 * lean, 0, z + half_length),
            (x + _HALF_WIDTH_M - turn - 2 * lean, 0, z - half_length),
        ]
    )
    uv = canvas.camera.project(corners)
    middle = uv.mean(axis=0)
    canvas.fill(uv, canvas.shaded(middle, _SHADOW, depth_m=spot.z), canvas.ident_at(middle))
