"""What holds for every test: no other ROS 2 system is heard, wrong message fields are errors."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import scene_clip_ros

ROOT = Path(__file__).resolve().parent.parent

# Read when rclpy and the generated messages are imported, so set before any test module is.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ["ROS_PYTHON_CHECK_FIELDS"] = "1"

# A busy machine is slow without anything being wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_report_header() -> str:
    """Say which copy of the package is tested, and whether with ROS 2."""
    folder = Path(scene_clip_ros.__file__).parent
    if importlib.util.find_spec("scene_clip_ros.msg") is None:
        return f"package: {folder}; without ROS 2, so test/nodes is left out (make test has it)"
    return f"package: {folder}"


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root folder of the source tree."""
    return ROOT
