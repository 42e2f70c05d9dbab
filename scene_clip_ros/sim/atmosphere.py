"""Light, sky and weather at one instant, as numbers that can be blended."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.float64]

WEATHERS = ("clear", "overcast", "rain", "snow", "fog")
TIMES_OF_DAY = ("day", "dusk", "night")
SURFACES = ("dry", "wet", "snowy")

HEADLIGHT = np.array((1.0, 0.95, 0.84))


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

    def in_tunnel(self, depth: float) -> bool:
        """Say whether a depth in metres lies in a tunnel."""
        return self.tunnel_span[0] <= depth < self.tunnel_span[1]

    def light_at(self, across: float, depth: float, facing: float = 1.0) -> Rgb:
        """Return the RGB light on a surface.

        Args:
            across: Metres right of the camera.
            depth: Metres ahead.
            facing: Share of direct sun it takes, [0, 1].
        """
        beam = HEADLIGHT * (self.headlights * headlight_beam(across, depth))
        if self.in_tunnel(depth):
            return self.tunnel * (0.75 + 0.25 * facing) + 0.5 * beam
        return self.ambient + self.sun * facing + beam

    def through_haze(
        self, colour: npt.NDArray[np.floating], depth: float
    ) -> npt.NDArray[np.floating]:
        """Fade ``(..., 3)`` colours at a depth in metres towards the haze."""
        if self.in_tunnel(depth):
            return np.clip(colour, 0, 255)
        keep = np.exp(-self.haze_per_m * depth)
        faded: npt.NDArray[np.floating] = colour * keep + self.haze * (1 - keep)
        return np.clip(faded, 0, 255).astype(colour.dtype)


def headlight_beam(across: npt.ArrayLike, depth: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return how strongly the ego's headlights reach a place, in [0, 1]."""
    z = np.asarray(depth, np.float64)
    spread = 1.3 + 0.17 * z
    reach = np.clip(13 / (z + 5), 0, 1) ** 1.35
    return np.asarray(np.exp(-((np.asarray(across) / spread) ** 2)) * reach)


def blend(first: Atmosphere, second: Atmosphere, share: float) -> Atmosphere:
    """Mix two atmospheres; ``share`` 0 gives the first, 1 the second."""
    mixed = {
        f.name: getattr(first, f.name) * (1 - share) + getattr(second, f.name) * share
        for f in fields(Atmosphere)
        if f.name != "tunnel_span"
    }
    return Atmosphere(**mixed, tunnel_span=first.tunnel_span)


def make_atmosphere(
    weather: str, time_of_day: str, surface: str, rng: np.random.Generator
) -> Atmosphere:
    """Draw one of the many looks that a combination of conditions can have.

    Args:
        weather: One of ``WEATHERS``.
        time_of_day: One of ``TIMES_OF_DAY``.
        surface: One of ``SURFACES``.
        rng: Source of the variation.
    """
    sky_top, sky_horizon, ambient, sun = _sky_and_light(weather, time_of_day, rng)
    night, dusk = time_of_day == "night", time_of_day == "dusk"
    cloud = _cloud_colour(weather, time_of_day, sky_horizon, rng)
    cover = rng.uniform(0.0, 0.55) if weather == "clear" else 1.0
    visibility = {
        "clear": (900, 4000),
        "overcast": (500, 2500),
        "rain": (160, 420),
        "snow": (90, 260),
    }
    far = rng.uniform(28, 85) if weather == "fog" else rng.uniform(*visibility[weather])
    haze = sky_horizon * (rng.uniform(0.9, 1.02) if weather != "fog" else 1.0)
    if weather == "fog":
        sky_top = sky_horizon * rng.uniform(0.9, 1.0)
    dark = 1.0 if night else (rng.uniform(0.5, 1.0) if dusk else 0.0)
    gloomy = weather in ("rain", "snow", "fog") and not night
    sodium = rng.random() < 0.5
    return Atmosphere(
        ambient=ambient,
        sun=sun,
        sun_side=float(rng.uniform(-1, 1)),
        sky_top=sky_top,
        sky_horizon=sky_horizon,
        cloud_cover=float(cover),
        cloud=cloud,
        haze=np.clip(haze, 0, 250),
        haze_per_m=3.0 / far,
        rain=float(rng.uniform(0.45, 1.0)) if weather == "rain" else 0.0,
        snow=float(rng.uniform(0.45, 1.0)) if weather == "snow" else 0.0,
        wetness=float(rng.uniform(0.7, 1.0)) if surface == "wet" else 0.0,
        snow_cover=float(rng.uniform(0.72, 1.0)) if surface == "snowy" else 0.0,
        headlights=0.85 * dark + 0.1 * gloomy,
        lamps=float(max(dark, 0.55 * gloomy)),
        windows=dark,
        stars=float(night and weather == "clear"),
        tunnel=(np.array((1.0, 0.74, 0.42)) if sodium else np.array((0.9, 0.95, 0.95)))
        * rng.uniform(0.62, 1.05),
    )


def _tone(
    low: tuple[float, float, float], high: tuple[float, float, float], rng: np.random.Generator
) -> Rgb:
    """Draw a colour between two, near the straight line that joins them."""
    share = rng.uniform() + rng.normal(0, 0.06, 3)
    return np.maximum(np.asarray(low) + (np.asarray(high) - np.asarray(low)) * share, 0)


def _sky_and_light(
    weather: str, time_of_day: str, rng: np.random.Generator
) -> tuple[Rgb, Rgb, Rgb, Rgb]:
    """Return zenith, horizon, ambient and sun colours."""
    clear = weather == "clear"
    none = np.zeros(3)
    if time_of_day == "day":
        if clear:
            top = _tone((48, 100, 160), (128, 172, 225), rng)
            horizon = top * 0.35 + _tone((168, 190, 204), (232, 240, 248), rng) * 0.65
            sun = np.array((1.0, 0.95, 0.86)) * rng.uniform(0.35, 0.7)
            return top, horizon, np.array((0.92, 0.97, 1.05)) * rng.uniform(0.42, 0.62), sun
        grey = {"overcast": (150, 215), "rain": (105, 170), "snow": (165, 222), "fog": (160, 215)}[
            weather
        ]
        tone = rng.uniform(*grey) + rng.uniform(-5, 5, 3) + (-3, 0, 4)
        return (
            tone * rng.uniform(0.85, 1.0),
            tone * rng.uniform(0.98, 1.08),
            np.full(3, tone.mean() / 228),
            none,
        )
    if time_of_day == "dusk":
        if clear:
            top = _tone((40, 52, 98), (96, 98, 150), rng)
            horizon = _tone((215, 112, 58), (250, 182, 136), rng)
            sun = np.array((1.0, 0.55, 0.28)) * rng.uniform(0.05, 0.28)
            return top, horizon, np.array((1.0, 0.86, 0.88)) * rng.uniform(0.26, 0.42), sun
        tone = _tone((82, 72, 82), (132, 114, 124), rng) * rng.uniform(0.75, 1.1)
        return tone * 0.72, tone * 1.12, np.array((0.98, 0.92, 1.02)) * rng.uniform(0.2, 0.36), none
    dim = rng.uniform(0.045, 0.11)
    if clear:
        top = _tone((2, 3, 9), (8, 11, 26), rng)
        return top, top * 1.8 + (3, 3, 4), np.array((0.8, 0.88, 1.1)) * dim, none
    tone = _tone((24, 22, 22), (48, 44, 44), rng) * {"fog": 2.1, "snow": 1.4}.get(weather, 1.0)
    return tone * 0.8, tone * 1.15, np.array((1.05, 0.98, 0.95)) * (dim * 1.3), none


def _cloud_colour(weather: str, time_of_day: str, horizon: Rgb, rng: np.random.Generator) -> Rgb:
    if weather != "clear":
        return np.asarray(horizon * rng.uniform(0.62, 0.9))
    if time_of_day == "day":
        return np.asarray(_tone((225, 228, 232), (252, 252, 252), rng))
    if time_of_day == "dusk":
        return np.asarray(horizon * 0.75 + rng.uniform(0, 30, 3))
    return np.asarray(horizon * 1.3)
