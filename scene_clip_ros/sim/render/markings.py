"""Covers the ground's picture rows with strips, lines, crosswalks and parking bays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.arrays import Float
from scene_clip_ros.sim.render.camera import Camera
from scene_clip_ros.sim.script.road import Marking, Segment

_SHARPEST_M = np.float32(0.02)
_SHARPEST_ALONG_M = np.float32(0.05)
_CROSSWALK_M = 3.2
_BAY_M = 2.6
_BAY_ROW_M = 10.0


@dataclass(frozen=True, slots=True)
class Rows:
    """A run of picture rows of the ground.

    Attributes:
        depth: ``(R, 1)`` float32 metres ahead.
        along: ``(R, 1)`` float32 metres along the drive.
        across: ``(R, W)`` float32 metres right of the ego lane's middle.
        x: ``(R, W)`` float32 metres right of the camera.
        pixel: ``(R, 1)`` float32 metres that one pixel spans across.
        stretch: ``(R, 1)`` float32 metres that one pixel spans along.
    """

    depth: Float
    along: Float
    across: Float
    x: Float
    pixel: Float
    stretch: Float

    def part(self, rows: slice) -> Rows:
        """Take some of the rows."""
        return Rows(*(getattr(self, each.name)[rows] for each in fields(self)))


def ground_rows(camera: Camera, ego_along: float, offset: npt.NDArray[np.float64]) -> Rows:
    """Lay the ground's picture rows out in metres.

    Args:
        camera: The camera.
        ego_along: Metres along the drive at the camera.
        offset: ``(R,)`` metres that the road has moved to the right at each row's depth.
    """
    depth = camera.ground_depths().astype(np.float32)[:, None]
    columns = np.arange(camera.width, dtype=np.float32)[None] + np.float32(0.5 - camera.centre_u)
    pixel = depth / np.float32(camera.focal_px)
    x = columns * pixel
    return Rows(
        depth=depth,
        along=depth + np.float32(ego_along),
        across=x - offset.astype(np.float32)[:, None],
        x=x,
        pixel=pixel,
        stretch=depth * depth / np.float32(camera.focal_px * camera.mount_m),
    )


def cover_between(at: Float, start: float, end: float, *, pixel: Float) -> Float:
    """Return the share of each pixel between two lines, antialiased, in [0, 1].

    Args:
        at: Metres of each pixel in one direction.
        start: Of the strip, metres.
        end: Of the strip, metres.
        pixel: Metres that each pixel spans in that direction.
    """
    soft = np.maximum(pixel, _SHARPEST_M)
    enter = np.clip((at - np.float32(start)) / soft + 0.5, 0, 1)
    leave = np.clip((np.float32(end) - at) / soft + 0.5, 0, 1)
    return np.asarray(enter * leave, np.float32)


def cover_line(rows: Rows, marking: Marking) -> Float:
    """Return the share of each pixel under a painted line, in [0, 1]; far dashes fade."""
    soft = np.maximum(rows.pixel, _SHARPEST_M)
    away = np.abs(rows.across - np.float32(marking.across))
    cover = np.clip((marking.width / 2 + soft / 2 - away) / soft, 0, 1)
    cover = cover * np.minimum(1, np.float32(marking.width) / soft)
    if marking.dash is None:
        return np.asarray(cover, np.float32)
    painted, period = marking.dash
    phase = np.mod(rows.along, np.float32(period))
    edge = np.maximum(rows.stretch, _SHARPEST_ALONG_M)
    on = np.clip((painted / 2 + edge / 2 - np.abs(phase - painted / 2)) / edge, 0, 1)
    blurred = rows.stretch > period / 2
    return np.asarray(cover * np.where(blurred, np.float32(painted / period), on), np.float32)


def cover_crosswalk(rows: Rows, segment: Segment, start: float) -> Float:
    """Return the share of each pixel under a crosswalk's stripes, in [0, 1].

    Args:
        rows: The rows.
        segment: The road that it crosses.
        start: Metres along the drive where it begins.
    """
    inside = cover_between(rows.along, start, start + _CROSSWALK_M, pixel=rows.stretch)
    left, right = segment.left + 0.4, segment.right - 0.4
    across = cover_between(rows.across, left, right, pixel=rows.pixel)
    away = np.abs(np.mod(rows.across, 1.1) - 0.55)
    stripe = np.clip((0.28 - away) / np.maximum(rows.pixel, _SHARPEST_M) + 0.5, 0, 1)
    stripe = np.where(rows.pixel > 0.5, np.float32(0.5), stripe.astype(np.float32))
    return np.asarray(inside * across * stripe, np.float32)


def cover_bays(rows: Rows, aisle: float) -> Float:
    """Return the share of each pixel under the lines of parking bays, in [0, 1].

    Args:
        rows: The rows.
        aisle: Metres from the lane's middle to the first bay. Bays are 5 m deep and 2.6 m wide.
    """
    side = np.abs(rows.across) - np.float32(aisle)
    depth_in = np.mod(side, np.float32(_BAY_ROW_M + 2 * aisle))
    in_bay = (side > 0) & (depth_in < _BAY_ROW_M)
    edge = np.maximum(rows.stretch, _SHARPEST_ALONG_M)
    away = np.abs(np.mod(rows.along, _BAY_M) - _BAY_M / 2)
    line = np.clip((0.06 + edge / 2 - away) / edge, 0, 1) * np.minimum(1, 0.12 / edge)
    soft = np.maximum(rows.pixel, _SHARPEST_M)
    spine = np.clip((0.06 + soft / 2 - np.abs(depth_in - _BAY_ROW_M / 2)) / soft, 0, 1)
    return np.asarray(np.where(in_bay, np.maximum(line, spine), 0), np.float32)
