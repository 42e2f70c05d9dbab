"""Draws tunnels: walls, ceiling, rows of lamps, and the portal ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.arrays import Colour, Points, Rgb, as_colour, as_pixel
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.script.road import Segment
from scene_clip_ros.sim.semantics import SemanticClass

HEIGHT_M = 5.4
SEEN_WITHIN_M = 240.0
"""Metres ahead up to which a portal is worth drawing."""

_RING_M = 6.0
_FAR_M = 260.0
_NEAR_M = 0.8
_HILL: Colour = (88, 96, 62)
_PORTAL: Colour = (166, 160, 150)
_CEILING: Colour = (92.0, 92.0, 92.0)
_SKIRT = 0.24
"""Share of the walls, from below, that the band of another colour covers."""

_LAMP_LENGTH_M = 2.2

Bend = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Tube:
    """A tunnel as it is drawn.

    Attributes:
        segment: Its stretch of road.
        bend: Metres right of the camera of the ego lane's middle, by depth.
        tiles: RGB albedo of the walls.
        skirt: RGB albedo of the lower part of the walls.
    """

    segment: Segment
    bend: Bend
    tiles: Colour
    skirt: Colour

    def sides(self, depth: float) -> tuple[float, float]:
        """Return metres right of the camera of the left and right wall."""
        shift = self.bend(depth)
        return self.segment.left + shift, self.segment.right + shift

    def mouth(self, depth: float) -> Points:
        """Return ``(4, 3)`` metres of the opening."""
        return _rectangle(*self.sides(depth), HEIGHT_M, depth)


def draw_tunnel(canvas: Canvas, segment: Segment, ego_along: float, bend: Bend) -> None:
    """Draw a tunnel, far to near.

    Args:
        canvas: Where.
        segment: The tunnel's stretch of road.
        ego_along: Metres along the drive at the camera.
        bend: Metres right of the camera of the ego lane's middle, by depth.
    """
    tube = _make_tube(segment, bend)
    if segment.start > ego_along + 1:
        _draw_portal(canvas, tube, segment.start - ego_along)
    first, last = max(segment.start, ego_along + _NEAR_M), min(segment.end, ego_along + _FAR_M)
    if last <= first:
        return
    if last < segment.end:
        _draw_end(canvas, tube, last - ego_along)
    inner = np.arange(np.ceil(first / _RING_M) * _RING_M, last, _RING_M)
    rings = np.unique(np.concatenate([[first, last], inner])) - ego_along
    for near, far in zip(rings[-2::-1].tolist(), rings[:0:-1].tolist(), strict=True):
        _draw_ring(canvas, tube, near, far)


def _make_tube(segment: Segment, bend: Bend) -> _Tube:
    rng = np.random.default_rng([segment.seed, 31])
    tiles = as_colour(rng.uniform(90, 190) + rng.uniform(-12, 12, 3))
    skirt = as_colour(rng.uniform((60, 80, 90), (200, 190, 170)))
    return _Tube(segment, bend, tiles, skirt)


def _rectangle(left: float, right: float, top: float, depth: float) -> Points:
    """Return the corners of a rectangle that stands on the ground, from the lower left."""
    return np.array(
        [(left, 0, depth), (left, top, depth), (right, top, depth), (right, 0, depth)], np.float64
    )


def _draw_portal(canvas: Canvas, tube: _Tube, depth: float) -> None:
    """Draw the hill, the face of the portal, and the dark of its mouth."""
    left, right = tube.sides(depth)
    top = HEIGHT_M + 3.5
    hill = np.array(
        [
            (left - 60, 0, depth),
            (left - 40, top + 5, depth),
            (left - 8, top + 9, depth),
            (right + 8, top + 9, depth),
            (right + 40, top + 4, depth),
            (right + 60, 0, depth),
        ]
    )
    face = _rectangle(left - 7, right + 7, top, depth)
    canvas.surface(hill, _HILL, SemanticClass.TERRAIN, at=hill[2], facing=0.6)
    canvas.surface(face, _PORTAL, SemanticClass.STRUCTURE, at=face[1], facing=0.7)
    mouth = canvas.camera.project(tube.mouth(depth))
    canvas.fill(mouth, (14, 13, 12), SemanticClass.STRUCTURE)


def _draw_end(canvas: Canvas, tube: _Tube, depth: float) -> None:
    """Close a long tunnel where it is too far to be drawn."""
    mouth = canvas.camera.project(tube.mouth(depth))
    canvas.fill(mouth, as_pixel(canvas.air.tunnel * 60), SemanticClass.STRUCTURE)


def _draw_ring(canvas: Canvas, tube: _Tube, near: float, far: float) -> None:
    """Draw walls, ceiling and lamps between two depths."""
    (l0, r0), (l1, r1) = tube.sides(near), tube.sides(far)
    light = canvas.air.tunnel * (0.8 + 0.14 * np.sin(near * 0.5))
    dim = float(np.exp(-near / 240))
    top = HEIGHT_M
    for x0, x1 in ((l0, l1), (r0, r1)):
        wall = np.array([(x0, 0, near), (x0, top, near), (x1, top, far), (x1, 0, far)])
        _fill_lit(canvas, wall, tube.tiles, light=light, shares=(0.95, dim))
        _fill_lit(canvas, wall * (1, _SKIRT, 1), tube.skirt, light=light, shares=(0.85, dim))
    ceiling = np.array([(l0, top, near), (r0, top, near), (r1, top, far), (l1, top, far)])
    _fill_lit(canvas, ceiling, _CEILING, light=light, shares=(0.6, dim))
    _draw_lamps(canvas, (l0 + r0) / 2, (r0 - l0) * 0.27, near + 1.0)


def _fill_lit(
    canvas: Canvas,
    corners: Points,
    colour: Colour,
    *,
    light: Rgb,
    shares: tuple[float, float],
) -> None:
    """Fill an outline whose slope and depth each leave a share of the tunnel's light."""
    seen = np.clip(np.asarray(colour) * light * shares[0] * shares[1], 0, 255)
    canvas.fill(canvas.camera.project(corners), as_pixel(seen), SemanticClass.STRUCTURE)


def _draw_lamps(canvas: Canvas, middle: float, off: float, depth: float) -> None:
    """Draw a pair of lamps ``off`` metres to each side of the tunnel's middle."""
    scale = canvas.camera.scale_at(depth)
    peak = np.clip(canvas.air.tunnel / canvas.air.tunnel.max() * 262, 0, 255)
    halo = as_colour(peak * 0.35)
    y, far = HEIGHT_M - 0.08, depth + _LAMP_LENGTH_M
    for x in (middle - off, middle + off):
        left, right = x - 0.22, x + 0.22
        lamp = np.array([(left, y, depth), (right, y, depth), (right, y, far), (left, y, far)])
        uv = canvas.camera.project(lamp)
        canvas.fill(uv, as_pixel(peak), SemanticClass.STRUCTURE)
        canvas.shine(uv.mean(axis=0), halo, radius_px=0.35 * scale, depth_m=0.0)
