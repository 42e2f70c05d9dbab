"""Shades the ground: every picture row has one depth, so each row is painted analytically."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Float, IdentMap, Points
from scene_clip_ros.sim.render.atmosphere import HEADLIGHT, Atmosphere, headlight_beam
from scene_clip_ros.sim.render.markings import (
    Rows,
    cover_bays,
    cover_between,
    cover_crosswalk,
    cover_line,
)
from scene_clip_ros.sim.render.noise import fractal_tile, noise_tile, sample_tile
from scene_clip_ros.sim.script.layouts import WHITE
from scene_clip_ros.sim.script.road import Segment
from scene_clip_ros.sim.semantics import SemanticClass

_SNOW = np.array((232, 236, 244), np.float32)
_LAMP = np.array((1.0, 0.82, 0.55), np.float32)
_CLASSES = {
    "asphalt": SemanticClass.ROAD,
    "pavement": SemanticClass.SIDEWALK,
    "kerb": SemanticClass.SIDEWALK,
}
_PAINT_OPACITY = np.float32(0.92)
_WHEEL_M = 0.8
"""Wheels roll this far to each side of a lane's middle."""


def shade(rows: Rows, segment: Segment, air: Atmosphere, lamps: Points) -> tuple[Float, IdentMap]:
    """Paint rows that lie on one segment.

    Args:
        rows: The rows.
        segment: What lies there.
        air: Light and haze.
        lamps: ``(L, 2)`` street lamps: metres right of the camera and ahead.

    Returns:
        ``(R, W, 3)`` float32 RGB in [0, 255], and ``(R, W)`` uint16 semantic classes.
    """
    albedo, ident = _albedo(rows, segment)
    tunnel = segment.kind == "tunnel"
    if not tunnel:
        albedo = _under_weather(albedo, rows, segment, air)
    colour = albedo * _light(rows, air, lamps)
    if not tunnel:
        keep = np.exp(-np.float32(air.haze_per_m) * rows.depth)[..., None]
        colour = colour * keep + air.haze.astype(np.float32) * (1 - keep)
    return np.clip(colour, 0, 255), ident


def _albedo(rows: Rows, segment: Segment) -> tuple[Float, IdentMap]:
    shape = rows.across.shape
    colour = np.tile(np.asarray(segment.ground, np.float32), (*shape, 1))
    ident = np.full(shape, SemanticClass.TERRAIN, np.uint16)
    for band in segment.bands:
        cover = cover_between(rows.across, band.start, band.end, pixel=rows.pixel)[..., None]
        colour = np.asarray(band.colour, np.float32) * cover + colour * (1 - cover)
        ident[cover[..., 0] > 0.5] = _CLASSES[band.material]
    rough = np.where(ident == SemanticClass.TERRAIN, np.float32(0.13), np.float32(0.035))
    colour *= (1 + _grain(rows, segment.seed) * rough)[..., None]
    return _with_paint(colour, rows, segment), ident


def _with_paint(colour: Float, rows: Rows, segment: Segment) -> Float:
    for marking in segment.markings:
        colour = _painted(colour, cover_line(rows, marking), marking.colour)
    for start in segment.crosswalks:
        colour = _painted(colour, cover_crosswalk(rows, segment, start), WHITE)
    if segment.bays:
        colour = _painted(colour, cover_bays(rows, segment.right), WHITE)
    return colour


def _painted(colour: Float, cover: Float, paint: Colour) -> Float:
    share = (cover * _PAINT_OPACITY)[..., None]
    return np.asarray(colour + (np.asarray(paint, np.float32) - colour) * share, np.float32)


def _grain(rows: Rows, seed: int) -> Float:
    """Return the ground's texture, fading before it would shimmer."""
    fine = sample_tile(noise_tile(seed % 7, 4), rows.across * 24, rows.along * 24)
    broad = sample_tile(fractal_tile(seed % 5), rows.across * 9, rows.along * 9)
    near = np.clip(1.4 - rows.stretch * 6, 0, 1)
    mid = np.clip(1.5 - rows.stretch * 0.45, 0, 1)
    return np.asarray(fine * near + broad * mid, np.float32)


def _under_weather(albedo: Float, rows: Rows, segment: Segment, air: Atmosphere) -> Float:
    """Darken what is wet, and cover the ground with snow up to the wheel tracks."""
    if air.wetness > 0:
        albedo = albedo * (1 - np.float32(0.42 * air.wetness))
    if air.snow_cover <= 0:
        return albedo
    patches = sample_tile(fractal_tile(3), rows.across * 14, rows.along * 5)
    roadway = cover_between(rows.across, segment.left, segment.right, pixel=rows.pixel)
    tracks = _wheel_tracks(rows, segment)
    depth = (
        air.snow_cover * 1.25 - 0.75 * tracks * roadway * (1.35 - air.snow_cover) + 0.1 * patches
    )
    cover = np.clip(depth * 1.6 - 0.25, 0, 0.97)[..., None]
    return np.asarray(albedo + (_SNOW - albedo) * cover, np.float32)


def _wheel_tracks(rows: Rows, segment: Segment) -> Float:
    """Return how much wheels have cleared each pixel, in [0, 1]."""
    tracks = np.zeros_like(rows.across)
    for middle, _ in segment.lanes:
        for wheel in (-_WHEEL_M, _WHEEL_M):
            away = (rows.across - np.float32(middle + wheel)) / 0.32
            tracks = np.maximum(tracks, np.exp(-(away**2)))
    return tracks


def _light(rows: Rows, air: Atmosphere, lamps: Points) -> Float:
    """Return ``(R, W, 3)`` RGB light on the ground: sky, sun or tunnel, headlights, lamps."""
    flat = (air.ambient + air.sun * 0.85).astype(np.float32)
    light = np.tile(flat, (*rows.x.shape, 1))
    near, far = air.tunnel_span
    if far > near:
        inside = (rows.depth[:, 0] >= near) & (rows.depth[:, 0] < far)
        light[inside] = air.tunnel.astype(np.float32)
    if air.headlights > 0.02:
        beam = headlight_beam(rows.x, rows.depth).astype(np.float32) * np.float32(air.headlights)
        light += beam[..., None] * HEADLIGHT.astype(np.float32)
    if air.lamps > 0.4 and air.ambient.mean() < 0.45:
        for x, z in lamps:
            reach = ((rows.x - x) ** 2 + (rows.depth - z) ** 2) / np.float32(60.0)
            light += (np.exp(-reach) * np.float32(0.42 * air.lamps))[..., None] * _LAMP
    return light
