"""Light that spreads over a drawn scene: reflections on wet ground, bloom around lamps."""

from __future__ import annotations

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Float, Mask
from scene_clip_ros.sim.render.canvas import Canvas, Glow

_BLOOM_WIDTH_PX = 320
"""Bloom is soft, so it is computed on a picture about this wide."""

_BLOOM_STRENGTH = np.float32(0.62)


def reflect(canvas: Canvas, strength: float, ground: Mask) -> None:
    """Mirror the picture in the wet ground.

    Args:
        canvas: Picture with everything that stands on the ground.
        strength: Share of light that a flat view reflects, [0, 1].
        ground: ``(H, W)`` pixels that mirror.
    """
    picture, camera = canvas.rgb, canvas.camera
    horizon = int(np.clip(round(camera.horizon_v), 1, camera.height - 2))
    below = camera.height - horizon
    mirrored = picture[max(0, horizon - below) : horizon][::-1]
    missing = below - mirrored.shape[0]
    mirrored = np.pad(mirrored, ((0, missing), (0, 0), (0, 0)), mode="edge")
    kernel = (max(1, camera.width // 160), max(3, camera.height // 14) | 1)
    smeared = cv2.blur(mirrored, kernel).astype(np.float32)
    drop = np.linspace(0, 1, below, dtype=np.float32)[:, None]
    share = (strength * (0.62 - 0.42 * drop) * ground[horizon:])[..., None]
    mixed = picture[horizon:].astype(np.float32) * (1 - 0.72 * share) + smeared * share
    picture[horizon:] = np.clip(mixed, 0, 255).astype(np.uint8)


def bloom(canvas: Canvas) -> None:
    """Let the remembered lights shine into their surroundings."""
    if not canvas.glows:
        return
    camera = canvas.camera
    factor = max(1, camera.width // _BLOOM_WIDTH_PX)
    light = np.zeros((camera.height // factor, camera.width // factor, 3), np.float32)
    for glow in canvas.glows:
        _add_glow(light, glow, factor)
    full = cv2.resize(light, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    canvas.rgb[:] = np.clip(canvas.rgb + full, 0, 255).astype(np.uint8)


def _add_glow(light: Float, glow: Glow, factor: int) -> None:
    """Add a lamp's light to a picture that is ``factor`` times smaller than the camera's."""
    radius = min(max(glow.radius / factor * 2.2, 1.2), light.shape[1] / 6)
    u, v, reach = glow.u / factor, glow.v / factor, int(np.ceil(radius * 2))
    x0, x1 = max(0, int(u) - reach), min(light.shape[1], int(u) + reach + 1)
    y0, y1 = max(0, int(v) - reach), min(light.shape[0], int(v) + reach + 1)
    if x1 <= x0 or y1 <= y0:
        return
    dx = (np.arange(x0, x1, dtype=np.float32) - np.float32(u)) / np.float32(radius)
    dy = (np.arange(y0, y1, dtype=np.float32) - np.float32(v)) / np.float32(radius)
    shape = np.exp(-2.2 * (dx[None] ** 2 + dy[:, None] ** 2))
    colour = np.asarray(glow.colour, np.float32)
    light[y0:y1, x0:x1] += shape[..., None] * colour * _BLOOM_STRENGTH
