"""The part of the picture that the vehicle is about to drive through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.alert_types import Point
from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.polygon import (
    Float64Array,
    clip_to_unit_square,
    is_simple,
    row_intervals,
    signed_area,
)
from scene_clip_ros.core.ranges import require_in_range

_NEAR_M = 0.1
"""Depth before the lens from which on ground is projected."""

_FORESHORTENING = 15.0
"""How much more ground a pixel up stands for than one across, at the far end of the zone: its
distance over the height of the camera, 22 m over 1.45 m in the usual corridor."""

_MIN_AREA = 1e-4
"""Share of the picture below which a corridor cannot be judged."""

_CORRIDOR_RANGES: dict[str, tuple[float, float]] = {
    "width_m": (0.5, 20.0),
    "length_m": (1.0, 200.0),
    "camera_height_m": (0.1, 10.0),
    "camera_pitch_deg": (-45.0, 60.0),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon in the picture; its border belongs to it.

    Attributes:
        points: At least 3 corners in order, fractions of the picture in [0, 1]; edges do not
            cross.
    """

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Refuse what is no polygon within the picture.

        Raises:
            ParameterError: Says what was expected and what came.
        """
        if len(self.points) < 3:
            message = f"zone: expected at least 3 corners, got {len(self.points)}"
            raise ParameterError(message)
        for point in self.points:
            if len(point) != 2 or not all(0 <= value <= 1 for value in point):
                message = f"zone: expected corners x, y as fractions in [0, 1], got {point}"
                raise ParameterError(message)
        if not is_simple(self._corners()):
            message = f"zone: expected a polygon whose edges do not cross, got {self.points}"
            raise ParameterError(message)

    def foot_share(self, xyxy: Xyxy, size_wh: tuple[int, int]) -> float:
        """Return the share of a box's bottom edge that is in the zone, in [0, 1].

        Args:
            xyxy: Pixels, left, top, right, bottom.
            size_wh: Width and height of the picture in pixels.
        """
        left, right = xyxy[0] / size_wh[0], xyxy[2] / size_wh[0]
        intervals = row_intervals(self._corners(), xyxy[3] / size_wh[1])
        if right <= left:
            return float(any(low <= left <= high for low, high in intervals))
        inside = sum(max(0.0, min(right, high) - max(left, low)) for low, high in intervals)
        return min(1.0, inside / (right - left))

    def gap(self, xyxy: Xyxy, size_wh: tuple[int, int]) -> float:
        """Return how far a box's bottom edge is from the zone, in units of the box's longer side.

        Beside the zone that is measured along the row of the edge; beyond its first row and
        before its last, from the nearest row it has. Beyond the zone, a pixel up counts
        ``_FORESHORTENING`` times: it stands for that much more ground than one across.

        Args:
            xyxy: Pixels, left, top, right, bottom.
            size_wh: Width and height of the picture in pixels.

        Returns:
            ≥ 0, 0 where they touch.
        """
        row = xyxy[3] / size_wh[1]
        rows = [y for _, y in self.points]
        nearest = min(max(row, min(rows)), max(rows))
        left, right = xyxy[0] / size_wh[0], xyxy[2] / size_wh[0]
        intervals = row_intervals(self._corners(), nearest)
        beside = min(max(low - right, left - high, 0.0) for low, high in intervals)
        off = max((nearest - row) * _FORESHORTENING, row - nearest)
        longer_px = max(xyxy[2] - xyxy[0], xyxy[3] - xyxy[1], 1.0)
        return math.hypot(beside * size_wh[0], off * size_wh[1]) / longer_px

    def _corners(self) -> Float64Array:
        return np.array(self.points, np.float64)


DEFAULT_ZONE = Zone(((0.44, 0.61), (0.56, 0.61), (0.79, 1.0), (0.21, 1.0)))
"""What `Corridor` gives for a camera that looks ahead over a field of view of 58°, 16:9."""


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """The camera of an undistorted picture.

    Attributes:
        size_wh: Width and height of the picture in pixels, ≥ 1.
        focal_xy: Focal lengths across and down in pixels, > 0; they differ where the picture was
            resized without keeping its shape.
        centre_xy: Principal point in pixels.
    """

    size_wh: tuple[int, int]
    focal_xy: tuple[float, float]
    centre_xy: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse what no calibration gives; an uncalibrated camera has a focal length of 0.

        Raises:
            ParameterError: Says what was expected and what came.
        """
        if min(self.size_wh) < 1:
            message = f"camera: expected a picture of at least 1x1 px, got {self.size_wh}"
            raise ParameterError(message)
        if not all(math.isfinite(focal_px) and focal_px > 0 for focal_px in self.focal_xy):
            message = f"camera: expected focal lengths above 0 px, got {self.focal_xy}"
            raise ParameterError(message)
        if not all(map(math.isfinite, self.centre_xy)):
            message = f"camera: expected a finite principal point, got {self.centre_xy}"
            raise ParameterError(message)


def pinhole_from_matrices(
    k: Sequence[float], p: Sequence[float], *, size_wh: tuple[int, int]
) -> PinholeCamera | None:
    """Return the camera of the rectified picture, by the conventions of ``sensor_msgs/CameraInfo``.

    Args:
        k: Intrinsics of the picture as it was taken: 9 numbers, row by row.
        p: Projection matrix of the rectified picture: 12 numbers, row by row. Where it has no
            focal length, ``k`` is taken and distortion left aside.
        size_wh: Width and height of the picture in pixels.

    Returns:
        None for a camera that is not calibrated, whose matrices have a focal length of 0.

    Raises:
        ParameterError: The calibration makes no sense.
    """
    if p[0] > 0:
        focal_x, _, centre_x, _, _, focal_y, centre_y, *_ = map(float, p)
    else:
        focal_x, _, centre_x, _, focal_y, centre_y, *_ = map(float, k)
    if focal_x == 0:
        return None
    return PinholeCamera(
        size_wh=size_wh, focal_xy=(focal_x, focal_y), centre_xy=(centre_x, centre_y)
    )


@dataclass(frozen=True, slots=True)
class Corridor:
    """The strip of flat ground ahead of the vehicle, as wide as it needs.

    Attributes:
        width_m: Metres in [0.5, 20], centred on the camera.
        length_m: Metres ahead of the camera in [1, 200].
        camera_height_m: Of the lens above the ground, metres in [0.1, 10].
        camera_pitch_deg: How far the camera looks down, degrees in [-45, 60].
    """

    width_m: float = 3.0
    length_m: float = 22.0
    camera_height_m: float = 1.45
    camera_pitch_deg: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        for name, bounds in _CORRIDOR_RANGES.items():
            require_in_range(f"corridor.{name}", getattr(self, name), bounds)

    def zone(self, camera: PinholeCamera) -> Zone:
        """Return the corridor as a camera sees it, from the picture's bottom edge on.

        Raises:
            ParameterError: It is not in the picture.
        """
        corners = clip_to_unit_square(self._project(camera))
        # Corners that clipping has made fall together.
        kept = [
            now
            for now, last in zip(corners, np.roll(corners, 1, axis=0), strict=True)
            if not np.allclose(now, last)
        ]
        if len(kept) < 3 or abs(signed_area(np.array(kept))) < _MIN_AREA:
            message = (
                f"corridor: expected the ground up to {self.length_m:g} m ahead in the picture, "
                f"got none of it with {camera}"
            )
            raise ParameterError(message)
        return Zone(tuple((float(x), float(y)) for x, y in kept))

    def _project(self, camera: PinholeCamera) -> Float64Array:
        """Return ``(4, 2)`` fractions: far left, far right, near right, near left; or none."""
        sine = math.sin(math.radians(self.camera_pitch_deg))
        cosine = math.cos(math.radians(self.camera_pitch_deg))
        near_m = (_NEAR_M - self.camera_height_m * sine) / cosine
        if near_m >= self.length_m:
            return np.empty((0, 2))
        half_m = self.width_m / 2
        x = np.array((-half_m, half_m, half_m, -half_m))
        ahead = np.array((self.length_m, self.length_m, near_m, near_m))
        depth = ahead * cosine + self.camera_height_m * sine
        below = self.camera_height_m * cosine - ahead * sine
        u = camera.centre_xy[0] + camera.focal_xy[0] * x / depth
        v = camera.centre_xy[1] + camera.focal_xy[1] * below / depth
        return np.stack([u / camera.size_wh[0], v / camera.size_wh[1]], axis=1)
