"""People, animals and small things, drawn as jointed figures that face the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.camera import Points
from scene_clip_ros.sim.canvas import Canvas

Colour = tuple[float, float, float]
SKIN_TONES: tuple[Colour, ...] = (
    (236, 196, 168),
    (214, 166, 132),
    (176, 124, 90),
    (126, 84, 58),
    (84, 56, 40),
)
HAIR: tuple[Colour, ...] = (
    (28, 22, 20),
    (70, 46, 28),
    (140, 96, 52),
    (206, 176, 118),
    (150, 148, 146),
)


@dataclass(frozen=True, slots=True)
class Outfit:
    """Colours of a figure, RGB albedo in [0, 255]."""

    skin: Colour
    hair: Colour
    top: Colour
    legs: Colour
    gear: Colour


@dataclass(frozen=True, slots=True)
class Pose:
    """How a figure is seen.

    Attributes:
        x: Metres right of the camera.
        z: Metres ahead.
        height: Standing height in metres (length for animals).
        phase: Of the walk, radians.
        side: -1 walks left, 1 walks right, 0 is seen from the front or behind.
    """

    x: float
    z: float
    height: float
    phase: float
    side: int


class Figure:
    """A pen that draws in a figure's own frame: right and up in metres from its feet."""

    def __init__(self, canvas: Canvas, pose: Pose, ident: int) -> None:
        """Set the pen at a pose; everything drawn carries ``ident``."""
        self._canvas = canvas
        self._pose = pose
        self._ident = ident
        self._foot = canvas.camera.project(np.array([[pose.x, 0.0, pose.z]]))[0]
        self._scale = canvas.camera.scale_at(pose.z)
        self._at = np.array((pose.x, 0.0, pose.z))

    def _pixels(self, points: Sequence[tuple[float, float]]) -> Points:
        mirrored = -1.0 if self._pose.side < 0 else 1.0
        local = np.asarray(points, np.float64) * (mirrored, -1.0)
        return np.asarray(self._foot + local * self._scale)

    def _colour(self, colour: Colour, facing: float) -> tuple[int, int, int]:
        return self._canvas.seen(colour, self._at, facing)

    def limb(
        self,
        points: Sequence[tuple[float, float]],
        width: float,
        colour: Colour,
        facing: float = 0.8,
    ) -> None:
        """Draw a rounded limb through points, ``width`` metres thick."""
        self._canvas.stroke(
            self._pixels(points), self._colour(colour, facing), self._ident, width * self._scale
        )

    def shape(
        self, points: Sequence[tuple[float, float]], colour: Colour, facing: float = 0.8
    ) -> None:
        """Fill a polygon."""
        self._canvas.fill(self._pixels(points), self._colour(colour, facing), self._ident)

    def oval(
        self,
        centre: tuple[float, float],
        axes: tuple[float, float],
        colour: Colour,
        facing: float = 0.8,
    ) -> None:
        """Fill an upright ellipse with half axes in metres."""
        pixel_axes = (axes[0] * self._scale, axes[1] * self._scale)
        self._canvas.ellipse(
            self._pixels([centre])[0], pixel_axes, self._colour(colour, facing), self._ident
        )

    def ring(
        self, centre: tuple[float, float], axes: tuple[float, float], width: float, colour: Colour
    ) -> None:
        """Draw an upright elliptic ring, ``width`` metres thick."""
        turn = np.linspace(0, 2 * np.pi, 25)
        points = [
            (centre[0] + axes[0] * float(np.cos(t)), centre[1] + axes[1] * float(np.sin(t)))
            for t in turn
        ]
        self.limb(points, width, colour)


def shadow(canvas: Canvas, pose: Pose, half_width: float, ident: int) -> None:
    """Darken the ground under something ``half_width`` metres wide."""
    foot = canvas.camera.project(np.array([[pose.x, 0.0, pose.z]]))[0]
    scale = canvas.camera.scale_at(pose.z)
    flat = 0.3 * canvas.camera.mount_m / max(pose.z, 1.0) * 4
    u, v = (
        int(np.clip(foot[0], 0, canvas.camera.width - 1)),
        int(np.clip(foot[1], 0, canvas.camera.height - 1)),
    )
    under = canvas.rgb[v, u] * 0.55
    colour = (int(under[0]), int(under[1]), int(under[2]))
    canvas.ellipse(
        foot, (half_width * scale, max(0.6, half_width * flat * scale * 0.6)), colour, ident
    )


def draw_walker(
    canvas: Canvas,
    pose: Pose,
    outfit: Outfit,
    ident: int,
    *,
    child: bool = False,
    vest: bool = False,
) -> None:
    """Draw someone on foot: an adult, a child, or a worker in a high-visibility vest."""
    shadow(canvas, pose, 0.3 * pose.height / 1.75, _ground_ident(canvas, pose))
    pen, h = Figure(canvas, pose, ident), pose.height
    swing = float(np.sin(pose.phase)) * (0.2 if pose.side else 0.05) * h
    head = (0.088 if child else 0.068) * h
    hip, shoulder = 0.49 * h, (0.77 if child else 0.81) * h
    spread = 0.0 if pose.side else 0.055 * h
    lift = 0.05 * h * max(0.0, float(np.cos(pose.phase)))
    darker: Colour = (outfit.legs[0] * 0.75, outfit.legs[1] * 0.75, outfit.legs[2] * 0.75)
    sleeve: Colour = (outfit.top[0] * 0.8, outfit.top[1] * 0.8, outfit.top[2] * 0.8)
    arm = 0.62 * swing
    pen.limb(
        [
            (spread * 0.5, shoulder - 0.03 * h),
            (-arm * 0.6 + spread * 2.2, 0.6 * h),
            (-arm + spread * 2.2, 0.47 * h),
        ],
        0.06 * h,
        sleeve,
    )
    pen.limb(
        [(-spread, hip), (-swing * 0.5 - spread, 0.26 * h), (-swing - spread, 0.02 * h + lift)],
        0.085 * h,
        darker,
    )
    pen.limb(
        [(spread, hip), (swing * 0.55 + spread, 0.27 * h), (swing + spread, 0.02 * h)],
        0.085 * h,
        outfit.legs,
    )
    pen.limb(
        [(swing + spread, 0.015 * h), (swing + spread + (0.07 * h if pose.side else 0), 0.015 * h)],
        0.045 * h,
        (30, 28, 28),
    )
    wide = 0.075 * h if pose.side else 0.115 * h
    pen.shape(
        [
            (-wide * 0.8, hip - 0.03 * h),
            (-wide, shoulder),
            (-wide * 0.5, shoulder + 0.035 * h),
            (wide * 0.5, shoulder + 0.035 * h),
            (wide, shoulder),
            (wide * 0.8, hip - 0.03 * h),
        ],
        outfit.top,
    )
    if vest:
        for level in (0.58, 0.68):
            pen.limb(
                [(-wide * 0.85, level * h), (wide * 0.85, level * h)],
                0.028 * h,
                (235, 235, 230),
                1.0,
            )
    front = arm if pose.side else -spread * 2.4
    pen.limb(
        [
            (-spread * 2 if not pose.side else 0.0, shoulder - 0.02 * h),
            (front * 0.7 - spread * 0.4, 0.61 * h),
            (front, 0.48 * h),
        ],
        0.06 * h,
        outfit.top,
    )
    pen.oval((front, 0.465 * h), (0.025 * h, 0.028 * h), outfit.skin)
    _head(
        pen,
        (0.01 * h, 0.925 * h if not child else 0.9 * h),
        head,
        outfit,
        seen_side=pose.side != 0,
        helmet=vest,
    )


def _head(
    pen: Figure,
    centre: tuple[float, float],
    radius: float,
    outfit: Outfit,
    *,
    seen_side: bool,
    helmet: bool = False,
) -> None:
    x, y = centre
    pen.limb([(x, y - radius * 1.4), (x, y)], radius * 0.8, outfit.skin)
    pen.oval((x, y), (radius * 0.86, radius * 1.08), outfit.skin)
    if helmet:
        pen.oval((x, y + radius * 0.5), (radius * 1.05, radius * 0.7), outfit.gear, 1.0)
        return
    back = -0.3 * radius if seen_side else 0.0
    pen.oval((x + back, y + radius * 0.42), (radius * 0.9, radius * 0.78), outfit.hair)


def draw_baby(canvas: Canvas, pose: Pose, outfit: Outfit, ident: int) -> None:
    """Draw a baby crawling on hands and knees; ``height`` is its length, about 0.7 m."""
    shadow(canvas, pose, 0.5 * pose.height, _ground_ident(canvas, pose))
    pen, n = Figure(canvas, pose, ident), pose.height
    reach = 0.12 * n * float(np.sin(pose.phase))
    body: Colour = outfit.top
    if not pose.side:
        pen.limb([(-0.22 * n, 0.05 * n), (-0.18 * n, 0.34 * n)], 0.13 * n, outfit.skin)
        pen.limb([(0.22 * n, 0.05 * n), (0.18 * n, 0.34 * n)], 0.13 * n, outfit.skin)
        pen.oval((0, 0.42 * n), (0.26 * n, 0.24 * n), body)
        _head(pen, (0, 0.58 * n), 0.2 * n, outfit, seen_side=False)
        return
    pen.limb(
        [(-0.3 * n, 0.36 * n), (-0.26 * n + reach, 0.1 * n), (-0.48 * n + reach, 0.06 * n)],
        0.15 * n,
        (body[0] * 0.8, body[1] * 0.8, body[2] * 0.8),
    )
    pen.limb([(0.22 * n, 0.38 * n), (0.24 * n - reach, 0.06 * n)], 0.11 * n, outfit.skin)
    pen.limb([(-0.28 * n, 0.4 * n), (0.22 * n, 0.46 * n)], 0.3 * n, body)
    pen.oval((-0.32 * n, 0.39 * n), (0.19 * n, 0.18 * n), (238, 236, 230))
    pen.limb(
        [(-0.3 * n, 0.34 * n), (-0.2 * n - reach, 0.1 * n), (-0.42 * n - reach, 0.05 * n)],
        0.14 * n,
        body,
    )
    pen.limb([(0.24 * n, 0.42 * n), (0.28 * n + reach, 0.05 * n)], 0.11 * n, outfit.skin)
    _head(pen, (0.42 * n, 0.62 * n), 0.2 * n, outfit, seen_side=True)


def draw_wheelchair_user(canvas: Canvas, pose: Pose, outfit: Outfit, ident: int) -> None:
    """Draw someone sitting in a wheelchair; ``height`` is their standing height."""
    shadow(canvas, pose, 0.5, _ground_ident(canvas, pose))
    pen, h = Figure(canvas, pose, ident), pose.height / 1.75
    metal, rubber = (150.0, 152.0, 156.0), (28.0, 28.0, 30.0)
    if not pose.side:
        for s in (-1, 1):
            pen.ring((s * 0.32 * h, 0.31 * h), (0.045 * h, 0.31 * h), 0.05 * h, rubber)
            pen.limb([(s * 0.1 * h, 0.52 * h), (s * 0.1 * h, 0.14 * h)], 0.13 * h, outfit.legs)
        pen.limb([(-0.25 * h, 0.5 * h), (0.25 * h, 0.5 * h)], 0.07 * h, metal)
        pen.limb([(0, 0.58 * h), (0, 0.98 * h)], 0.36 * h, outfit.top)
        _head(pen, (0, 1.26 * h), 0.12 * h, outfit, seen_side=False)
        return
    pen.limb(
        [
            (-0.27 * h, 1.0 * h),
            (-0.22 * h, 0.48 * h),
            (0.3 * h, 0.48 * h),
            (0.42 * h, 0.12 * h),
            (0.56 * h, 0.1 * h),
        ],
        0.035 * h,
        metal,
    )
    pen.limb([(-0.4 * h, 0.94 * h), (-0.27 * h, 0.94 * h)], 0.04 * h, rubber)
    pen.limb(
        [(-0.1 * h, 0.58 * h), (0.34 * h, 0.58 * h), (0.44 * h, 0.16 * h), (0.56 * h, 0.15 * h)],
        0.14 * h,
        outfit.legs,
    )
    pen.limb([(-0.12 * h, 0.62 * h), (-0.08 * h, 1.0 * h)], 0.25 * h, outfit.top)
    turn = 0.2 * float(np.sin(pose.phase))
    pen.limb(
        [(-0.06 * h, 0.98 * h), (0.1 * h + turn * 0.3, 0.76 * h), (0.08 * h + turn, 0.62 * h)],
        0.085 * h,
        outfit.top,
    )
    pen.ring((-0.12 * h, 0.31 * h), (0.3 * h, 0.3 * h), 0.05 * h, rubber)
    pen.ring((-0.12 * h, 0.31 * h), (0.22 * h, 0.22 * h), 0.02 * h, metal)
    pen.ring((0.42 * h, 0.09 * h), (0.08 * h, 0.08 * h), 0.035 * h, rubber)
    _head(pen, (-0.05 * h, 1.28 * h), 0.12 * h, outfit, seen_side=True)


def draw_cyclist(canvas: Canvas, pose: Pose, outfit: Outfit, ident: int) -> None:
    """Draw someone riding a bicycle."""
    shadow(canvas, pose, 0.6 if pose.side else 0.25, _ground_ident(canvas, pose))
    pen, h = Figure(canvas, pose, ident), pose.height / 1.75
    rubber = (26.0, 26.0, 28.0)
    kick = 0.16 * float(np.sin(pose.phase))
    if not pose.side:
        pen.ring((0, 0.34), (0.035, 0.34), 0.05, rubber)
        pen.limb([(-0.26, 1.02), (0.26, 1.02)], 0.04, (60, 60, 62))
        for s in (-1, 1):
            pen.limb(
                [
                    (s * 0.09 * h, 0.95 * h),
                    (s * 0.13 * h, 0.62 * h + s * kick),
                    (s * 0.12 * h, 0.3 * h + s * kick),
                ],
                0.13 * h,
                outfit.legs,
            )
            pen.limb(
                [(s * 0.17 * h, 1.38 * h), (s * 0.3 * h, 1.2 * h), (s * 0.24, 1.04)],
                0.09 * h,
                outfit.top,
            )
        pen.limb([(0, 0.98 * h), (0, 1.34 * h)], 0.34 * h, outfit.top)
        _head(pen, (0, 1.62 * h), 0.12 * h, outfit, seen_side=False, helmet=True)
        return
    for x in (-0.52, 0.52):
        pen.ring((x, 0.34), (0.33, 0.33), 0.045, rubber)
    pen.limb(
        [(-0.52, 0.34), (-0.18, 0.84), (0.36, 0.86), (0.02, 0.34), (-0.52, 0.34)], 0.04, outfit.gear
    )
    pen.limb([(0.02, 0.34), (-0.2, 0.92)], 0.04, outfit.gear)
    pen.limb([(0.52, 0.34), (0.38, 0.98), (0.5, 1.04)], 0.04, outfit.gear)
    pen.limb([(-0.18, 0.98), (0.14 + kick, 0.74), (0.04 + kick, 0.28)], 0.13 * h, outfit.legs)
    pen.limb([(-0.18, 0.98), (0.14 - kick, 0.72), (0.04 - kick, 0.36)], 0.13 * h, outfit.legs)
    pen.limb([(-0.18, 1.02), (0.14, 1.42)], 0.24 * h, outfit.top)
    pen.limb([(0.14, 1.4), (0.34, 1.16), (0.48, 1.06)], 0.085 * h, outfit.top)
    _head(pen, (0.24, 1.66), 0.125 * h, outfit, seen_side=True, helmet=True)


def draw_stroller(canvas: Canvas, pose: Pose, outfit: Outfit, ident: int) -> None:
    """Draw someone pushing a stroller."""
    draw_walker(canvas, pose, outfit, ident)
    pen = Figure(canvas, pose, ident)
    if not pose.side:
        pen.limb([(-0.25, 0.12), (-0.2, 0.75)], 0.04, (70, 70, 74))
        pen.limb([(0.25, 0.12), (0.2, 0.75)], 0.04, (70, 70, 74))
        pen.oval((0, 0.62), (0.28, 0.3), outfit.gear)
        pen.oval((0, 0.55), (0.18, 0.18), (40, 38, 40))
        return
    pen.limb([(0.28, 1.02), (0.62, 0.55), (0.98, 0.16)], 0.035, (70, 70, 74))
    pen.limb([(0.62, 0.55), (0.45, 0.14)], 0.035, (70, 70, 74))
    pen.shape(
        [
            (0.46, 0.42),
            (0.46, 0.78),
            (0.56, 0.98),
            (0.78, 1.02),
            (0.86, 0.86),
            (0.72, 0.7),
            (1.04, 0.58),
            (0.98, 0.4),
            (0.6, 0.34),
        ],
        outfit.gear,
    )
    for x in (0.45, 0.98):
        pen.ring((x, 0.12), (0.11, 0.11), 0.04, (28, 28, 30))


def draw_animal(canvas: Canvas, pose: Pose, kind: str, outfit: Outfit, ident: int) -> None:
    """Draw a ``dog``, ``deer`` or ``cow``; ``height`` is its length from chest to tail."""
    shadow(canvas, pose, 0.5 * pose.height, _ground_ident(canvas, pose))
    pen, n = Figure(canvas, pose, ident), pose.height
    coat, far = outfit.top, (outfit.top[0] * 0.7, outfit.top[1] * 0.7, outfit.top[2] * 0.7)
    leg = {"dog": 0.42, "deer": 0.62, "cow": 0.42}[kind] * n
    thick = {"dog": 0.26, "deer": 0.3, "cow": 0.42}[kind] * n
    step = 0.14 * n * float(np.sin(pose.phase))
    for x, s, shade in ((-0.4, 1, far), (0.36, -1, far), (-0.44, -1, coat), (0.4, 1, coat)):
        pen.limb([(x * n, leg), (x * n + s * step, 0.02 * n)], 0.085 * n, shade)
    pen.limb([(-0.4 * n, leg + thick * 0.4), (0.38 * n, leg + thick * 0.45)], thick, coat)
    if kind == "cow":
        pen.oval((-0.12 * n, leg + thick * 0.5), (0.15 * n, 0.12 * n), outfit.gear)
        pen.oval((0.25 * n, leg + thick * 0.4), (0.1 * n, 0.13 * n), outfit.gear)
    rise = {"dog": 0.3, "deer": 0.55, "cow": 0.18}[kind] * n
    top = leg + thick * 0.5 + rise
    pen.limb([(0.42 * n, leg + thick * 0.6), (0.55 * n, top)], 0.15 * n, coat)
    pen.limb([(0.55 * n, top), (0.74 * n, top - 0.06 * n)], 0.14 * n, coat)
    pen.limb([(0.52 * n, top + 0.04 * n), (0.48 * n, top + 0.15 * n)], 0.05 * n, far)
    if kind == "deer":
        for tilt in (-0.14, 0.06):
            pen.limb(
                [
                    (0.53 * n, top + 0.05 * n),
                    (0.53 * n + tilt * n, top + 0.26 * n),
                    (0.6 * n + tilt * n, top + 0.36 * n),
                ],
                0.03 * n,
                (150, 128, 98),
            )
    pen.limb(
        [
            (-0.5 * n, leg + thick * 0.6),
            (-0.64 * n, leg + (0.75 if kind == "dog" else 0.1) * thick),
        ],
        0.05 * n,
        coat,
    )


def draw_cone(canvas: Canvas, pose: Pose, ident: int) -> None:
    """Draw a traffic cone ``height`` metres tall."""
    pen, h = Figure(canvas, pose, ident), pose.height
    orange, white = (236.0, 92.0, 28.0), (236.0, 236.0, 232.0)
    pen.shape(
        [(-0.3 * h, 0), (-0.3 * h, 0.06 * h), (0.3 * h, 0.06 * h), (0.3 * h, 0)], (46, 44, 44)
    )
    for low, high, colour in (
        (0.06, 0.3, orange),
        (0.3, 0.48, white),
        (0.48, 0.68, orange),
        (0.68, 0.8, white),
        (0.8, 1.0, orange),
    ):
        a, b = 0.22 * (1 - low) + 0.03, 0.22 * (1 - high) + 0.03
        pen.shape(
            [(-a * h, low * h), (-b * h, high * h), (b * h, high * h), (a * h, low * h)],
            colour,
            1.0,
        )


def draw_barrier(canvas: Canvas, pose: Pose, ident: int) -> None:
    """Draw a road-works barrier with red and white stripes, ``height`` metres tall."""
    pen, h = Figure(canvas, pose, ident), pose.height
    for x in (-0.75, 0.75):
        pen.limb([(x, 0), (x, h)], 0.07, (90, 90, 92))
    for i in range(8):
        x0 = -0.9 + i * 0.225
        colour = (214.0, 44.0, 34.0) if i % 2 else (238.0, 238.0, 234.0)
        pen.shape(
            [(x0, 0.6 * h), (x0 + 0.08, 0.95 * h), (x0 + 0.305, 0.95 * h), (x0 + 0.225, 0.6 * h)],
            colour,
            1.0,
        )


def draw_debris(canvas: Canvas, pose: Pose, outfit: Outfit, ident: int) -> None:
    """Draw something lost on the road: a carton, a tyre or planks, by the outfit's gear colour."""
    shadow(canvas, pose, 0.6 * pose.height, _ground_ident(canvas, pose))
    pen, h = Figure(canvas, pose, ident), pose.height
    which = int(sum(outfit.gear)) % 3
    if which == 0:
        tan = (176.0, 132.0, 84.0)
        pen.shape([(-0.6 * h, 0), (-0.6 * h, 0.8 * h), (0.5 * h, 0.8 * h), (0.5 * h, 0)], tan)
        pen.shape(
            [(-0.6 * h, 0.8 * h), (-0.4 * h, h), (0.7 * h, h), (0.5 * h, 0.8 * h)],
            (204, 164, 112),
            1.0,
        )
        pen.shape(
            [(0.5 * h, 0), (0.5 * h, 0.8 * h), (0.7 * h, h), (0.7 * h, 0.2 * h)],
            (140, 102, 62),
            0.5,
        )
    elif which == 1:
        pen.oval((0, 0.3 * h), (0.7 * h, 0.3 * h), (24, 24, 26))
        pen.oval((0, 0.38 * h), (0.36 * h, 0.13 * h), (70, 70, 70))
    else:
        for k, tilt in enumerate((0.1, -0.25, 0.4)):
            pen.limb(
                [(-1.1 * h, 0.06 * h + 0.1 * h * k), (1.1 * h, 0.06 * h + tilt * h)],
                0.16 * h,
                (186.0 - 14 * k, 146.0, 96.0),
            )


def _ground_ident(canvas: Canvas, pose: Pose) -> int:
    foot = canvas.camera.project(np.array([[pose.x, 0.0, pose.z]]))[0]
    u, v = (
        int(np.clip(foot[0], 0, canvas.camera.width - 1)),
        int(np.clip(foot[1], 0, canvas.camera.height - 1)),
    )
    return int(canvas.ident[v, u])
