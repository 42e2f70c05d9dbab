"""Draws people on foot, and babies on hands and knees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.figure import Figure, Outfit, Pose, darker, draw_shadow

_SHOE: Colour = (30, 28, 28)
_STRIPE: Colour = (235, 235, 230)
_NAPPY: Colour = (238, 236, 230)


@dataclass(frozen=True, slots=True)
class _Stride:
    """A body in the middle of a step.

    Attributes:
        h: Height, metres; all parts are shares of it.
        hip: Height of the hip, metres.
        shoulder: Height of the shoulder, metres.
        spread: Half the distance between the legs as seen, metres; 0 from the side.
        swing: How far the near foot is ahead of the hip, metres.
        lift: How far the far foot is off the ground, metres.
        wide: Half the width of the shoulders as seen, metres.
        side: As in ``Pose``.
    """

    h: float
    hip: float
    shoulder: float
    spread: float
    swing: float
    lift: float
    wide: float
    side: int

    @property
    def arm(self) -> float:
        """How far the near hand swings ahead, metres."""
        return 0.62 * self.swing


def draw_walker(
    canvas: Canvas,
    pose: Pose,
    outfit: Outfit,
    *,
    ident: int,
    child: bool = False,
    vest: bool = False,
) -> None:
    """Draw someone on foot.

    Args:
        canvas: Where.
        pose: How they are seen.
        outfit: Their colours.
        ident: Written wherever they are drawn.
        child: Whether they have a child's proportions.
        vest: Whether they wear a worker's high-visibility vest and helmet.
    """
    draw_shadow(canvas, pose, 0.3 * pose.height / 1.75)
    pen, body = Figure(canvas, pose, ident=ident), _stride(pose, child=child)
    h = body.h
    _draw_far_arm(pen, body, outfit)
    _draw_legs(pen, body, outfit)
    _draw_torso(pen, body, outfit, vest=vest)
    _draw_near_arm(pen, body, outfit)
    draw_head(
        pen,
        (0.01 * h, (0.9 if child else 0.925) * h),
        (0.088 if child else 0.068) * h,
        outfit,
        from_side=pose.side != 0,
        helmet=vest,
    )


def _stride(pose: Pose, *, child: bool) -> _Stride:
    h = pose.height
    return _Stride(
        h=h,
        hip=0.49 * h,
        shoulder=(0.77 if child else 0.81) * h,
        spread=0.0 if pose.side else 0.055 * h,
        swing=float(np.sin(pose.phase)) * (0.2 if pose.side else 0.05) * h,
        lift=0.05 * h * max(0.0, float(np.cos(pose.phase))),
        wide=0.075 * h if pose.side else 0.115 * h,
        side=pose.side,
    )


def _draw_far_arm(pen: Figure, body: _Stride, outfit: Outfit) -> None:
    h, spread, arm = body.h, body.spread, body.arm
    joints = [
        (spread * 0.5, body.shoulder - 0.03 * h),
        (-arm * 0.6 + spread * 2.2, 0.6 * h),
        (-arm + spread * 2.2, 0.47 * h),
    ]
    pen.limb(joints, 0.06 * h, darker(outfit.top, 0.8))


def _draw_legs(pen: Figure, body: _Stride, outfit: Outfit) -> None:
    h, hip, spread, swing = body.h, body.hip, body.spread, body.swing
    far = [
        (-spread, hip),
        (-swing * 0.5 - spread, 0.26 * h),
        (-swing - spread, 0.02 * h + body.lift),
    ]
    near = [(spread, hip), (swing * 0.55 + spread, 0.27 * h), (swing + spread, 0.02 * h)]
    toe = 0.07 * h if body.side else 0
    shoe = [(swing + spread, 0.015 * h), (swing + spread + toe, 0.015 * h)]
    pen.limb(far, 0.085 * h, darker(outfit.legs, 0.75))
    pen.limb(near, 0.085 * h, outfit.legs)
    pen.limb(shoe, 0.045 * h, _SHOE)


def _draw_torso(pen: Figure, body: _Stride, outfit: Outfit, *, vest: bool) -> None:
    h, wide, shoulder = body.h, body.wide, body.shoulder
    waist = body.hip - 0.03 * h
    outline = [
        (-wide * 0.8, waist),
        (-wide, shoulder),
        (-wide * 0.5, shoulder + 0.035 * h),
        (wide * 0.5, shoulder + 0.035 * h),
        (wide, shoulder),
        (wide * 0.8, waist),
    ]
    pen.shape(outline, outfit.top)
    if vest:
        for level in (0.58 * h, 0.68 * h):
            stripe = [(-wide * 0.85, level), (wide * 0.85, level)]
            pen.limb(stripe, 0.028 * h, _STRIPE, facing=1.0)


def _draw_near_arm(pen: Figure, body: _Stride, outfit: Outfit) -> None:
    h, spread = body.h, body.spread
    front = body.arm if body.side else -spread * 2.4
    joints = [
        (0.0 if body.side else -spread * 2, body.shoulder - 0.02 * h),
        (front * 0.7 - spread * 0.4, 0.61 * h),
        (front, 0.48 * h),
    ]
    pen.limb(joints, 0.06 * h, outfit.top)
    pen.oval((front, 0.465 * h), (0.025 * h, 0.028 * h), outfit.skin)


def draw_head(
    pen: Figure,
    centre: tuple[float, float],
    radius: float,
    outfit: Outfit,
    *,
    from_side: bool,
    helmet: bool = False,
) -> None:
    """Draw neck, head, and hair or a helmet.

    Args:
        pen: Of the figure.
        centre: Of the head, metres in the figure's frame.
        radius: Metres.
        outfit: Colours.
        from_side: Whether the face looks ahead rather than into the camera.
        helmet: Whether a helmet hides the hair.
    """
    x, y = centre
    pen.limb([(x, y - radius * 1.4), (x, y)], radius * 0.8, outfit.skin)
    pen.oval((x, y), (radius * 0.86, radius * 1.08), outfit.skin)
    if helmet:
        pen.oval((x, y + radius * 0.5), (radius * 1.05, radius * 0.7), outfit.gear, facing=1.0)
        return
    back = -0.3 * radius if from_side else 0.0
    pen.oval((x + back, y + radius * 0.42), (radius * 0.9, radius * 0.78), outfit.hair)


def draw_baby(canvas: Canvas, pose: Pose, outfit: Outfit, *, ident: int) -> None:
    """Draw a baby crawling on hands and knees; ``height`` is its length, about 0.7 m."""
    draw_shadow(canvas, pose, 0.5 * pose.height)
    pen = Figure(canvas, pose, ident=ident)
    if pose.side:
        _draw_baby_from_side(pen, pose, outfit)
    else:
        _draw_baby_from_front(pen, pose.height, outfit)


def _draw_baby_from_front(pen: Figure, n: float, outfit: Outfit) -> None:
    pen.limb([(-0.22 * n, 0.05 * n), (-0.18 * n, 0.34 * n)], 0.13 * n, outfit.skin)
    pen.limb([(0.22 * n, 0.05 * n), (0.18 * n, 0.34 * n)], 0.13 * n, outfit.skin)
    pen.oval((0, 0.42 * n), (0.26 * n, 0.24 * n), outfit.top)
    draw_head(pen, (0, 0.58 * n), 0.2 * n, outfit, from_side=False)


def _draw_baby_from_side(pen: Figure, pose: Pose, outfit: Outfit) -> None:
    n, body = pose.height, outfit.top
    reach = 0.12 * n * float(np.sin(pose.phase))
    far_knee = [(-0.3 * n, 0.36 * n), (-0.26 * n + reach, 0.1 * n), (-0.48 * n + reach, 0.06 * n)]
    near_knee = [(-0.3 * n, 0.34 * n), (-0.2 * n - reach, 0.1 * n), (-0.42 * n - reach, 0.05 * n)]
    pen.limb(far_knee, 0.15 * n, darker(body, 0.8))
    pen.limb([(0.22 * n, 0.38 * n), (0.24 * n - reach, 0.06 * n)], 0.11 * n, outfit.skin)
    pen.limb([(-0.28 * n, 0.4 * n), (0.22 * n, 0.46 * n)], 0.3 * n, body)
    pen.oval((-0.32 * n, 0.39 * n), (0.19 * n, 0.18 * n), _NAPPY)
    pen.limb(near_knee, 0.14 * n, body)
    pen.limb([(0.24 * n, 0.42 * n), (0.28 * n + reach, 0.05 * n)], 0.11 * n, outfit.skin)
    draw_head(pen, (0.42 * n, 0.62 * n), 0.2 * n, outfit, from_side=True)
