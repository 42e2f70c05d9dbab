"""A pen for jointed figures that face the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Points
from scene_clip_ros.sim.render.camera import Spot
from scene_clip_ros.sim.render.canvas import Canvas

FACING = 0.8
"""Share of direct sun that clothes and skin take."""

_SHADOW = 0.55


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
        spot: Where its feet are.
        height: Standing height in metres (length for animals and babies).
        phase: Of the walk, radians.
        side: -1 walks left, 1 walks right, 0 is seen from the front or behind.
    """

    spot: Spot
    height: float
    phase: float
    side: int


def darker(colour: Colour, share: float) -> Colour:
    """Return a colour multiplied by a share in [0, 1]."""
    return colour[0] * share, colour[1] * share, colour[2] * share


class Figure:
    """A pen that draws in a figure's own frame: right (ahead, if it walks) and up, metres."""

    def __init__(self, canvas: Canvas, pose: Pose, *, ident: int) -> None:
        """Set the pen at a pose; everything drawn carries ``ident``."""
        self._canvas = canvas
        self._ident = ident
        self._at = pose.spot.at()
        self._foot = canvas.camera.project(self._at[None])[0]
        self._scale = canvas.camera.scale_at(pose.spot.z)
        self._mirror = (-1.0 if pose.side < 0 else 1.0, -1.0)

    def limb(
        self,
        points: Sequence[tuple[float, float]],
        width: float,
        colour: Colour,
        *,
        facing: float = FACING,
    ) -> None:
        """Draw a rounded limb through points, ``width`` metres thick."""
        seen = self._canvas.seen(colour, self._at, facing)
        pixels = self._pixels(points)
        self._canvas.stroke(pixels, seen, self._ident, width_px=width * self._scale)

    def shape(
        self, points: Sequence[tuple[float, float]], colour: Colour, *, facing: float = FACING
    ) -> None:
        """Fill a polygon."""
        seen = self._canvas.seen(colour, self._at, facing)
        self._canvas.fill(self._pixels(points), seen, self._ident)

    def oval(
        self,
        centre: tuple[float, float],
        axes: tuple[float, float],
        colour: Colour,
        *,
        facing: float = FACING,
    ) -> None:
        """Fill an upright ellipse with half axes in metres."""
        seen = self._canvas.seen(colour, self._at, facing)
        axes_px = (axes[0] * self._scale, axes[1] * self._scale)
        self._canvas.ellipse(self._pixels([centre])[0], axes_px, seen, ident=self._ident)

    def ring(
        self,
        centre: tuple[float, float],
        axes: tuple[float, float],
        colour: Colour,
        *,
        width: float,
    ) -> None:
        """Draw an upright elliptic ring with half axes in metres, ``width`` metres thick."""
        x, y = centre
        turns = np.linspace(0, 2 * np.pi, 25).tolist()
        points = [(x + axes[0] * np.cos(t), y + axes[1] * np.sin(t)) for t in turns]
        self.limb(points, width, colour)

    def _pixels(self, points: Sequence[tuple[float, float]]) -> Points:
        local = np.asarray(points, np.float64) * self._mirror
        return np.asarray(self._foot + local * self._scale)


def draw_shadow(canvas: Canvas, pose: Pose, half_width: float) -> None:
    """Darken the ground under a figure ``half_width`` metres wide to each side."""
    foot = canvas.camera.project(pose.spot.at()[None])[0]
    scale = canvas.camera.scale_at(pose.spot.z)
    flat = 0.3 * canvas.camera.mount_m / max(pose.spot.z, 1.0) * 4
    axes = (half_width * scale, max(0.6, half_width * flat * scale * 0.6))
    canvas.ellipse(
        foot, axes, canvas.shaded(foot, _SHADOW, depth_m=pose.spot.z), ident=canvas.ident_at(foot)
    )
