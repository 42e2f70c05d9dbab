"""The pinhole camera of the ego vehicle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.arrays import Points

NEAR_M = 0.6
"""Nothing nearer than this is drawn."""

SIDE_RANGE_PX = (32, 8192)
"""Smallest and largest side of a picture."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the ground as the camera sees it.

    Attributes:
        x: Metres right of the camera.
        z: Metres ahead of it.
        heading: Radians that the road has turned there, clockwise seen from above.
    """

    x: float
    z: float
    heading: float = 0.0

    def at(self, height_m: float = 0.0) -> Points:
        """Return ``(3,)`` metres of the point so far above the ground."""
        return np.array((self.x, height_m, self.z))


@dataclass(frozen=True, slots=True)
class Camera:
    """A forward-looking pinhole camera over a flat road.

    World axes as seen from the camera: X right, Y up, Z forward, metres, with the origin on the
    road below the lens. Pitch is modelled as a shift of the picture (a shift lens), so that
    vertical edges stay vertical and every picture row of the ground has one depth.

    Attributes:
        width: Picture width in pixels.
        height: Picture height in pixels.
        focal_px: Focal length in pixels.
        mount_m: Height of the lens above the road in metres.
        horizon_v: Picture row of the horizon in pixels from the top.
    """

    width: int
    height: int
    focal_px: float
    mount_m: float
    horizon_v: float

    def __post_init__(self) -> None:
        """Refuse pictures too small to show a road, or too large to allocate.

        Raises:
            SimulationError: A side is outside ``SIDE_RANGE_PX``.
        """
        low, high = SIDE_RANGE_PX
        if not (low <= self.width <= high and low <= self.height <= high):
            message = (
                f"expected a picture size within {low}..{high} px, got {self.width}x{self.height}"
            )
            raise SimulationError(message)

    @property
    def centre_u(self) -> float:
        """Picture column straight ahead, pixels."""
        return self.width / 2

    @property
    def centre_uv(self) -> tuple[float, float]:
        """Principal point, pixels: straight ahead on the horizon, because the lens is shifted."""
        return self.centre_u, self.horizon_v

    @property
    def spare_margin(self) -> tuple[int, int]:
        """Columns and rows by which the picture may grow on every side, up to its own size."""
        most = SIDE_RANGE_PX[1]
        return (
            min(self.width, (most - self.width) // 2),
            min(self.height, (most - self.height) // 2),
        )

    def scale_at(self, depth_m: float) -> float:
        """Return pixels per metre at a depth."""
        return self.focal_px / max(depth_m, NEAR_M)

    def project(self, points: Points) -> Points:
        """Project world points.

        Args:
            points: ``(N, 3)`` metres; depths below ``NEAR_M`` are clamped to it.

        Returns:
            ``(N, 2)`` pixels, column then row.
        """
        depth = np.maximum(points[:, 2], NEAR_M)
        u = self.centre_u + self.focal_px * points[:, 0] / depth
        v = self.horizon_v + self.focal_px * (self.mount_m - points[:, 1]) / depth
        return np.stack([u, v], axis=1)

    def pixel_at(self, uv: Points) -> tuple[int, int]:
        """Return the column and row of the pixel inside the picture that is nearest to ``(2,)``."""
        u, v = np.clip(uv, 0, (self.width - 1, self.height - 1))
        return int(u), int(v)

    def ground_depths(self) -> Points:
        """Return the depth of the ground at each picture row below the horizon.

        Returns:
            ``(R,)`` metres for rows ``height - R`` to ``height - 1``; far to near.
        """
        first = int(np.clip(np.floor(self.horizon_v) + 1, 0, self.height))
        rows = np.arange(first, self.height) + 0.5
        return np.asarray(self.focal_px * self.mount_m / np.maximum(rows - self.horizon_v, 0.25))


def clip_near(corners: Points) -> Points:
    """Cut off what of a polygon is nearer than ``NEAR_M``.

    Args:
        corners: ``(N, 3)`` metres; at least one corner is beyond ``NEAR_M``.

    Returns:
        ``(M, 3)`` metres (Sutherland and Hodgman, 1974, for one plane).
    """
    kept: list[Points] = []
    for here, after in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inside = here[2] >= NEAR_M
        if inside:
            kept.append(here)
        if inside != (after[2] >= NEAR_M):
            share = (NEAR_M - here[2]) / (after[2] - here[2])
            kept.append(here + (after - here) * share)
    return np.array(kept)


def make_camera(size_wh: tuple[int, int], rng: np.random.Generator) -> Camera:
    """Mount a camera behind a windscreen at random.

    Args:
        size_wh: Picture width and height, pixels.
        rng: Source of the variation.

    Raises:
        SimulationError: A side is outside ``SIDE_RANGE_PX``.
    """
    width, height = size_wh
    focal = width * rng.uniform(0.62, 1.15)
    horizon = height * rng.uniform(0.42, 0.62)
    return Camera(width, height, float(focal), float(rng.uniform(1.2, 1.7)), float(horizon))
