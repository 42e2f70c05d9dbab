"""Paints what stands on the horizon: hills, tree lines, skylines."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.arrays import Colour, as_colour
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.noise import TILE, noise_tile
from scene_clip_ros.sim.semantics import SemanticClass

_Form = Literal["hills", "trees", "skyline"]
_Layers = tuple[tuple[_Form, float, float], ...]

_COUNTRY: _Layers = (("hills", 0.05, 900.0), ("hills", 0.028, 500.0), ("trees", 0.04, 260.0))
_LAYERS: dict[str, _Layers] = {
    "city street": (("skyline", 0.11, 500.0), ("skyline", 0.07, 300.0)),
    "parking lot": (("trees", 0.025, 300.0),),
}
"""From far to near, by kind of road: form, height as a share of the focal length, metres away."""

_TURN_M = 160.0


def paint_far_land(canvas: Canvas, *, seed: int, road: str, heading: float) -> None:
    """Paint the land along the horizon.

    Args:
        canvas: Where.
        seed: Of the shapes.
        road: Kind of road at the camera; cities get a skyline.
        heading: Radians the road has turned; moves the land sideways.
    """
    camera = canvas.camera
    rng = np.random.default_rng([seed, 11])
    columns = np.arange(-8, camera.width + 9, max(2, camera.width // 160), dtype=np.float64)
    turned = (columns - camera.centre_u) / camera.focal_px * _TURN_M + heading * _TURN_M
    dry = rng.random() < 0.5
    base_v = camera.horizon_v + 3
    for i, (form, height, depth) in enumerate(_LAYERS.get(road, _COUNTRY)):
        tall = height * rng.uniform(0.3, 1.3) * camera.focal_px
        shift = (turned + seed % 97) * (1 + 0.3 * i)
        profile = _profile(form, shift, (seed + 3 * i) % 7) * tall
        colour = _colour(form, i, rng, dry=dry)
        top = np.stack([columns, camera.horizon_v + 1 - profile], axis=1)
        base = np.array([[columns[-1], base_v], [columns[0], base_v]])
        ident = SemanticClass.BUILDING if form == "skyline" else SemanticClass.VEGETATION
        seen = canvas.seen(colour, np.array((0.0, 0.0, depth)), 0.5)
        canvas.fill(np.concatenate([top, base]), seen, ident)


def _profile(form: _Form, at: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """Return how high the land rises, about 0.5, at places in texels."""
    if form == "skyline":
        block = np.floor(at / 7).astype(np.int64) % TILE
        return np.asarray(0.55 + 0.35 * noise_tile(seed, 1)[3, block])
    smooth = noise_tile(seed, 64)[7, at.astype(np.int64) % TILE]
    rough = noise_tile(seed, 4)[9, (at * 3).astype(np.int64) % TILE]
    rugged = 0.14 if form == "trees" else 0.01
    return np.asarray(np.clip(0.55 + 0.3 * smooth + rugged * rough, 0.05, 2))


def _colour(form: _Form, layer: int, rng: np.random.Generator, *, dry: bool) -> Colour:
    if form == "skyline":
        tone = rng.uniform(95, 165) - 15 * layer
        return tone, tone, tone + 8
    if form == "trees":
        return as_colour(rng.uniform((42, 56, 30), (76, 92, 50)))
    if dry and layer:
        return as_colour(rng.uniform((120, 106, 70), (165, 145, 98)))
    return as_colour(rng.uniform((62, 82, 66), (98, 112, 96)))
