"""Chooses the DDS profile under which camera images arrive whole."""

from __future__ import annotations

import os
from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
"""Read by Fast DDS 2 (Humble, Jazzy) and by Fast DDS 3 (Kilted)."""


def use_camera_profile() -> None:
    """Name the shipped profile to Fast DDS, unless the user has named one; call before init."""
    if any(variable in os.environ for variable in _VARIABLES):
        return
    try:
        share = Path(get_package_share_directory("scene_clip_ros"))
    except PackageNotFoundError:
        return
    for variable in _VARIABLES:
        os.environ[variable] = str(share / "config" / "fastdds_camera.xml")
