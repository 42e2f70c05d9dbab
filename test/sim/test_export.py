"""Exported drives say of their camera what it was rendered with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rendered import make_drive

from scene_clip_ros.core.zone import Corridor
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.sim.export import ExportSettings, export_drive


def test_the_calibration_of_a_bag_is_that_of_the_rendering_camera(tmp_path: Path) -> None:
    drive = make_drive("city-day", seconds=0.1)
    camera = drive.camera
    settings = ExportSettings(
        camera="front", rate_hz=10.0, focal_px=camera.focal_px, centre_xy=camera.centre_uv
    )
    export_drive(drive, tmp_path / "drive.mcap", settings=settings)
    with BagSource(tmp_path / "drive.mcap") as source:
        pinhole = source.pinhole_camera("front")
    assert pinhole is not None
    ground = np.array([(-1.5, 0.0, 22.0), (1.5, 0.0, 22.0)])
    rendered = camera.project(ground) / (camera.width, camera.height)
    zone = Corridor(width_m=3.0, length_m=22.0, camera_height_m=camera.mount_m).zone(pinhole)
    far = sorted(zone.points, key=lambda point: point[1])[:2]
    np.testing.assert_allclose(sorted(far), rendered, atol=1e-6)
