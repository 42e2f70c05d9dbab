"""Draws poles: street lamps, utility poles, traffic lights."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Points, as_pixel
from scene_clip_ros.sim.render.camera import NEAR_M, Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.script.props import Prop
from scene_clip_ros.sim.semantics import SemanticClass

_WOOD: Colour = (92, 80, 66)
_STEEL: Colour = (112, 114, 118)
_ARM: Colour = (90, 92, 94)
_HEAD_OFF: Colour = (168, 170, 172)
_HEAD_LIT: Colour = (255, 226, 170)
_LAMP_LIGHT: Colour = (230, 178, 105)
_CASE: Colour = (36, 36, 34)
_SIGNALS: tuple[Colour, ...] = ((255, 48, 36), (255, 186, 40), (60, 235, 130))
_SIGNAL_OFF = 0.22
_SIGNAL_ARM_M = 2.4


def draw_utility_pole(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a wooden pole with a crossbar."""
    if not _draw_shaft(canvas, prop, spot, _WOOD, width=0.28):
        return
    scale, bar = canvas.camera.scale_at(spot.z), prop.size[1] - 0.8
    ends = np.array([(spot.x - 1.1, bar, spot.z), (spot.x + 1.1, bar, spot.z)])
    colour = canvas.seen(_WOOD, spot.at(), 0.7)
    uv = canvas.camera.project(ends)
    canvas.stroke(uv, colour, SemanticClass.POLE, width_px=0.16 * scale)


def draw_street_lamp(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a lamp on an arm that reaches ``size[0]`` metres over the road; lit when it is dark."""
    if not _draw_shaft(canvas, prop, spot, _STEEL, width=0.15):
        return
    tall, air, scale = prop.size[1], canvas.air, canvas.camera.scale_at(spot.z)
    reach = -np.sign(spot.x) * prop.size[0]
    arm = np.array([(spot.x, tall, spot.z), (spot.x + reach, tall + 0.2, spot.z)])
    uv, at = canvas.camera.project(arm), spot.at(tall)
    steel = canvas.seen(_STEEL, at, 0.7)
    canvas.stroke(uv, steel, SemanticClass.POLE, width_px=0.12 * scale)
    lit = air.lamps > 0.4 and air.ambient.mean() < 0.5
    head = as_pixel(_HEAD_LIT) if lit else canvas.seen(_HEAD_OFF, at, 0.8)
    canvas.ellipse(uv[1], (0.35 * scale, 0.13 * scale), head, ident=SemanticClass.POLE)
    if lit:
        r, g, b = (c * air.lamps for c in _LAMP_LIGHT)
        canvas.shine(uv[1], (r, g, b), radius_px=0.8 * scale, depth_m=spot.z)


def draw_traffic_light(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a traffic light with one head on its pole and one on an arm over the road."""
    if not _draw_shaft(canvas, prop, spot, _STEEL, width=0.15):
        return
    x, z, tall = spot.x, spot.z, prop.size[1]
    tip = x - np.sign(x) * _SIGNAL_ARM_M
    arm = canvas.camera.project(np.array([(x, tall + 0.7, z), (tip, tall + 0.7, z)]))
    steel = canvas.seen(_ARM, spot.at(tall), 0.7)
    width = 0.12 * canvas.camera.scale_at(z)
    canvas.stroke(arm, steel, SemanticClass.POLE, width_px=width)
    for head in ((x, tall - 1.2, z), (tip, tall + 0.35, z)):
        middle = canvas.camera.project(np.array([head]))[0]
        _draw_signal_head(canvas, prop, middle, spot)


def _draw_shaft(canvas: Canvas, prop: Prop, spot: Spot, colour: Colour, *, width: float) -> bool:
    """Draw an upright pole; say whether it is far enough ahead to be drawn."""
    if spot.z < 2 * NEAR_M:
        return False
    shaft = canvas.camera.project(np.stack([spot.at(), spot.at(prop.size[1])]))
    seen = canvas.seen(colour, spot.at(), 0.7)
    width_px = width * canvas.camera.scale_at(spot.z)
    canvas.stroke(shaft, seen, SemanticClass.POLE, width_px=width_px)
    return True


def _draw_signal_head(canvas: Canvas, prop: Prop, middle: Points, spot: Spot) -> None:
    """Draw a case with three bulbs around a ``(2,)`` pixel; which one is lit, the variant says."""
    u, v = middle
    scale = canvas.camera.scale_at(spot.z)
    w, h = 0.19 * scale, 0.52 * scale
    case = np.array([(u - w, v - h), (u + w, v - h), (u + w, v + h), (u - w, v + h)])
    canvas.fill(case, canvas.seen(_CASE, spot.at(prop.size[1]), 0.7), SemanticClass.SIGN)
    for i, light in enumerate(_SIGNALS):
        lit = i == prop.variant % 3
        bulb = np.array((u, v + (i - 1) * 0.33 * scale))
        colour = as_pixel(c if lit else c * _SIGNAL_OFF for c in light)
        canvas.ellipse(bulb, (0.12 * scale, 0.12 * scale), colour, ident=SemanticClass.SIGN)
        if lit:
            r, g, b = (c * (0.25 + 0.6 * canvas.air.lamps) for c in light)
            canvas.shine(bulb, (r, g, b), radius_px=0.3 * scale, depth_m=spot.z)
