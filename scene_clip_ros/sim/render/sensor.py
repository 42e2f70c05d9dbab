"""How a camera records what it sees: its own bonnet, blur, colours, vignette, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Colour, Float, Picture, as_colour


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
    hood_colour: Colour


def make_sensor(rng: np.random.Generator) -> Sensor:
    """Draw a camera at random."""
    balance = as_colour(rng.normal(1.0, 0.035, 3))
    hood_colour = as_colour(rng.uniform(20, 150) * rng.uniform(0.8, 1.2, 3))
    return Sensor(
        exposure=float(rng.uniform(0.86, 1.16)),
        balance=balance,
        contrast=float(rng.uniform(0.88, 1.15)),
        saturation=float(rng.uniform(0.72, 1.28)),
        noise=float(rng.uniform(0.5, 4.0)),
        vignette=float(rng.uniform(0.0, 0.3)),
        blur=float(rng.uniform(0.0, 0.8)),
        hood=float(rng.uniform(0.02, 0.1)) if rng.random() < 0.4 else 0.0,
        hood_colour=hood_colour,
    )


def expose(picture: Picture, sensor: Sensor, rng: np.random.Generator) -> Picture:
    """Turn the scene into what the sensor records.

    Args:
        picture: ``(H, W, 3)`` uint8; the bonnet is drawn into it.
        sensor: The camera.
        rng: Of the noise.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    height, width = picture.shape[:2]
    if sensor.hood > 0:
        _draw_hood(picture, sensor)
    sigma = sensor.blur * width / 640
    seen = cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.25 else picture
    image: Float = np.asarray(seen, np.float32)
    grey = image.mean(axis=2, keepdims=True)
    image = grey + (image - grey) * np.float32(sensor.saturation)
    if grey.mean() > 60:
        image = (image - 118) * np.float32(sensor.contrast) + 118
    image *= np.asarray(sensor.balance, np.float32) * np.float32(sensor.exposure)
    if sensor.vignette > 0.02:
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        x = np.linspace(-1, 1, width, dtype=np.float32)[None]
        image *= (1 - np.float32(sensor.vignette / 2) * (x * x + y * y))[..., None]
    noise = rng.standard_normal((height, width), dtype=np.float32) * np.float32(sensor.noise)
    return np.clip(image + noise[..., None], 0, 255).astype(np.uint8)


def _draw_hood(picture: Picture, sensor: Sensor) -> None:
    """Draw the bonnet along the lower edge, as bright as the road before it."""
    height, width = picture.shape[:2]
    u = np.linspace(0, width, 24)
    rise = 1 - 0.35 * ((u / width - 0.5) * 2) ** 2
    top = np.stack([u, height - sensor.hood * height * rise], axis=1)
    outline = np.concatenate([top, [(width, height), (0, height)]]).astype(np.int32)
    light = float(np.clip(picture[int(height * 0.7)].mean() / 120, 0.08, 1.3))
    colour = [int(min(255.0, c * light)) for c in sensor.hood_colour]
    cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA)
