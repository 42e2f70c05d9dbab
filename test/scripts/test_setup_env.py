"""The set-up repeats only what has changed, and says what a machine lacks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import ros_choice
import ros_wheels
from prerequisites import Missing, describe, find_missing
from ros_choice import Ros, constrain_to_system, find_ros
from setup_env import INSTALL, INTERFACES, find_stand_ins, remove_dangling_links
from steps import Console, Stamp, StepError, digest_files, run_command

EXPORT = """
set_target_properties(x PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
  "/opt/python/cp312-cp312/include/python3.12;/opt/python/cp312-cp312/lib/python3.12/site-packages/numpy/_core/include")
"""


def write_wheel_export(prefix: Path) -> Path:
    path = prefix / "share" / "std_msgs" / "cmake" / "export.cmake"
    path.parent.mkdir(parents=True)
    path.write_text(EXPORT, encoding="utf-8")
    return path


def test_wheels_are_pointed_at_the_include_folders_of_this_python(tmp_path: Path) -> None:
    path = write_wheel_export(tmp_path)

    changed = ros_wheels.relocate(tmp_path, python_include="/py\\3", numpy_include="/np")

    assert changed == 1
    assert '"/py\\3;/np"' in path.read_text(encoding="utf-8")


def test_pointing_the_wheels_twice_changes_nothing_more(tmp_path: Path) -> None:
    write_wheel_export(tmp_path)
    ros_wheels.relocate(tmp_path, python_include="/py", numpy_include="/np")

    assert ros_wheels.relocate(tmp_path, python_include="/py", numpy_include="/np") == 0


def test_digest_changes_with_contents_names_and_extra(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("one", encoding="utf-8")
    before = digest_files([first])
    assert digest_files([first]) == before

    second.write_text("one", encoding="utf-8")
    variants = {before, digest_files([second]), digest_files([first], extra="more")}
    first.write_text("two", encoding="utf-8")

    assert len(variants | {digest_files([first])}) == 4


def test_stamp_holds_for_the_written_digest_only(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamps" / "packages")
    assert not stamp.is_current("a")

    stamp.write("a")

    assert stamp.is_current("a")
    assert not stamp.is_current("b")


def test_failed_command_shows_its_last_output_and_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log" / "setup.log"
    command = [sys.executable, "-c", "import sys; print('no space left'); sys.exit(3)"]

    with pytest.raises(StepError, match=r"got exit code 3:\n    no space left\n.*setup\.log"):
        run_command(command, log=log, console=Console(), env=os.environ, cwd=tmp_path)

    assert "no space left" in log.read_text(encoding="utf-8")


def test_links_to_deleted_sources_are_removed_and_others_stay(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.touch()
    kept, dangling = tmp_path / "install" / "kept.py", tmp_path / "install" / "gone.py"
    kept.parent.mkdir()
    kept.symlink_to(source)
    dangling.symlink_to(tmp_path / "deleted.py")

    remove_dangling_links(kept.parent)

    assert kept.is_symlink()
    assert not dangling.is_symlink()


def test_missing_things_are_named_with_one_command_that_installs_them() -> None:
    text = describe([Missing("a compiler", ("g++",)), Missing("make", ("make",)), Missing("luck")])

    assert text.splitlines()[:3] == ["missing: a compiler", "missing: make", "missing: luck"]
    assert text.endswith("apt-get install -y g++ make")


def test_machine_without_compiler_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)

    missing = {
        package for item in find_missing(tmp_path, wheels=False) for package in item.packages
    }

    assert {"gcc", "g++", "make"} <= missing


def test_wheels_are_used_where_no_ros_is_sourced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROS_DISTRO", raising=False)

    assert find_ros(sys.executable) == ros_choice.WHEELS


@pytest.mark.parametrize(
    ("exit_code", "expected"),
    [(0, Ros("humble", sourced=True)), (1, ros_choice.WHEELS)],
    ids=["importable", "for another Python"],
)
def test_sourced_ros_is_used_if_its_modules_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int, expected: Ros
) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\nexit {exit_code}\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("ROS_DISTRO", "humble")

    assert find_ros(str(python)) == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ('{"numpy": "1.26.4", "torch": null, "torchvision": null}', ["numpy==1.26.4", "torch==9"]),
        (
            '{"numpy": "1.26.4", "torch": "2.1.0", "torchvision": "0.16"}',
            ["numpy==1.26.4", "torch==9"],
        ),
        ('{"numpy": "1.26.4", "torch": "2.8.0a0+nv", "torchvision": "0.23"}', ["numpy==1.26.4"]),
    ],
    ids=["no PyTorch", "old PyTorch", "the vehicle's PyTorch"],
)
def test_numpy_and_a_recent_pytorch_of_the_system_stay(
    tmp_path: Path, versions: str, expected: list[str]
) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\necho '{versions}'\n", encoding="utf-8")
    python.chmod(0o755)
    pins = tmp_path / "requirements.txt"
    pins.write_text("numpy==2.4.6\ntorch==9\n", encoding="utf-8")

    assert constrain_to_system(str(python), pins) == expected


def write_package(prefix: Path, name: str) -> str:
    folder = prefix / "share" / "ament_index" / "resource_index" / "packages"
    folder.mkdir(parents=True)
    (folder / name).touch()
    return str(prefix)


def test_interfaces_that_are_not_installed_get_a_stand_in(tmp_path: Path) -> None:
    other = write_package(tmp_path / "other", "std_msgs")

    assert find_stand_ins("") == [INTERFACES / "vision_msgs"]
    assert find_stand_ins(other) == [INTERFACES / "vision_msgs"]


def test_interfaces_that_are_installed_get_none(tmp_path: Path) -> None:
    other = write_package(tmp_path / "other", "std_msgs")
    real = write_package(tmp_path / "ros", "vision_msgs")

    assert find_stand_ins(os.pathsep.join([other, real])) == []


def test_what_was_built_before_is_not_taken_for_the_real_package() -> None:
    assert find_stand_ins(str(INSTALL / "vision_msgs")) == [INTERFACES / "vision_msgs"]
