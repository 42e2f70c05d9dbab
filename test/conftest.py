"""What holds for every test: no other ROS 2 system is heard, wrong message fields are errors."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from fault_table import PROPERTY, to_markdown
from hypothesis import HealthCheck, settings

import scene_clip_ros
from scene_clip_ros.core.threads import share_cores

ROOT = Path(__file__).resolve().parent.parent

# Read when rclpy and the generated messages are imported, so set before any test module is.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ["ROS_PYTHON_CHECK_FIELDS"] = "1"

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

share_cores(os.environ)

# Workers that take every core each would only wait for one another. Read when they are imported.
if IS_WORKER:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")

# A busy machine is slow without anything being wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests of faults run for as long as docs/reliability.md tells."""
    group = parser.getgroup("faults")
    group.addoption("--thorough", action="store_true", help="send as many faults as in docs/")
    group.addoption("--fault-table", type=Path, help="write what they have seen to this file")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table of faults, of tests that passed."""
    path = terminalreporter.config.getoption("--fault-table")
    if path is not None:
        rows = [
            (report.nodeid, value)
            for report in terminalreporter.getreports("passed")
            for name, value in report.user_properties
            if name == PROPERTY
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_markdown(rows), encoding="utf-8")
        terminalreporter.write_line(f"{len(rows)} faults: {path}")


def pytest_report_header() -> str:
    """Say which copy of the package is tested, and whether with ROS 2."""
    folder = Path(scene_clip_ros.__file__).parent
    if importlib.util.find_spec("scene_clip_ros.msg") is None:
        return f"package: {folder}; without ROS 2, so test/nodes is left out (make test has it)"
    return f"package: {folder}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let workers begin with the last files by name: the longest, so that they end together."""
    if IS_WORKER:
        number_of = {path: number for number, path in enumerate({item.path: 0 for item in items})}
        items.sort(key=lambda item: -number_of[item.path])


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root folder of the source tree."""
    return ROOT
