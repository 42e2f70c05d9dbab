"""The pinhole camera of the ego vehicle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import SimulationError

Points = npt.NDArray[np.float64]

NEAR_M = 0.6
"""Nothing nearer than this is drawn."""


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
            SimulationError: A side is outside [32, 8192] pixels.
        """
        if not (32 <= self.width <= 8192 and 32 <= self.height <= 8192):
            message = f"expected a picture size within 32..8192 px, got {self.width}x{self.height}"
            raise SimulationError(message)

    @property
    def centre_u(self) -> float:
        """Picture column straight ahead, pixels."""
        return self.width / 2

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

    def ground_depths(self) -> Points:
        """Return the depth of the ground at each picture row below the horizon.

        Returns:
            ``(R,)`` metres for rows ``height - R`` to ``height - 1``; far to near.
        """
        first = int(np.clip(np.floor(self.horizon_v) + 1, 0, self.height))
        rows = np.arange(first, self.height) + 0.5
        return self.focal_px * self.mount_m / np.maximum(rows - self.horizon_v, 0.25)
