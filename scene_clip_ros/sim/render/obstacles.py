"""Draws what lies or stands on a road: cones, barriers, lost things."""

from __future__ import annotations

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.figure import Figure, Outfit, Pose, draw_shadow

_ORANGE: Colour = (236.0, 92.0, 28.0)
_WHITE: Colour = (236.0, 236.0, 232.0)
_CONE_BASE: Colour = (46, 44, 44)
_CONE_BANDS = (
    (0.06, 0.3, _ORANGE),
    (0.3, 0.48, _WHITE),
    (0.48, 0.68, _ORANGE),
    (0.68, 0.8, _WHITE),
    (0.8, 1.0, _ORANGE),
)
"""From and up to which share of its height a cone has which colour."""

_BARRIER_POST: Colour = (90, 90, 92)
_BARRIER_STRIPES: tuple[Colour, Colour] = ((238.0, 238.0, 234.0), (214.0, 44.0, 34.0))
_CARTON: tuple[Colour, Colour, Colour] = (
    (176.0, 132.0, 84.0),
    (204.0, 164.0, 112.0),
    (140.0, 102.0, 62.0),
)
"""Front, top and side of a carton."""


def draw_cone(canvas: Canvas, pose: Pose, *, ident: int) -> None:
    """Draw a traffic cone ``height`` metres tall."""
    pen, h = Figure(canvas, pose, ident=ident), pose.height
    base = [(-0.3 * h, 0), (-0.3 * h, 0.06 * h), (0.3 * h, 0.06 * h), (0.3 * h, 0)]
    pen.shape(base, _CONE_BASE)
    for low, high, colour in _CONE_BANDS:
        a, b = 0.22 * (1 - low) + 0.03, 0.22 * (1 - high) + 0.03
        band = [(-a * h, low * h), (-b * h, high * h), (b * h, high * h), (a * h, low * h)]
        pen.shape(band, colour, facing=1.0)


def draw_barrier(canvas: Canvas, pose: Pose, *, ident: int) -> None:
    """Draw a road-works barrier with red and white stripes, ``height`` metres tall."""
    pen, h = Figure(canvas, pose, ident=ident), pose.height
    for x in (-0.75, 0.75):
        pen.limb([(x, 0), (x, h)], 0.07, _BARRIER_POST)
    for i in range(8):
        x = -0.9 + i * 0.225
        stripe = [(x, 0.6 * h), (x + 0.08, 0.95 * h), (x + 0.305, 0.95 * h), (x + 0.225, 0.6 * h)]
        pen.shape(stripe, _BARRIER_STRIPES[i % 2], facing=1.0)


def draw_debris(canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None:
    """Draw something lost on the road: a carton, a tyre or planks, by the outfit's gear colour."""
    draw_shadow(canvas, pose, 0.6 * pose.height)
    pen = Figure(canvas, pose, ident=ident)
    draw = (_draw_carton, _draw_tyre, _draw_planks)[int(sum(outfit.gear)) % 3]
    draw(pen, pose.height)


def _draw_carton(pen: Figure, h: float) -> None:
    front, top, side = _CARTON
    pen.shape([(-0.6 * h, 0), (-0.6 * h, 0.8 * h), (0.5 * h, 0.8 * h), (0.5 * h, 0)], front)
    lid = [(-0.6 * h, 0.8 * h), (-0.4 * h, h), (0.7 * h, h), (0.5 * h, 0.8 * h)]
    pen.shape(lid, top, facing=1.0)
    end = [(0.5 * h, 0), (0.5 * h, 0.8 * h), (0.7 * h, h), (0.7 * h, 0.2 * h)]
    pen.shape(end, side, facing=0.5)


def _draw_tyre(pen: Figure, h: float) -> None:
    pen.oval((0, 0.3 * h), (0.7 * h, 0.3 * h), (24, 24, 26))
    pen.oval((0, 0.38 * h), (0.36 * h, 0.13 * h), (70, 70, 70))


def _draw_planks(pen: Figure, h: float) -> None:
    for k, tilt in enumerate((0.1, -0.25, 0.4)):
        plank = [(-1.1 * h, 0.06 * h + 0.1 * h * k), (1.1 * h, 0.06 * h + tilt * h)]
        pen.limb(plank, 0.16 * h, (186.0 - 14 * k, 146.0, 96.0))
