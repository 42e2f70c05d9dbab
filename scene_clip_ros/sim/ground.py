"""Shades the ground: every picture row has one depth, so each row is painted analytically."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.atmosphere import HEADLIGHT, Atmosphere, headlight_beam
from scene_clip_ros.sim.camera import Camera
from scene_clip_ros.sim.road import WHITE, Marking, Segment
from scene_clip_ros.sim.semantics import SemanticClass
from scene_clip_ros.sim.textures import Float, fractal_tile, noise_tile, sample_tile

_SNOW = np.array((232, 236, 244), np.float32)


@dataclass(frozen=True, slots=True)
class Rows:
    """A run of picture rows on one segment.

    Attributes:
        depth: ``(R, 1)`` metres ahead.
        along: ``(R, 1)`` metres along the drive.
        across: ``(R, W)`` metres right of the ego lane's middle.
        x: ``(R, W)`` metres right of the camera.
        pixel: ``(R, 1)`` metres that one pixel spans across.
        stretch: ``(R, 1)`` metres that one pixel spans along.
    """

    depth: Float
    along: Float
    across: Float
    x: Float
    pixel: Float
    stretch: Float


def rows_of(camera: Camera, ego_along: float, bend: npt.NDArray[np.float64]) -> Rows:
    """Lay the ground's picture rows out in metres.

    Args:
        camera: The camera.
        ego_along: Metres along the drive at the camera.
        bend: ``(R,)`` metres that the road has moved to the right at each row's depth.
    """
    depth = camera.ground_depths().astype(np.float32)[:, None]
    columns = np.arange(camera.width, dtype=np.float32)[None] + np.float32(0.5 - camera.centre_u)
    pixel = depth / np.float32(camera.focal_px)
    x = columns * pixel
    stretch = depth * depth / np.float32(camera.focal_px * camera.mount_m)
    return Rows(
        depth,
        depth + np.float32(ego_along),
        x - bend.astype(np.float32)[:, None],
        x,
        pixel,
        stretch,
    )


def slice_rows(rows: Rows, part: slice) -> Rows:
    """Take some of the rows."""
    return Rows(
        *(
            getattr(rows, name)[part]
            for name in ("depth", "along", "across", "x", "pixel", "stretch")
        )
    )


def shade(
    rows: Rows, segment: Segment, air: Atmosphere, lamps: npt.NDArray[np.float64]
) -> tuple[Float, npt.NDArray[np.uint16]]:
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
    roadway = _cover(rows.across, segment.left, segment.right, rows.pixel)
    if segment.kind != "tunnel":
        albedo = _under_weather(albedo, rows, segment, air, roadway)
    light = _light(rows, air, lamps)
    colour = albedo * light
    if segment.kind == "tunnel":
        return np.clip(colour, 0, 255), ident
    keep = np.exp(-np.float32(air.haze_per_m) * rows.depth)[..., None]
    colour = colour * keep + air.haze.astype(np.float32) * (1 - keep)
    return np.clip(colour, 0, 255), ident


def _albedo(rows: Rows, segment: Segment) -> tuple[Float, npt.NDArray[np.uint16]]:
    shape = rows.across.shape
    colour = np.empty((*shape, 3), np.float32)
    ident = np.full(shape, _class_of(segment.bands[0].material), np.uint16)
    for band in segment.bands:
        cover = _cover(rows.across, band.start, band.end, rows.pixel)[..., None]
        tone = np.asarray(band.colour, np.float32)
        colour = (
            np.broadcast_to(tone, colour.shape) * cover + colour * (1 - cover)
            if band.start > -400
            else np.tile(tone, (*shape, 1))
        )
        ident[cover[..., 0] > 0.5] = _class_of(band.material)
    grain = _grain(rows, segment.seed)
    rough = np.where(ident == SemanticClass.TERRAIN, np.float32(0.13), np.float32(0.035))
    colour *= (1 + grain * rough)[..., None]
    for marking in segment.markings:
        colour = _painted(colour, _line(rows, marking), marking.colour)
    for start in segment.crosswalks:
        colour = _painted(colour, _crosswalk(rows, segment, start), WHITE)
    if segment.bays:
        colour = _painted(colour, _bays(rows, segment.right), WHITE)
    return colour, ident


def _class_of(material: str) -> SemanticClass:
    return {
        "asphalt": SemanticClass.ROAD,
        "pavement": SemanticClass.SIDEWALK,
        "kerb": SemanticClass.SIDEWALK,
        "verge": SemanticClass.TERRAIN,
    }[material]


def _cover(across: Float, start: float, end: float, pixel: Float) -> Float:
    """Return the share of each pixel between two lines, antialiased."""
    soft = np.maximum(pixel, np.float32(0.02))
    enter = np.clip((across - np.float32(start)) / soft + 0.5, 0, 1)
    leave = np.clip((np.float32(end) - across) / soft + 0.5, 0, 1)
    return enter * leave


def _line(rows: Rows, marking: Marking) -> Float:
    half = marking.width / 2
    soft = np.maximum(rows.pixel, np.float32(0.02))
    cover = np.clip(
        (half + soft / 2 - np.abs(rows.across - np.float32(marking.across))) / soft, 0, 1
    )
    cover = cover * np.minimum(1, np.float32(marking.width) / soft)
    if marking.dash is None:
        return cover
    painted, period = marking.dash
    phase = np.mod(rows.along, np.float32(period))
    edge = np.maximum(rows.stretch, np.float32(0.05))
    on = np.clip((painted / 2 + edge / 2 - np.abs(phase - painted / 2)) / edge, 0, 1)
    return cover * np.where(rows.stretch > period / 2, np.float32(painted / period), on)


def _crosswalk(rows: Rows, segment: Segment, start: float) -> Float:
    inside = _cover(rows.along, start, start + 3.2, rows.stretch)
    across = _cover(rows.across, segment.left + 0.4, segment.right - 0.4, rows.pixel)
    stripe = np.clip(
        (0.28 - np.abs(np.mod(rows.across, 1.1) - 0.55)) / np.maximum(rows.pixel, 0.02) + 0.5, 0, 1
    )
    return inside * across * np.where(rows.pixel > 0.5, np.float32(0.5), stripe.astype(np.float32))


def _bays(rows: Rows, aisle: float) -> Float:
    """Return parking bay lines: rows of bays 5 m deep and 2.6 m wide on both sides."""
    side = np.abs(rows.across) - np.float32(aisle)
    depth_in = np.mod(side, np.float32(10.0 + 2 * aisle))
    in_bay = (side > 0) & (depth_in < 10.0)
    edge = np.maximum(rows.stretch, np.float32(0.05))
    line = np.clip(
        (0.06 + edge / 2 - np.abs(np.mod(rows.along, 2.6) - 1.3)) / edge, 0, 1
    ) * np.minimum(1, 0.12 / edge)
    soft = np.maximum(rows.pixel, np.float32(0.02))
    spine = np.clip((0.06 + soft / 2 - np.abs(depth_in - 5.0)) / soft, 0, 1)
    return np.asarray(np.where(in_bay, np.maximum(line, spine), 0), np.float32)


def _painted(colour: Float, cover: Float, paint: tuple[float, float, float]) -> Float:
    share = (cover * np.float32(0.92))[..., None]
    return np.asarray(colour + (np.asarray(paint, np.float32) - colour) * share, np.float32)


def _grain(rows: Rows, seed: int) -> Float:
    """Return the ground's texture, fading before it would shimmer."""
    fine = sample_tile(noise_tile(seed % 7, 4), rows.across * 24, rows.along * 24)
    broad = sample_tile(fractal_tile(seed % 5), rows.across * 9, rows.along * 9)
    near = np.clip(1.4 - rows.stretch * 6, 0, 1)
    mid = np.clip(1.5 - rows.stretch * 0.45, 0, 1)
    return np.asarray(fine * near + broad * mid, np.float32)


def _under_weather(
    albedo: Float, rows: Rows, segment: Segment, air: Atmosphere, roadway: Float
) -> Float:
    if air.wetness > 0:
        albedo = albedo * (1 - np.float32(0.42 * air.wetness))
    if air.snow_cover <= 0:
        return albedo
    patches = sample_tile(fractal_tile(3), rows.across * 14, rows.along * 5)
    tracks = np.zeros_like(rows.across)
    for middle, _ in segment.lanes:
        for wheel in (-0.8, 0.8):
            tracks = np.maximum(
                tracks, np.exp(-(((rows.across - np.float32(middle + wheel)) / 0.32) ** 2))
            )
    depth = (
        air.snow_cover * 1.25 - 0.75 * tracks * roadway * (1.35 - air.snow_cover) + 0.1 * patches
    )
    cover = np.clip(depth * 1.6 - 0.25, 0, 0.97)[..., None]
    return np.asarray(albedo + (_SNOW - albedo) * cover, np.float32)


def _light(rows: Rows, air: Atmosphere, lamps: npt.NDArray[np.float64]) -> Float:
    light = np.broadcast_to(
        (air.ambient + air.sun * 0.85).astype(np.float32), (*rows.x.shape, 3)
    ).copy()
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
            light += (np.exp(-reach) * np.float32(0.42 * air.lamps))[..., None] * np.array(
                (1.0, 0.82, 0.55), np.float32
            )
    return light
