"""Which DDS profile the executables use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scene_clip_ros.nodes.camera_profile import use_camera_profile

VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "restored after the test")
        monkeypatch.delenv(variable)


def test_the_shipped_profile_is_the_default() -> None:
    use_camera_profile()

    paths = {os.environ[variable] for variable in VARIABLES}
    assert len(paths) == 1
    assert "camera_shm" in Path(paths.pop()).read_text(encoding="utf-8")


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("choice", ["/mine.xml", ""], ids=["a file", "stock"])
def test_the_choice_of_the_user_stays(
    monkeypatch: pytest.MonkeyPatch, variable: str, choice: str
) -> None:
    monkeypatch.setenv(variable, choice)

    use_camera_profile()

    assert {name: os.environ[name] for name in VARIABLES if name in os.environ} == {
        variable: choice
    }
