"""Launch files name what there is; they are read, not run, since launch may not be installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scene_clip_ros.nodes.parameter_table import parameter_specs
from scene_clip_ros.nodes.parameters import (
    DrivePlayerParameters,
    PedestrianAlertsParameters,
    SceneClipParameters,
    SceneMonitorParameters,
)

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "launch").glob("*.launch.py"))
TABLES = {
    "scene_clip": SceneClipParameters(),
    "pedestrian_alerts": PedestrianAlertsParameters(),
    "scene_monitor": SceneMonitorParameters(),
    "replay": DrivePlayerParameters(),
}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def texts_in(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def constant(path: Path, name: str) -> Any:
    """Return the value of a table at the top of a launch file."""
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return {}


def named_executables(path: Path) -> Iterator[str]:
    """Yield what is started by name, as a keyword or as an argument to an included file."""
    for node in ast.walk(parse(path)):
        pairs: list[tuple[Any, Any]] = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            pairs = [
                (key.value, value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        for name, value in pairs:
            if name == "executable" and isinstance(value, ast.Constant):
                yield value.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_started_executables_are_built(path: Path) -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    built = set(re.findall(r"^install_executable\((\w+) ", cmake, re.MULTILINE))

    assert set(named_executables(path)) <= built


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_named_files_exist(path: Path) -> None:
    names = [text for text in texts_in(path) if re.fullmatch(r"\w+(\.\w+)*\.(py|yaml|xml)", text)]

    for name in names:
        assert (ROOT / "launch" / name).exists() or (ROOT / "config" / name).exists(), name


@pytest.mark.parametrize("name", ["scene_clip", "pedestrian_alerts", "scene_monitor"])
def test_arguments_set_parameters_of_the_node(name: str) -> None:
    path = ROOT / "launch" / f"{name}.launch.py"
    types = {spec.name: spec.ros_type for spec in parameter_specs(TABLES[name])}

    for parameter, _ in constant(path, "LISTS").values():
        assert types[parameter] == "string[]"
    for parameter, _ in constant(path, "TEXTS").values():
        assert types[parameter] == "string"


def test_arguments_of_the_player_are_its_parameters() -> None:
    names = {spec.name for spec in parameter_specs(TABLES["replay"])}
    tree = parse(ROOT / "launch" / "replay.launch.py")
    (table,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PLAYER_ARGUMENTS"
    )

    assert isinstance(table, ast.Dict)
    assert {ast.literal_eval(key) for key in table.keys if key} <= names
