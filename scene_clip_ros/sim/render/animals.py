"""Draws animals from the side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.figure import Figure, Outfit, Pose, darker, draw_shadow

_ANTLER: Colour = (150, 128, 98)


@dataclass(frozen=True, slots=True)
class _Build:
    """An animal's proportions, as shares of its length.

    Attributes:
        leg: Length of the legs.
        thick: Thickness of the trunk.
        rise: How far the head is above the back.
        tail: Height of the tail's tip, as a share of the trunk's thickness.
    """

    leg: float
    thick: float
    rise: float
    tail: float


_BUILDS = {
    "dog": _Build(leg=0.42, thick=0.26, rise=0.3, tail=0.75),
    "deer": _Build(leg=0.62, thick=0.3, rise=0.55, tail=0.1),
    "cow": _Build(leg=0.42, thick=0.42, rise=0.18, tail=0.1),
}


def draw_animal(canvas: Canvas, pose: Pose, outfit: Outfit, *, kind: str, ident: int) -> None:
    """Draw an animal.

    Args:
        canvas: Where.
        pose: How it is seen; ``height`` is its length from chest to tail, metres.
        outfit: ``top`` is the coat, ``gear`` a cow's patches.
        kind: ``dog``, ``deer`` or ``cow``.
        ident: Written wherever it is drawn.
    """
    draw_shadow(canvas, pose, 0.5 * pose.height)
    pen, n, build = Figure(canvas, pose, ident=ident), pose.height, _BUILDS[kind]
    coat, far = outfit.top, darker(outfit.top, 0.7)
    leg, thick = build.leg * n, build.thick * n
    step = 0.14 * n * float(np.sin(pose.phase))
    for x, s, shade in ((-0.4, 1, far), (0.36, -1, far), (-0.44, -1, coat), (0.4, 1, coat)):
        pen.limb([(x * n, leg), (x * n + s * step, 0.02 * n)], 0.085 * n, shade)
    pen.limb([(-0.4 * n, leg + thick * 0.4), (0.38 * n, leg + thick * 0.45)], thick, coat)
    if kind == "cow":
        pen.oval((-0.12 * n, leg + thick * 0.5), (0.15 * n, 0.12 * n), outfit.gear)
        pen.oval((0.25 * n, leg + thick * 0.4), (0.1 * n, 0.13 * n), outfit.gear)
    top = leg + thick * 0.5 + build.rise * n
    pen.limb([(0.42 * n, leg + thick * 0.6), (0.55 * n, top)], 0.15 * n, coat)
    pen.limb([(0.55 * n, top), (0.74 * n, top - 0.06 * n)], 0.14 * n, coat)
    pen.limb([(0.52 * n, top + 0.04 * n), (0.48 * n, top + 0.15 * n)], 0.05 * n, far)
    if kind == "deer":
        _draw_antlers(pen, n, top)
    tail = [(-0.5 * n, leg + thick * 0.6), (-0.64 * n, leg + build.tail * thick)]
    pen.limb(tail, 0.05 * n, coat)


def _draw_antlers(pen: Figure, n: float, top: float) -> None:
    for tilt in (-0.14 * n, 0.06 * n):
        branch = [
            (0.53 * n, top + 0.05 * n),
            (0.53 * n + tilt, top + 0.26 * n),
            (0.6 * n + tilt, top + 0.36 * n),
        ]
        pen.limb(branch, 0.03 * n, _ANTLER)
