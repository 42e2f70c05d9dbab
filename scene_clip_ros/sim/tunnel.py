"""Draws tunnels: walls, ceiling, rows of lamps, and the portal ahead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scene_clip_ros.sim.canvas import Canvas
from scene_clip_ros.sim.road import Segment
from scene_clip_ros.sim.semantics import SemanticClass

HEIGHT_M = 5.4
_RING_M = 6.0
_FAR_M = 260.0

Bend = Callable[[float], float]


def draw_tunnel(canvas: Canvas, segment: Segment, ego_along: float, bend: Bend) -> None:
    """Draw a tunnel, far to near.

    Args:
        canvas: Where.
        segment: The tunnel's stretch of road.
        ego_along: Metres along the drive at the camera.
        bend: Metres right of the camera of the ego lane's middle, by depth.
    """
    if segment.start > ego_along + 1:
        _draw_portal(canvas, segment, segment.start - ego_along, bend)
    rng = np.random.default_rng([segment.seed, 31])
    tiles = rng.uniform(90, 190) + rng.uniform(-12, 12, 3)
    band = rng.uniform((60, 80, 90), (200, 190, 170))
    first = max(segment.start, ego_along + 0.8)
    last = min(segment.end, ego_along + _FAR_M)
    if last <= first:
        return
    rings = np.unique(
        np.concatenate(
            [[first, last], np.arange(np.ceil(first / _RING_M) * _RING_M, last, _RING_M)]
        )
    )
    if last < segment.end:
        _draw_end(canvas, segment, last - ego_along, bend)
    for near, far in zip(rings[-2::-1], rings[:0:-1], strict=True):
        _draw_ring(canvas, segment, (near - ego_along, far - ego_along), bend, tiles, band)


def _corners(segment: Segment, depth: float, bend: Bend) -> tuple[float, float]:
    shift = bend(depth)
    return segment.left + shift, segment.right + shift


def _draw_portal(canvas: Canvas, segment: Segment, depth: float, bend: Bend) -> None:
    left, right = _corners(segment, depth, bend)
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
    canvas.fill(
        canvas.camera.project(hill),
        canvas.seen((88, 96, 62), hill[2], 0.6),
        int(SemanticClass.TERRAIN),
    )
    face = np.array(
        [
            (left - 7, 0, depth),
            (left - 7, top, depth),
            (right + 7, top, depth),
            (right + 7, 0, depth),
        ]
    )
    canvas.fill(
        canvas.camera.project(face),
        canvas.seen((166, 160, 150), face[1], 0.7),
        int(SemanticClass.STRUCTURE),
    )
    mouth = np.array(
        [(left, 0, depth), (left, HEIGHT_M, depth), (right, HEIGHT_M, depth), (right, 0, depth)]
    )
    canvas.fill(canvas.camera.project(mouth), (14, 13, 12), int(SemanticClass.STRUCTURE))


def _draw_end(canvas: Canvas, segment: Segment, depth: float, bend: Bend) -> None:
    left, right = _corners(segment, depth, bend)
    mouth = np.array(
        [(left, 0, depth), (left, HEIGHT_M, depth), (right, HEIGHT_M, depth), (right, 0, depth)]
    )
    tone = canvas.air.tunnel * 60
    canvas.fill(
        canvas.camera.project(mouth),
        (int(tone[0]), int(tone[1]), int(tone[2])),
        int(SemanticClass.STRUCTURE),
    )


def _draw_ring(
    canvas: Canvas,
    segment: Segment,
    depths: tuple[float, float],
    bend: Bend,
    tiles: np.ndarray,
    band: np.ndarray,
) -> None:
    near, far = depths
    (l0, r0), (l1, r1) = _corners(segment, near, bend), _corners(segment, far, bend)
    light = canvas.air.tunnel * (0.8 + 0.14 * np.sin(near * 0.5))
    darker = float(np.exp(-near / 240))

    def tone(colour: np.ndarray, share: float) -> tuple[int, int, int]:
        r, g, b = np.clip(colour * light * share * darker, 0, 255)
        return int(r), int(g), int(b)

    structure = int(SemanticClass.STRUCTURE)
    for x0, x1 in ((l0, l1), (r0, r1)):
        wall = np.array([(x0, 0, near), (x0, HEIGHT_M, near), (x1, HEIGHT_M, far), (x1, 0, far)])
        canvas.fill(canvas.camera.project(wall), tone(tiles, 0.95), structure)
        low = wall * (1, 0.24, 1)
        canvas.fill(canvas.camera.project(low), tone(band, 0.85), structure)
    ceiling = np.array(
        [(l0, HEIGHT_M, near), (r0, HEIGHT_M, near), (r1, HEIGHT_M, far), (l1, HEIGHT_M, far)]
    )
    canvas.fill(canvas.camera.project(ceiling), tone(np.full(3, 92.0), 0.6), structure)
    _draw_lamps(canvas, (l0 + r0) / 2, (r0 - l0) * 0.27, near + 1.0)


def _draw_lamps(canvas: Canvas, middle: float, off: float, depth: float) -> None:
    scale = canvas.camera.scale_at(depth)
    peak = np.clip(canvas.air.tunnel / canvas.air.tunnel.max() * 262, 0, 255)
    for side in (-1, 1):
        x = middle + side * off
        quad = np.array(
            [
                (x - 0.22, HEIGHT_M - 0.08, depth),
                (x + 0.22, HEIGHT_M - 0.08, depth),
                (x + 0.22, HEIGHT_M - 0.08, depth + 2.2),
                (x - 0.22, HEIGHT_M - 0.08, depth + 2.2),
            ]
        )
        uv = canvas.camera.project(quad)
        canvas.fill(uv, (int(peak[0]), int(peak[1]), int(peak[2])), int(SemanticClass.STRUCTURE))
        canvas.shine(uv.mean(axis=0), 0.35 * scale, [c * 0.35 for c in peak], 0.0)
