"""Paints the sky and the far land under it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.atmosphere import Atmosphere
from scene_clip_ros.sim.camera import Camera
from scene_clip_ros.sim.canvas import Canvas
from scene_clip_ros.sim.semantics import SemanticClass
from scene_clip_ros.sim.textures import TILE, Float, fractal_tile, noise_tile, sample_tile


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
    sky = air.sky_horizon + (air.sky_top - air.sky_horizon) * rise[..., None] ** 0.6
    sky = np.broadcast_to(sky, (camera.height, camera.width, 3)).astype(np.float32)
    clouds = _clouds(camera, air, drift, seed)[..., None]
    sky = sky + (air.cloud.astype(np.float32) - sky) * clouds
    if air.stars > 0.05:
        sky = sky + _stars(camera, air, seed)
    if air.sun.mean() > 0.05:
        sky = sky + _sun(camera, air)
    return np.asarray(np.clip(sky, 0, 255), np.float32)


def _clouds(camera: Camera, air: Atmosphere, drift: float, seed: int) -> Float:
    u = np.arange(camera.width, dtype=np.float32)[None] - camera.centre_u
    lift = (
        np.maximum(camera.horizon_v - np.arange(camera.height, dtype=np.float32), 1.0)[:, None]
        / camera.focal_px
    )
    distance = 26 / (lift + 0.06)
    shape = sample_tile(
        fractal_tile(seed % 6), u / camera.focal_px * distance * 4 + drift, distance * 3
    )
    if air.cloud_cover >= 1:
        cover = 0.5 + min(0.16, 0.03 / max(air.haze_per_m * 30, 0.01)) * shape
    else:
        cover = np.clip((shape - 1.6 + 2.6 * air.cloud_cover) * 0.7, 0, 0.92) * min(
            1.0, 4 * air.cloud_cover
        )
    fade = np.clip(lift * 7, 0, 1)
    return cv2.GaussianBlur(
        np.asarray(np.clip(cover, 0, 1) * fade, np.float32), (0, 0), max(0.6, camera.width / 640)
    )


def _stars(camera: Camera, air: Atmosphere, seed: int) -> Float:
    rng = np.random.default_rng([seed, 5])
    sky = np.zeros((camera.height, camera.width, 3), np.float32)
    top = max(2, int(camera.horizon_v * 0.92))
    v, u = rng.integers(0, top, 90), rng.integers(0, camera.width, 90)
    sky[v, u] = rng.uniform(40, 190, (90, 1)).astype(np.float32)
    radius = max(2, camera.width // 90)
    at = (
        int(rng.uniform(0.1, 0.9) * camera.width),
        int(rng.uniform(0.1, 0.5) * max(camera.horizon_v, 4)),
    )
    cv2.circle(sky, at, radius, (235.0, 232.0, 215.0), -1, cv2.LINE_AA)
    halo = cv2.GaussianBlur(sky, (0, 0), radius * 1.5)
    return np.asarray(
        (np.maximum(sky, 0.25 * sky) + 0.6 * halo) * np.float32(air.stars), np.float32
    )


def _sun(camera: Camera, air: Atmosphere) -> Float:
    u = np.arange(camera.width, dtype=np.float32)[None] / camera.width - (0.5 + 0.75 * air.sun_side)
    low = air.sun[2] / max(air.sun[0], 1e-3) < 0.6
    v = (
        np.arange(camera.height, dtype=np.float32)[:, None]
        - camera.horizon_v * (0.9 if low else 0.1)
    ) / camera.width
    glow = np.exp(-(u * u + v * v) / np.float32(0.02 if low else 0.05)) * np.float32(90)
    return glow[..., None] * (air.sun / max(float(air.sun.max()), 1e-3)).astype(np.float32)


def paint_far_land(canvas: Canvas, *, seed: int, kind: str, heading: float) -> None:
    """Paint what stands on the horizon: hills and a tree line, or a skyline.

    Args:
        canvas: Where.
        seed: Of the shapes.
        kind: Road kind at the camera; cities get a skyline.
        heading: Radians the road has turned; moves the land sideways.
    """
    camera = canvas.camera
    rng = np.random.default_rng([seed, 11])
    columns = np.arange(-8, camera.width + 9, max(2, camera.width // 160), dtype=np.float64)
    shift = (columns - camera.centre_u) / camera.focal_px * 160 + heading * 160 + seed % 97
    layers = [("hills", 0.05, 900.0), ("hills", 0.028, 500.0), ("trees", 0.02, 260.0)]
    if kind == "city street":
        layers = [("skyline", 0.11, 500.0), ("skyline", 0.07, 300.0)]
    elif kind == "parking lot":
        layers = [("trees", 0.025, 300.0)]
    dry = rng.random() < 0.5
    for i, (form, height, depth) in enumerate(layers):
        tall = height * rng.uniform(0.3, 1.3) * camera.focal_px
        profile = _profile(form, shift * (1 + 0.3 * i), (seed + 3 * i) % 7) * tall
        colour = _land_colour(form, i, rng, dry=dry)
        seen = canvas.seen(colour, np.array((0.0, 0.0, depth)), 0.5)
        ident = SemanticClass.BUILDING if form == "skyline" else SemanticClass.VEGETATION
        top = np.stack([columns, camera.horizon_v + 1 - profile], axis=1)
        base = np.array([[columns[-1], camera.horizon_v + 3], [columns[0], camera.horizon_v + 3]])
        canvas.fill(np.concatenate([top, base]), seen, int(ident))


def _profile(form: str, at: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    if form == "skyline":
        block = np.floor(at / 7).astype(np.int64) % TILE
        return np.asarray(0.55 + 0.35 * noise_tile(seed, 1)[3, block])
    smooth = noise_tile(seed, 64)[7, at.astype(np.int64) % TILE]
    rough = noise_tile(seed, 4)[9, (at * 3).astype(np.int64) % TILE]
    return np.asarray(
        np.clip(0.55 + 0.3 * smooth + (0.14 if form == "trees" else 0.01) * rough, 0.05, 2)
    )


def _land_colour(
    form: str, layer: int, rng: np.random.Generator, *, dry: bool
) -> tuple[float, float, float]:
    if form == "skyline":
        tone = rng.uniform(95, 165) - 15 * layer
        return tone, tone, tone + 8
    if form == "trees":
        return tuple(float(c) for c in rng.uniform((42, 56, 30), (76, 92, 50)))  # type: ignore[return-value]
    base = (
        rng.uniform((120, 106, 70), (165, 145, 98))
        if dry and layer
        else rng.uniform((62, 82, 66), (98, 112, 96))
    )
    return tuple(float(c) for c in base)  # type: ignore[return-value]
