"""Draws, at random, one of the many looks that a combination of conditions can have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Rgb
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.script.conditions import Conditions

_VISIBILITY_M = {
    "clear": (900, 4000),
    "overcast": (500, 2500),
    "rain": (160, 420),
    "snow": (90, 260),
    "fog": (28, 85),
}
_GREY_DAY = {"overcast": (150, 215), "rain": (105, 170), "snow": (165, 222), "fog": (160, 215)}
_GREY_NIGHT = {"fog": 2.1, "snow": 1.4}
_SODIUM = (1.0, 0.74, 0.42)
_FLUORESCENT = (0.9, 0.95, 0.95)
_DARKNESS = 3.0
"""Extinctions after which nothing is told from the haze: visibility = this / extinction."""


@dataclass(frozen=True, slots=True)
class _Sky:
    """Zenith and horizon RGB in [0, 255]; ambient and sun light, about 1 together by day."""

    top: Rgb
    horizon: Rgb
    ambient: Rgb
    sun: Rgb


def make_atmosphere(conditions: Conditions, rng: np.random.Generator) -> Atmosphere:
    """Draw light, sky and air.

    Args:
        conditions: Weather, time of day and surface to show.
        rng: Source of the variation.
    """
    weather, surface = conditions.weather, conditions.surface
    sky = _SKIES[conditions.time_of_day](weather, rng)
    night, dusk = conditions.time_of_day == "night", conditions.time_of_day == "dusk"
    cloud = _cloud_colour(conditions, sky.horizon, rng)
    cover = rng.uniform(0.0, 0.55) if weather == "clear" else 1.0
    far = rng.uniform(*_VISIBILITY_M[weather])
    haze, top = _haze_and_zenith(weather, sky, rng)
    dark = 1.0 if night else (rng.uniform(0.5, 1.0) if dusk else 0.0)
    gloomy = weather in ("rain", "snow", "fog") and not night
    sodium = rng.random() < 0.5
    return Atmosphere(
        ambient=sky.ambient,
        sun=sky.sun,
        sun_side=float(rng.uniform(-1, 1)),
        sky_top=top,
        sky_horizon=sky.horizon,
        cloud_cover=float(cover),
        cloud=cloud,
        haze=np.clip(haze, 0, 250),
        haze_per_m=_DARKNESS / far,
        rain=float(rng.uniform(0.45, 1.0)) if weather == "rain" else 0.0,
        snow=float(rng.uniform(0.45, 1.0)) if weather == "snow" else 0.0,
        wetness=float(rng.uniform(0.7, 1.0)) if surface == "wet" else 0.0,
        snow_cover=float(rng.uniform(0.72, 1.0)) if surface == "snowy" else 0.0,
        headlights=0.85 * dark + 0.1 * gloomy,
        lamps=float(max(dark, 0.55 * gloomy)),
        windows=dark,
        stars=float(night and weather == "clear"),
        tunnel=np.array(_SODIUM if sodium else _FLUORESCENT) * rng.uniform(0.62, 1.05),
    )


def _haze_and_zenith(weather: str, sky: _Sky, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    """Return what distance fades to, and the zenith: fog hides the sky too."""
    if weather == "fog":
        return sky.horizon, sky.horizon * rng.uniform(0.9, 1.0)
    return sky.horizon * rng.uniform(0.9, 1.02), sky.top


def _tone(low: Colour, high: Colour, rng: np.random.Generator) -> Rgb:
    """Draw a colour between two, near the straight line that joins them."""
    share = rng.uniform() + rng.normal(0, 0.06, 3)
    start = np.asarray(low, np.float64)
    return np.maximum(start + (np.asarray(high) - start) * share, 0)


def _day_sky(weather: str, rng: np.random.Generator) -> _Sky:
    if weather == "clear":
        top = _tone((48, 100, 160), (128, 172, 225), rng)
        horizon = top * 0.35 + _tone((168, 190, 204), (232, 240, 248), rng) * 0.65
        sun = np.array((1.0, 0.95, 0.86)) * rng.uniform(0.35, 0.7)
        ambient = np.array((0.92, 0.97, 1.05)) * rng.uniform(0.42, 0.62)
        return _Sky(top, horizon, ambient, sun)
    tone = rng.uniform(*_GREY_DAY[weather]) + rng.uniform(-5, 5, 3) + (-3, 0, 4)
    top = tone * rng.uniform(0.85, 1.0)
    horizon = tone * rng.uniform(0.98, 1.08)
    return _Sky(top, horizon, np.full(3, tone.mean() / 228), np.zeros(3))


def _dusk_sky(weather: str, rng: np.random.Generator) -> _Sky:
    if weather == "clear":
        top = _tone((40, 52, 98), (96, 98, 150), rng)
        horizon = _tone((215, 112, 58), (250, 182, 136), rng)
        sun = np.array((1.0, 0.55, 0.28)) * rng.uniform(0.05, 0.28)
        ambient = np.array((1.0, 0.86, 0.88)) * rng.uniform(0.26, 0.42)
        return _Sky(top, horizon, ambient, sun)
    tone = _tone((82, 72, 82), (132, 114, 124), rng) * rng.uniform(0.75, 1.1)
    ambient = np.array((0.98, 0.92, 1.02)) * rng.uniform(0.2, 0.36)
    return _Sky(tone * 0.72, tone * 1.12, ambient, np.zeros(3))


def _night_sky(weather: str, rng: np.random.Generator) -> _Sky:
    dim = rng.uniform(0.06, 0.15)
    if weather == "clear":
        top = _tone((2, 3, 9), (8, 11, 26), rng)
        return _Sky(top, top * 1.8 + (3, 3, 4), np.array((0.8, 0.88, 1.1)) * dim, np.zeros(3))
    tone = _tone((24, 22, 22), (48, 44, 44), rng) * _GREY_NIGHT.get(weather, 1.0)
    ambient = np.array((1.05, 0.98, 0.95)) * (dim * 1.3)
    return _Sky(tone * 0.8, tone * 1.15, ambient, np.zeros(3))


_SKIES = {"day": _day_sky, "dusk": _dusk_sky, "night": _night_sky}


def _cloud_colour(conditions: Conditions, horizon: Rgb, rng: np.random.Generator) -> Rgb:
    if conditions.weather != "clear":
        return np.asarray(horizon * rng.uniform(0.62, 0.9))
    if conditions.time_of_day == "day":
        return _tone((225, 228, 232), (252, 252, 252), rng)
    if conditions.time_of_day == "dusk":
        return np.asarray(horizon * 0.75 + rng.uniform(0, 30, 3))
    return np.asarray(horizon * 1.3)
