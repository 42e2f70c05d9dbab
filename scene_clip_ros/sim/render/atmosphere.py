"""Light, sky and weather at one instant, as numbers that can be blended."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.arrays import Rgb

_Floating = TypeVar("_Floating", np.float32, np.float64)

HEADLIGHT = np.array((1.0, 0.95, 0.84))
"""``(3,)`` RGB of the ego's headlights."""


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """What the air and the light do to a picture.

    Attributes:
        ambient: RGB light from everywhere, multiplies albedo, about 1 by day.
        sun: RGB light of the sun where it falls squarely.
        sun_side: Where the sun stands: -1 left to 1 right.
        sky_top: RGB of the zenith, [0, 255].
        sky_horizon: RGB of the sky at the horizon, [0, 255].
        cloud_cover: Share of the sky under clouds, [0, 1].
        cloud: RGB of a cloud, [0, 255].
        haze: RGB that distance fades to, [0, 255].
        haze_per_m: Extinction per metre.
        rain: Streaks in the air, [0, 1].
        snow: Flakes in the air, [0, 1].
        wetness: Film of water on the ground, [0, 1].
        snow_cover: Snow lying on the ground, [0, 1].
        headlights: Strength of the ego's headlights, [0, 1].
        lamps: How bright street lamps and tail lamps look, [0, 1].
        windows: How bright lit windows look, [0, 1].
        stars: Visibility of stars and moon, [0, 1].
        tunnel: RGB light inside tunnels.
        tunnel_span: Depths from and to which the road lies in a tunnel, metres; empty if equal.
    """

    ambient: Rgb
    sun: Rgb
    sun_side: float
    sky_top: Rgb
    sky_horizon: Rgb
    cloud_cover: float
    cloud: Rgb
    haze: Rgb
    haze_per_m: float
    rain: float
    snow: float
    wetness: float
    snow_cover: float
    headlights: float
    lamps: float
    windows: float
    stars: float
    tunnel: Rgb
    tunnel_span: tuple[float, float] = (0.0, 0.0)

    def in_tunnel(self, depth_m: float) -> bool:
        """Say whether a depth lies in a tunnel."""
        return self.tunnel_span[0] <= depth_m < self.tunnel_span[1]

    def light_at(self, across_m: float, depth_m: float, facing: float = 1.0) -> Rgb:
        """Return the RGB light on a surface.

        Args:
            across_m: Metres right of the camera.
            depth_m: Metres ahead.
            facing: Share of direct sun it takes, [0, 1].
        """
        beam = HEADLIGHT * (self.headlights * headlight_beam(across_m, depth_m))
        if self.in_tunnel(depth_m):
            return self.tunnel * (0.75 + 0.25 * facing) + 0.5 * beam
        return self.ambient + self.sun * facing + beam

    def through_haze(
        self, colour: npt.NDArray[_Floating], depth_m: float
    ) -> npt.NDArray[_Floating]:
        """Fade ``(..., 3)`` colours at a depth towards the haze, clipped to [0, 255]."""
        if self.in_tunnel(depth_m):
            return np.clip(colour, 0, 255)
        keep = np.exp(-self.haze_per_m * depth_m)
        faded = colour * keep + self.haze * (1 - keep)
        return np.asarray(np.clip(faded, 0, 255), colour.dtype)


def headlight_beam(across_m: npt.ArrayLike, depth_m: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return how strongly the ego's headlights reach places, in [0, 1]; shapes broadcast."""
    z = np.asarray(depth_m, np.float64)
    spread = 1.3 + 0.17 * z
    reach = np.clip(13 / (z + 5), 0, 1) ** 1.35
    return np.asarray(np.exp(-((np.asarray(across_m) / spread) ** 2)) * reach)


def blend(first: Atmosphere, second: Atmosphere, share: float) -> Atmosphere:
    """Mix two atmospheres; ``share`` 0 gives the first, 1 the second."""
    mixed = {
        f.name: getattr(first, f.name) * (1 - share) + getattr(second, f.name) * share
        for f in fields(Atmosphere)
        if f.name != "tunnel_span"
    }
    return Atmosphere(**mixed, tunnel_span=first.tunnel_span)
