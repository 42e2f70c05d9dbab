"""Draws what falls between the scene and the camera: rain, drops on the windscreen, snow."""

from __future__ import annotations

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Picture
from scene_clip_ros.sim.render.atmosphere import Atmosphere

_STREAKS = 360
_DROPS = 26
_FLAKES = ((500, 0.0011, 0.75), (130, 0.0026, 0.8), (22, 0.006, 0.6))
"""From far to near: how many, radius as a share of the width, opacity."""

_SUBPIXEL_BITS = 3


def precipitate(picture: Picture, air: Atmosphere, rng: np.random.Generator) -> None:
    """Draw rain streaks and windscreen drops, or snow flakes.

    Args:
        picture: ``(H, W, 3)`` uint8, drawn into.
        air: How much falls, and the light on it.
        rng: Places everything.
    """
    bright = float(np.clip(air.sky_horizon.mean() * 0.9 + 60 + 70 * air.headlights, 60, 250))
    if air.rain > 0.03:
        _draw_rain(picture, air.rain, bright, rng)
    if air.snow > 0.03:
        _draw_snow(picture, air.snow, min(255.0, bright + 40), rng)


def _draw_rain(picture: Picture, amount: float, bright: float, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    count = int(_STREAKS * amount)
    u, v = rng.uniform(0, width, count), rng.uniform(-0.1, 1, count) * height
    length = rng.uniform(0.03, 0.11, count) * height
    slant = (u / width - 0.5) * 0.35
    thick = max(1, width // 640)
    for i in range(count):
        top = (int(u[i]), int(v[i]))
        foot = (int(u[i] + slant[i] * length[i]), int(v[i] + length[i]))
        cv2.line(layer, top, foot, (int(rng.integers(90, 210)),), thick, cv2.LINE_AA)
    _mix(picture, bright, layer, 0.5)
    for _ in range(int(_DROPS * amount)):
        _draw_drop(picture, rng)


def _mix(picture: Picture, bright: float, layer: Picture, opacity: float) -> None:
    cover = layer.astype(np.float32)[..., None] / 255 * opacity
    picture[:] = (picture + (bright - picture) * cover).astype(np.uint8)


def _draw_drop(picture: Picture, rng: np.random.Generator) -> None:
    """Draw a drop on the windscreen: a lens that shows the picture behind it upside down."""
    height, width = picture.shape[:2]
    radius = int(rng.uniform(0.006, 0.02) * width) + 1
    u, v = int(rng.integers(0, width)), int(rng.integers(0, height))
    x0, x1 = max(0, u - radius), min(width, u + radius)
    y0, y1 = max(0, v - radius), min(height, v + radius)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    patch = picture[y0:y1, x0:x1]
    lens = cv2.GaussianBlur(patch[::-1, ::-1], (0, 0), max(1.0, radius / 3))
    mask = np.zeros(patch.shape[:2], np.uint8)
    cv2.circle(mask, (u - x0, v - y0), radius, (255,), -1, cv2.LINE_AA)
    cover = mask.astype(np.float32)[..., None] / 255 * 0.75
    patch[:] = np.clip(patch + (lens * 1.06 - patch) * cover, 0, 255).astype(np.uint8)


def _draw_snow(picture: Picture, amount: float, bright: float, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    unit = 1 << _SUBPIXEL_BITS
    for count, size, opacity in _FLAKES:
        layer = np.zeros((height, width), np.uint8)
        places = rng.uniform(0, 1, (int(count * amount), 2)) * (width, height) * unit
        radius = max(4.0, size * width * unit)
        for u, v in places.astype(int).tolist():
            wide = int(radius * rng.uniform(0.6, 1.4))
            cv2.circle(layer, (u, v), wide, (255,), -1, cv2.LINE_AA, _SUBPIXEL_BITS)
        if size > 0.002:
            soft = cv2.GaussianBlur(layer, (0, 0), size * width * 0.35 + 0.4)
            layer = np.asarray(soft, np.uint8)
        _mix(picture, bright, layer, opacity)
