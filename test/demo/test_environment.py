"""The ROS that the demo runs in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.demo.environment import demo_environment, find_executable


def test_nothing_leaves_the_machine() -> None:
    environment = demo_environment({"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}, process_id=1)
    assert environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"


def test_the_domain_of_the_user_stays() -> None:
    assert demo_environment({"ROS_DOMAIN_ID": "7"}, process_id=1)["ROS_DOMAIN_ID"] == "7"


@given(st.integers(1, 2**22))
def test_a_chosen_domain_works_on_every_platform(process_id: int) -> None:
    assert 1 <= int(demo_environment({}, process_id=process_id)["ROS_DOMAIN_ID"]) <= 101


def test_everything_else_is_passed_on() -> None:
    assert demo_environment({"PATH": "/bin"}, process_id=1)["PATH"] == "/bin"


def test_the_first_prefix_that_has_the_node_wins(tmp_path: Path) -> None:
    for prefix in ("other", "overlay", "underlay"):
        (tmp_path / prefix / "lib" / "scene_clip_ros").mkdir(parents=True)
    for prefix in ("overlay", "underlay"):
        (tmp_path / prefix / "lib" / "scene_clip_ros" / "drive_player").touch()
    prefixes = os.pathsep.join(str(tmp_path / name) for name in ("other", "overlay", "underlay"))
    found = find_executable("drive_player", {"AMENT_PREFIX_PATH": prefixes})
    assert found == tmp_path / "overlay" / "lib" / "scene_clip_ros" / "drive_player"


@pytest.mark.parametrize("environment", [{}, {"AMENT_PREFIX_PATH": ""}], ids=["unset", "empty"])
def test_a_package_that_is_not_sourced_is_said_so(environment: dict[str, str]) -> None:
    with pytest.raises(ProcessError, match="build the package and source it"):
        find_executable("drive_player", environment)
