"""What happens between the scene and the recorded picture: reflections, bloom, rain, snow, the lens."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.atmosphere import Atmosphere
from scene_clip_ros.sim.camera import Camera
from scene_clip_ros.sim.canvas import Canvas, Glow
from scene_clip_ros.sim.textures import Float

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sensor:
    """How a camera renders what it sees; drawn once per drive.

    Attributes:
        exposure: Multiplier of brightness.
        balance: RGB multipliers, about 1.
        contrast: Multiplier about middle grey.
        saturation: Multiplier of colourfulness.
        noise: Standard deviation of the noise in levels.
        vignette: Darkening of the corners, [0, 1].
        blur: Sigma in pixels at 640 pixels width.
        hood: Height of the visible bonnet as a share of the picture, 0 for none.
        hood_colour: RGB of the bonnet.
    """

    exposure: float
    balance: tuple[float, float, float]
    contrast: float
    saturation: float
    noise: float
    vignette: float
    blur: float
    hood: float
    hood_colour: tuple[float, float, float]


def make_sensor(rng: np.random.Generator) -> Sensor:
    """Draw a camera at random."""
    r, g, b = rng.normal(1.0, 0.035, 3)
    hr, hg, hb = rng.uniform(20, 150) * rng.uniform(0.8, 1.2, 3)
    return Sensor(
        exposure=float(rng.uniform(0.86, 1.16)),
        balance=(float(r), float(g), float(b)),
        contrast=float(rng.uniform(0.88, 1.15)),
        saturation=float(rng.uniform(0.72, 1.28)),
        noise=float(rng.uniform(0.5, 4.0)),
        vignette=float(rng.uniform(0.0, 0.3)),
        blur=float(rng.uniform(0.0, 0.8)),
        hood=float(rng.uniform(0.02, 0.1)) if rng.random() < 0.4 else 0.0,
        hood_colour=(float(hr), float(hg), float(hb)),
    )


def reflect(canvas: Canvas, strength: float, ground: npt.NDArray[np.bool_]) -> None:
    """Mirror the picture in the wet ground.

    Args:
        canvas: Picture with everything that stands on the ground.
        strength: Share of light that a flat view reflects, [0, 1].
        ground: ``(H, W)`` pixels that mirror.
    """
    picture, camera = canvas.rgb, canvas.camera
    h = int(np.clip(round(camera.horizon_v), 1, camera.height - 2))
    below = camera.height - h
    mirrored = picture[max(0, h - below) : h][::-1]
    if mirrored.shape[0] < below:
        mirrored = np.concatenate(
            [mirrored, np.repeat(mirrored[-1:], below - mirrored.shape[0], axis=0)]
        )
    k = max(3, camera.height // 14) | 1
    smeared = cv2.blur(mirrored, (max(1, camera.width // 160), k)).astype(np.float32)
    drop = np.linspace(0, 1, below, dtype=np.float32)[:, None]
    share = strength * (0.62 - 0.42 * drop) * ground[h:]
    part = picture[h:].astype(np.float32)
    picture[h:] = np.clip(
        part * (1 - 0.72 * share[..., None]) + smeared * share[..., None], 0, 255
    ).astype(np.uint8)


def bloom(canvas: Canvas) -> None:
    """Let the remembered lights shine into their surroundings."""
    if not canvas.glows:
        return
    camera = canvas.camera
    factor = max(1, camera.width // 320)
    size = (camera.width // factor, camera.height // factor)
    light = np.zeros((size[1], size[0], 3), np.float32)
    for glow in canvas.glows:
        _add_glow(light, glow, factor)
    full = cv2.resize(light, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    canvas.rgb[:] = np.clip(canvas.rgb + full, 0, 255).astype(np.uint8)


def _add_glow(light: Float, glow: Glow, factor: int) -> None:
    radius = min(max(glow.radius / factor * 2.2, 1.2), light.shape[1] / 6)
    u, v, reach = glow.u / factor, glow.v / factor, int(np.ceil(radius * 2))
    x0, x1 = max(0, int(u) - reach), min(light.shape[1], int(u) + reach + 1)
    y0, y1 = max(0, int(v) - reach), min(light.shape[0], int(v) + reach + 1)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) - np.float32(u)) / np.float32(radius)
    dy = (np.arange(y0, y1, dtype=np.float32) - np.float32(v)) / np.float32(radius)
    shape = np.exp(-2.2 * (dx[None] ** 2 + dy[:, None] ** 2))
    light[y0:y1, x0:x1] += shape[..., None] * np.asarray(glow.colour, np.float32) * np.float32(0.62)


def precipitate(
    picture: Picture, camera: Camera, air: Atmosphere, rng: np.random.Generator
) -> None:
    """Draw rain streaks or snow flakes in the air, and drops on the windscreen."""
    bright = float(np.clip(air.sky_horizon.mean() * 0.9 + 60 + 70 * air.headlights, 60, 250))
    if air.rain > 0.03:
        _draw_rain(picture, camera, air.rain, bright, rng)
    if air.snow > 0.03:
        _draw_snow(picture, camera, air.snow, min(255.0, bright + 40), rng)


def _draw_rain(
    picture: Picture, camera: Camera, amount: float, bright: float, rng: np.random.Generator
) -> None:
    layer = np.zeros(picture.shape[:2], np.uint8)
    count = int(360 * amount)
    u, v = rng.uniform(0, camera.width, count), rng.uniform(-0.1, 1, count) * camera.height
    length = rng.uniform(0.03, 0.11, count) * camera.height
    slant = (u / camera.width - 0.5) * 0.35
    thick = max(1, camera.width // 640)
    for i in range(count):
        a = (int(u[i]), int(v[i]))
        b = (int(u[i] + slant[i] * length[i]), int(v[i] + length[i]))
        cv2.line(layer, a, b, int(rng.integers(90, 210)), thick, cv2.LINE_AA)
    cover = layer.astype(np.float32)[..., None] / 255 * 0.5
    picture[:] = (picture + (bright - picture) * cover).astype(np.uint8)
    for _ in range(int(26 * amount)):
        _draw_drop(picture, camera, rng)


def _draw_drop(picture: Picture, camera: Camera, rng: np.random.Generator) -> None:
    radius = int(rng.uniform(0.006, 0.02) * camera.width) + 1
    u, v = int(rng.integers(0, camera.width)), int(rng.integers(0, camera.height))
    x0, x1, y0, y1 = (
        max(0, u - radius),
        min(camera.width, u + radius),
        max(0, v - radius),
        min(camera.height, v + radius),
    )
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    patch = picture[y0:y1, x0:x1]
    lens = cv2.GaussianBlur(patch[::-1, ::-1], (0, 0), max(1.0, radius / 3))
    mask = np.zeros(patch.shape[:2], np.uint8)
    cv2.circle(mask, (u - x0, v - y0), radius, 255, -1, cv2.LINE_AA)
    cover = mask.astype(np.float32)[..., None] / 255 * 0.75
    patch[:] = np.clip(patch + (lens * 1.06 - patch) * cover, 0, 255).astype(np.uint8)


def _draw_snow(
    picture: Picture, camera: Camera, amount: float, bright: float, rng: np.random.Generator
) -> None:
    for count, size, strength in ((500, 0.0011, 0.75), (130, 0.0026, 0.8), (22, 0.006, 0.6)):
        layer = np.zeros(picture.shape[:2], np.uint8)
        n = int(count * amount)
        at = rng.uniform(0, 1, (n, 2)) * (camera.width, camera.height) * 8
        radius = max(4.0, size * camera.width * 8)
        for u, v in at.astype(int):
            cv2.circle(
                layer,
                (int(u), int(v)),
                int(radius * rng.uniform(0.6, 1.4)),
                255,
                -1,
                cv2.LINE_AA,
                3,
            )
        if size > 0.002:
            layer = cv2.GaussianBlur(layer, (0, 0), size * camera.width * 0.35 + 0.4)
        cover = layer.astype(np.float32)[..., None] / 255 * strength
        picture[:] = (picture + (bright - picture) * cover).astype(np.uint8)


def expose(picture: Picture, sensor: Sensor, rng: np.random.Generator) -> Picture:
    """Turn the scene into what the sensor records: ``(H, W, 3)`` uint8 in and out."""
    height, width = picture.shape[:2]
    if sensor.hood > 0:
        _draw_hood(picture, sensor)
    sigma = sensor.blur * width / 640
    if sigma > 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    image = picture.astype(np.float32)
    grey = image.mean(axis=2, keepdims=True)
    image = grey + (image - grey) * np.float32(sensor.saturation)
    image = (image - 118) * np.float32(sensor.contrast) + 118 if grey.mean() > 60 else image
    image *= np.asarray(sensor.balance, np.float32) * np.float32(sensor.exposure)
    if sensor.vignette > 0.02:
        y, x = (
            np.linspace(-1, 1, height, dtype=np.float32)[:, None],
            np.linspace(-1, 1, width, dtype=np.float32)[None],
        )
        image *= (1 - np.float32(sensor.vignette / 2) * (x * x + y * y))[..., None]
    noise = rng.standard_normal((height, width), dtype=np.float32)[..., None] * np.float32(
        sensor.noise
    )
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _draw_hood(picture: Picture, sensor: Sensor) -> None:
    height, width = picture.shape[:2]
    u = np.linspace(0, width, 24)
    rise = 1 - 0.35 * ((u / width - 0.5) * 2) ** 2
    top = np.stack([u, height - sensor.hood * height * rise], axis=1)
    outline = np.concatenate([top, [(width, height), (0, height)]]).astype(np.int32)
    light = float(np.clip(picture[int(height * 0.7)].mean() / 120, 0.08, 1.3))
    colour = tuple(int(min(255.0, c * light)) for c in sensor.hood_colour)
    cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA)
