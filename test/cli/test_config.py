"""ROS 2 parameter files without ROS."""

from __future__ import annotations

from pathlib import Path

import pytest

from scene_clip_ros.cli.config import load_parameters
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.pipeline.function_schedule import RateLimits


def write(folder: Path, text: str) -> Path:
    path = folder / "scene_clip.param.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults() -> None:
    assert load_parameters(None) == SceneClipParameters()


def test_nested_and_dotted_names_are_the_same(tmp_path: Path) -> None:
    nested = write(tmp_path, "/**: {ros__parameters: {labels: {tau_s: 1.5}}}")
    assert load_parameters(nested).labels.tau_s == 1.5
    dotted = write(tmp_path, "/**: {ros__parameters: {labels.tau_s: 2.5}}")
    assert load_parameters(dotted).labels.tau_s == 2.5


def test_the_section_of_the_node_overrides_the_wildcard(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "scene_clip: {ros__parameters: {labels: {tau_s: 2.0}}}\n"
        "/**: {ros__parameters: {labels: {tau_s: 1.0, dwell_s: 1.0}}}\n",
    )
    parameters = load_parameters(path)
    assert (parameters.labels.tau_s, parameters.labels.dwell_s) == (2.0, 1.0)


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "/**: {ros__parameters: {model: ViT-B-32, device: cpu}}")
    parameters = load_parameters(path, {"model": "RN50", "device": None, "boxes.enabled": False})
    assert (parameters.model, parameters.device) == ("RN50", "cpu")


def test_what_only_ros_uses_is_passed_over(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "/**: {ros__parameters: {use_sim_time: true, qos_overrides: {/a: {depth: 1}}}}",
    )
    assert load_parameters(path) == SceneClipParameters()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("/**: {ros__parameters: {labels: {tau: 1.0}}}", "got 'labels.tau'"),
        ("/**: {ros__parameters: {labels: {tau_s: -1.0}}}", "expected a double from 0 to 60 s"),
        ("/**: {ros__parameters: {labels: {tau_s: often}}}", "got 'often'"),
        ("/**: [1]", "expected '/\\*\\*' with ros__parameters"),
        ("[1]", "expected '/\\*\\*' with ros__parameters"),
        ("{", "expected a readable parameter file"),
    ],
    ids=["unknown name", "out of range", "wrong type", "list", "no mapping", "no yaml"],
)
def test_an_error_names_file_and_expectation(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ParameterError, match=rf"scene_clip\.param\.yaml: .*{problem}"):
        load_parameters(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"none\.yaml: expected a readable parameter file"):
        load_parameters(tmp_path / "none.yaml")


def test_rates_of_functions_are_those_of_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path, "/**: {ros__parameters: {boxes: {max_rate_hz: 5}, labels.max_rate_hz: 10}}"
    )
    assert load_parameters(path).rate_limits() == RateLimits(labels=10.0, boxes=5.0)
