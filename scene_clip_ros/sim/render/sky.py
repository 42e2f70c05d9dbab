"""Paints the sky: gradient, clouds, sun, moon and stars."""

from __future__ import annotations

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Float
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.camera import Camera
from scene_clip_ros.sim.render.noise import fractal_tile, sample_tile

_MOON = (235.0, 232.0, 215.0)
_STARS = 90


def paint_sky(camera: Camera, air: Atmosphere, *, drift: float, seed: int) -> Float:
    """Paint everything above the horizon.

    Args:
        camera: Where from.
        air: Light and clouds.
        drift: How far the clouds have moved, in texels.
        seed: Of the clouds and stars.

    Returns:
        ``(H, W, 3)`` float32 RGB in [0, 255]; rows below the horizon carry the horizon's colour.
    """
    rows = np.arange(camera.height, dtype=np.float32)[:, None]
    rise = np.clip((camera.horizon_v - rows) / (0.75 * camera.height), 0, 1)
    gradient = air.sky_horizon + (air.sky_top - air.sky_horizon) * rise[..., None] ** 0.6
    sky = np.tile(gradient.astype(np.float32), (1, camera.width, 1))
    clouds = _clouds(camera, air, drift, seed)[..., None]
    sky = sky + (air.cloud.astype(np.float32) - sky) * clouds
    if air.stars > 0.05:
        sky = sky + _stars(camera, air, seed)
    if air.sun.mean() > 0.05:
        sky = sky + _sun(camera, air)
    return np.asarray(np.clip(sky, 0, 255), np.float32)


def _clouds(camera: Camera, air: Atmosphere, drift: float, seed: int) -> Float:
    """Return ``(H, W)`` how much clouds cover, in [0, 1]: a flat layer seen from below."""
    u = np.arange(camera.width, dtype=np.float32)[None] - camera.centre_u
    above = camera.horizon_v - np.arange(camera.height, dtype=np.float32)
    lift = np.maximum(above, 1.0)[:, None] / camera.focal_px
    distance = 26 / (lift + 0.06)
    columns = u / camera.focal_px * distance * 4 + drift
    shape = sample_tile(fractal_tile(seed % 6), columns, distance * 3)
    if air.cloud_cover >= 1:
        relief = min(0.16, 0.03 / max(air.haze_per_m * 30, 0.01))
        cover = 0.5 + relief * shape
    else:
        gaps = np.clip((shape - 1.6 + 2.6 * air.cloud_cover) * 0.7, 0, 0.92)
        cover = gaps * min(1.0, 4 * air.cloud_cover)
    faded = np.asarray(np.clip(cover, 0, 1) * np.clip(lift * 7, 0, 1), np.float32)
    soft = cv2.GaussianBlur(faded, (0, 0), max(0.6, camera.width / 640))
    return np.asarray(soft, np.float32)


def _stars(camera: Camera, air: Atmosphere, seed: int) -> Float:
    """Return ``(H, W, 3)`` RGB light of stars and the moon."""
    rng = np.random.default_rng([seed, 5])
    sky = np.zeros((camera.height, camera.width, 3), np.float32)
    top = max(2, int(camera.horizon_v * 0.92))
    v, u = rng.integers(0, top, _STARS), rng.integers(0, camera.width, _STARS)
    sky[v, u] = rng.uniform(40, 190, (_STARS, 1)).astype(np.float32)
    radius = max(2, camera.width // 90)
    moon_u = int(rng.uniform(0.1, 0.9) * camera.width)
    moon_v = int(rng.uniform(0.1, 0.5) * max(camera.horizon_v, 4))
    cv2.circle(sky, (moon_u, moon_v), radius, _MOON, -1, cv2.LINE_AA)
    halo = cv2.GaussianBlur(sky, (0, 0), radius * 1.5)
    return np.asarray((sky + 0.6 * halo) * np.float32(air.stars), np.float32)


def _sun(camera: Camera, air: Atmosphere) -> Float:
    """Return ``(H, W, 3)`` RGB light around the sun; a red one stands low."""
    low = air.sun[2] / max(air.sun[0], 1e-3) < 0.6
    height = camera.horizon_v * (0.9 if low else 0.1)
    u = np.arange(camera.width, dtype=np.float32)[None] / camera.width - (0.5 + 0.75 * air.sun_side)
    v = (np.arange(camera.height, dtype=np.float32)[:, None] - height) / camera.width
    glow = np.exp(-(u * u + v * v) / np.float32(0.02 if low else 0.05)) * np.float32(90)
    tint = (air.sun / max(float(air.sun.max()), 1e-3)).astype(np.float32)
    return np.asarray(glow[..., None] * tint, np.float32)
