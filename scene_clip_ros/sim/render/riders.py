"""Draws people with wheels: wheelchair users, cyclists, and those who push a stroller."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.figure import Figure, Outfit, Pose, draw_shadow
from scene_clip_ros.sim.render.people import draw_head, draw_walker

_METAL: Colour = (150.0, 152.0, 156.0)
_STROLLER_METAL: Colour = (70, 70, 74)
_HOOD_INSIDE: Colour = (40, 38, 40)
_HANDLEBAR: Colour = (60, 60, 62)
_RUBBER: Colour = (28.0, 28.0, 30.0)
_TYRE: Colour = (26.0, 26.0, 28.0)
_ADULT_M = 1.75


def draw_wheelchair_user(canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None:
    """Draw someone sitting in a wheelchair; ``height`` is their standing height."""
    draw_shadow(canvas, pose, 0.5)
    pen, h = Figure(canvas, pose, ident=ident), pose.height / _ADULT_M
    if pose.side:
        _draw_wheelchair_from_side(pen, h, pose.phase, outfit)
    else:
        _draw_wheelchair_from_front(pen, h, outfit)


def _draw_wheelchair_from_front(pen: Figure, h: float, outfit: Outfit) -> None:
    for s in (-1, 1):
        pen.ring((s * 0.32 * h, 0.31 * h), (0.045 * h, 0.31 * h), _RUBBER, width=0.05 * h)
        pen.limb([(s * 0.1 * h, 0.52 * h), (s * 0.1 * h, 0.14 * h)], 0.13 * h, outfit.legs)
    pen.limb([(-0.25 * h, 0.5 * h), (0.25 * h, 0.5 * h)], 0.07 * h, _METAL)
    pen.limb([(0, 0.58 * h), (0, 0.98 * h)], 0.36 * h, outfit.top)
    draw_head(pen, (0, 1.26 * h), 0.12 * h, outfit, from_side=False)


def _draw_wheelchair_from_side(pen: Figure, h: float, phase: float, outfit: Outfit) -> None:
    back_seat_foot = ((-0.27, 1.0), (-0.22, 0.48), (0.3, 0.48), (0.42, 0.12), (0.56, 0.1))
    thigh_shin_foot = ((-0.1, 0.58), (0.34, 0.58), (0.44, 0.16), (0.56, 0.15))
    pen.limb([(x * h, y * h) for x, y in back_seat_foot], 0.035 * h, _METAL)
    pen.limb([(-0.4 * h, 0.94 * h), (-0.27 * h, 0.94 * h)], 0.04 * h, _RUBBER)
    pen.limb([(x * h, y * h) for x, y in thigh_shin_foot], 0.14 * h, outfit.legs)
    pen.limb([(-0.12 * h, 0.62 * h), (-0.08 * h, 1.0 * h)], 0.25 * h, outfit.top)
    turn = 0.2 * float(np.sin(phase))
    arm = [(-0.06 * h, 0.98 * h), (0.1 * h + turn * 0.3, 0.76 * h), (0.08 * h + turn, 0.62 * h)]
    pen.limb(arm, 0.085 * h, outfit.top)
    pen.ring((-0.12 * h, 0.31 * h), (0.3 * h, 0.3 * h), _RUBBER, width=0.05 * h)
    pen.ring((-0.12 * h, 0.31 * h), (0.22 * h, 0.22 * h), _METAL, width=0.02 * h)
    pen.ring((0.42 * h, 0.09 * h), (0.08 * h, 0.08 * h), _RUBBER, width=0.035 * h)
    draw_head(pen, (-0.05 * h, 1.28 * h), 0.12 * h, outfit, from_side=True)


def draw_cyclist(canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None:
    """Draw someone riding a bicycle."""
    draw_shadow(canvas, pose, 0.6 if pose.side else 0.25)
    pen, h = Figure(canvas, pose, ident=ident), pose.height / _ADULT_M
    kick = 0.16 * float(np.sin(pose.phase))
    if pose.side:
        _draw_cyclist_from_side(pen, h, kick, outfit)
    else:
        _draw_cyclist_from_front(pen, h, kick, outfit)


def _draw_cyclist_from_front(pen: Figure, h: float, kick: float, outfit: Outfit) -> None:
    pen.ring((0, 0.34), (0.035, 0.34), _TYRE, width=0.05)
    pen.limb([(-0.26, 1.02), (0.26, 1.02)], 0.04, _HANDLEBAR)
    for s in (-1, 1):
        leg = [
            (s * 0.09 * h, 0.95 * h),
            (s * 0.13 * h, 0.62 * h + s * kick),
            (s * 0.12 * h, 0.3 * h + s * kick),
        ]
        arm = [(s * 0.17 * h, 1.38 * h), (s * 0.3 * h, 1.2 * h), (s * 0.24, 1.04)]
        pen.limb(leg, 0.13 * h, outfit.legs)
        pen.limb(arm, 0.09 * h, outfit.top)
    pen.limb([(0, 0.98 * h), (0, 1.34 * h)], 0.34 * h, outfit.top)
    draw_head(pen, (0, 1.62 * h), 0.12 * h, outfit, from_side=False, helmet=True)


def _draw_cyclist_from_side(pen: Figure, h: float, kick: float, outfit: Outfit) -> None:
    for x in (-0.52, 0.52):
        pen.ring((x, 0.34), (0.33, 0.33), _TYRE, width=0.045)
    frame = [(-0.52, 0.34), (-0.18, 0.84), (0.36, 0.86), (0.02, 0.34), (-0.52, 0.34)]
    pen.limb(frame, 0.04, outfit.gear)
    pen.limb([(0.02, 0.34), (-0.2, 0.92)], 0.04, outfit.gear)
    pen.limb([(0.52, 0.34), (0.38, 0.98), (0.5, 1.04)], 0.04, outfit.gear)
    pen.limb([(-0.18, 0.98), (0.14 + kick, 0.74), (0.04 + kick, 0.28)], 0.13 * h, outfit.legs)
    pen.limb([(-0.18, 0.98), (0.14 - kick, 0.72), (0.04 - kick, 0.36)], 0.13 * h, outfit.legs)
    pen.limb([(-0.18, 1.02), (0.14, 1.42)], 0.24 * h, outfit.top)
    pen.limb([(0.14, 1.4), (0.34, 1.16), (0.48, 1.06)], 0.085 * h, outfit.top)
    draw_head(pen, (0.24, 1.66), 0.125 * h, outfit, from_side=True, helmet=True)


def draw_stroller(canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None:
    """Draw someone pushing a stroller."""
    draw_walker(canvas, pose, outfit, ident=ident)
    pen = Figure(canvas, pose, ident=ident)
    if pose.side:
        _draw_stroller_from_side(pen, outfit)
    else:
        _draw_stroller_from_front(pen, outfit)


def _draw_stroller_from_front(pen: Figure, outfit: Outfit) -> None:
    pen.limb([(-0.25, 0.12), (-0.2, 0.75)], 0.04, _STROLLER_METAL)
    pen.limb([(0.25, 0.12), (0.2, 0.75)], 0.04, _STROLLER_METAL)
    pen.oval((0, 0.62), (0.28, 0.3), outfit.gear)
    pen.oval((0, 0.55), (0.18, 0.18), _HOOD_INSIDE)


def _draw_stroller_from_side(pen: Figure, outfit: Outfit) -> None:
    pen.limb([(0.28, 1.02), (0.62, 0.55), (0.98, 0.16)], 0.035, _STROLLER_METAL)
    pen.limb([(0.62, 0.55), (0.45, 0.14)], 0.035, _STROLLER_METAL)
    hood_and_seat = [
        (0.46, 0.42),
        (0.46, 0.78),
        (0.56, 0.98),
        (0.78, 1.02),
        (0.86, 0.86),
        (0.72, 0.7),
        (1.04, 0.58),
        (0.98, 0.4),
        (0.6, 0.34),
    ]
    pen.shape(hood_and_seat, outfit.gear)
    for x in (0.45, 0.98):
        pen.ring((x, 0.12), (0.11, 0.11), _RUBBER, width=0.04)
