"""What is shipped is complete: interfaces, resources, executables, dependencies, DDS profile."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scene_clip_ros"
INTERFACES = sorted([*ROOT.glob("msg/*.msg"), *ROOT.glob("srv/*.srv")])

DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "faiss": "faiss-cpu",
    "jinja2": "Jinja2",
    "open_clip": "open_clip_torch",
    "sentence_transformers": "sentence-transformers",
    "yaml": "PyYAML",
}
"""Distribution of a module, where the names differ."""

ROS_PYTHON = {"ament_index_python": "rclpy"}
"""Package that brings a module, where the package itself need not be named."""

HOOK = str(ROOT / "config/fastdds_camera.sh")

FULL_HD_BYTES = 1920 * 1080 * 3


def find_imported(folder: Path) -> set[str]:
    """Find the top-level names that the modules below a folder import."""
    nodes = [
        node
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names} - {"scene_clip_ros"} - sys.stdlib_module_names


def find_ros_packages() -> set[str]:
    manifest = ET.parse(ROOT / "package.xml").getroot()
    return {entry.text or "" for tag in ("depend", "exec_depend") for entry in manifest.iter(tag)}


def read_pins() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def read_setup_argument(name: str) -> Any:
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    return ast.literal_eval(next(word.value for word in keywords if word.arg == name))


def read_install_requires() -> list[Requirement]:
    return [Requirement(text) for text in read_setup_argument("install_requires")]


def read_extras() -> list[Requirement]:
    lists = read_setup_argument("extras_require").values()
    return [Requirement(text) for texts in lists for text in texts]


def is_ros(name: str) -> bool:
    return name in find_ros_packages() or name in ROS_PYTHON


@pytest.mark.parametrize("path", INTERFACES, ids=lambda path: path.name)
def test_every_field_says_what_it_means(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert lines[0].startswith("# ")
    assert [line for line in fields if line != "---" and " # " not in line] == []


def test_package_manifest_names_every_imported_ros_package() -> None:
    others = {requirement.name for requirement in read_install_requires()}
    imported = find_imported(PACKAGE / "nodes")
    missing = {name for name in imported if DISTRIBUTIONS.get(name, name) not in others}

    assert {name for name in missing if not is_ros(name)} == set()


def test_setup_names_every_imported_library() -> None:
    requirements = [*read_install_requires(), *read_extras()]
    declared = {requirement.name for requirement in requirements}
    libraries = {name for name in find_imported(PACKAGE) if not is_ros(name)}

    assert {DISTRIBUTIONS.get(name, name) for name in libraries} <= declared


def test_every_requirement_is_pinned_within_its_range() -> None:
    pins = {pin.name: pin for pin in read_pins()}

    for requirement in read_install_requires():
        (pin,) = pins[requirement.name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version)


def test_version_is_the_newest_of_the_changelog_or_a_first_one() -> None:
    version = ET.parse(ROOT / "package.xml").findtext("version") or ""
    released = re.findall(
        r"^(\d+\.\d+\.\d+) \(", (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert released[:1] in ([], [version])


def test_a_wheel_holds_all_modules_resources_and_message_definitions(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", tmp_path],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )

    built = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    source = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    definitions = {
        f"scene_clip_ros/resources/interfaces/{path.name}" for path in ROOT.glob("msg/*.msg")
    }
    assert built == source | definitions


def test_every_executable_has_a_node_module_with_a_main() -> None:
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    executables = dict(re.findall(r"^install_executable\((\w+) (\w+)\)", text, re.MULTILINE))

    assert executables.keys() == {
        "scene_clip",
        "scene_labels",
        "scored_boxes",
        "frame_memory",
        "pedestrian_alerts",
        "drive_player",
        "scene_monitor",
    }
    for module in executables.values():
        tree = ast.parse((PACKAGE / "nodes" / f"{module}.py").read_text(encoding="utf-8"))
        names = {getattr(node, "name", None) for node in tree.body}
        assert "main" in names


def test_dds_profile_holds_ten_full_hd_images_in_shared_memory() -> None:
    profile = ET.parse(ROOT / "config/fastdds_camera.xml").getroot()
    names = {"profile": "http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles"}
    segment = profile.findtext(".//profile:segment_size", namespaces=names) or "0"
    message = profile.findtext(".//profile:maxMessageSize", namespaces=names) or "0"

    assert int(segment) >= 10 * FULL_HD_BYTES
    assert FULL_HD_BYTES < int(message) <= int(segment)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "/ws/install/share/scene_clip_ros/config/fastdds_camera.xml"),
        ({"FASTRTPS_DEFAULT_PROFILES_FILE": "/mine.xml"}, "/mine.xml"),
        ({"FASTDDS_DEFAULT_PROFILES_FILE": "/mine.xml"}, ""),
    ],
    ids=["none named", "own profile", "own profile of Fast DDS 3"],
)
def test_sourcing_a_workspace_names_the_dds_profile_unless_one_is_named(
    given: dict[str, str], expected: str
) -> None:
    run = subprocess.run(
        ["sh", "-uc", '. "$1"; echo "${FASTRTPS_DEFAULT_PROFILES_FILE:-}"', "sh", HOOK],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.defpath, "AMENT_CURRENT_PREFIX": "/ws/install", **given},
    )

    assert run.stdout.strip() == expected
