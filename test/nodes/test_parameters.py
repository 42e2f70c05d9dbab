"""The tables of parameters, and their reference in docs/."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_memory import MemoryLimits
from scene_clip_ros.models.proposer import ProposalLimits
from scene_clip_ros.nodes.parameter_docs import render
from scene_clip_ros.nodes.parameter_table import (
    ParameterSpec,
    parameter,
    parameter_specs,
    with_values,
)
from scene_clip_ros.nodes.parameters import (
    BOXES_ALONE,
    LABELS_ALONE,
    MEMORY_ALONE,
    DrivePlayerParameters,
    PedestrianAlertsParameters,
    SceneClipParameters,
    SceneMonitorParameters,
)
from scene_clip_ros.nodes.parameters.alert import AlertParameters
from scene_clip_ros.nodes.parameters.boxes import BoxParameters
from scene_clip_ros.nodes.parameters.memory import MemoryParameters
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.settings import LabelSettings

TABLES = (
    SceneClipParameters(),
    PedestrianAlertsParameters(),
    SceneMonitorParameters(),
    DrivePlayerParameters(),
)
SPECS = list({spec.name: spec for table in TABLES for spec in parameter_specs(table)}.values())


def spec_of(name: str) -> ParameterSpec:
    return next(spec for spec in SPECS if spec.name == name)


def test_reference_in_docs_is_written_from_the_tables(repository: Path) -> None:
    expected = render()

    assert (repository / "docs" / "parameters.md").read_text(encoding="utf-8") == expected, (
        "run: python -m scene_clip_ros.nodes.parameter_docs > docs/parameters.md"
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_defaults_are_within_their_own_ranges(spec: ParameterSpec) -> None:
    assert spec.check(spec.default) == spec.default


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_number_has_a_range(spec: ParameterSpec) -> None:
    if spec.ros_type in ("integer", "double", "double[]"):
        assert spec.bounds()


@pytest.mark.parametrize(
    ("file", "defaults"),
    [
        ("scene_clip.param.yaml", SceneClipParameters()),
        ("scene_clip.param.yaml", LABELS_ALONE),
        ("scene_clip.param.yaml", BOXES_ALONE),
        ("scene_clip.param.yaml", MEMORY_ALONE),
        ("pedestrian_alerts.param.yaml", PedestrianAlertsParameters()),
        ("scene_monitor.param.yaml", SceneMonitorParameters()),
        ("drive_player.param.yaml", DrivePlayerParameters()),
    ],
)
def test_shipped_parameter_files_hold_the_defaults(
    repository: Path, file: str, defaults: object
) -> None:
    document = yaml.safe_load((repository / "config" / file).read_text(encoding="utf-8"))
    specs = {spec.name: spec for spec in parameter_specs(defaults)}

    for name, value in flattened(document["/**"]["ros__parameters"]):
        assert specs[name].check(value) == specs[name].default, name


def flattened(entries: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in entries.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "overlay.max_rate_hz",
            -1.0,
            "parameter overlay.max_rate_hz: expected a double from 0 to 120 Hz, got -1.0",
        ),
        (
            "overlay.max_height",
            7.5,
            "parameter overlay.max_height: expected an integer from 120 to 4320 pixels, got 7.5",
        ),
        ("labels.tau_s", float("nan"), "expected a double from 0 to 60 s, got nan"),
        ("labels.enabled", 1, "expected a bool, got 1"),
        ("transport", "theora", "expected one of raw, compressed, got 'theora'"),
        ("cameras", "front", "expected a string[], got 'front'"),
    ],
)
def test_refusal_names_parameter_expectation_and_value(
    name: str, value: object, message: str
) -> None:
    with pytest.raises(ParameterError) as refusal:
        spec_of(name).check(value)

    assert message in str(refusal.value)


@dataclass(frozen=True)
class Corners:
    """A table with a list of numbers."""

    corners: tuple[float, ...] = parameter((), "corners", items=float, minimum=0.0, maximum=1.0)


(CORNERS,) = parameter_specs(Corners())


@pytest.mark.parametrize(
    "given",
    [[0.0, 1, 0.5], (0.0, 1.0, 0.5), array("d", [0.0, 1.0, 0.5])],
    ids=["list with an integer", "tuple", "array of rclpy"],
)
def test_a_list_of_numbers_is_held_as_a_tuple_of_doubles(given: object) -> None:
    assert CORNERS.check(given) == (0.0, 1.0, 0.5)
    assert CORNERS.ros_type == "double[]"


def test_a_list_may_be_empty() -> None:
    assert CORNERS.check([]) == ()


@pytest.mark.parametrize(
    "given",
    [[0.5, 1.5], [float("nan")], ["0.5"], [True], 0.5, "0.5"],
    ids=["out of range", "nan", "text in it", "bool in it", "number", "text"],
)
def test_a_list_of_anything_else_is_refused(given: object) -> None:
    with pytest.raises(ParameterError, match=r"corners: expected a double\[\] each from 0 to 1"):
        CORNERS.check(given)


def test_an_integer_passes_for_a_double() -> None:
    value = spec_of("labels.tau_s").check(2)

    assert (value, type(value)) == (2.0, float)


def test_values_reach_the_table_and_its_groups_and_leave_the_rest() -> None:
    changed = with_values(SceneClipParameters(), {"model": "RN50", "labels.tau_s": 2.0})

    assert (changed.model, changed.labels.tau_s) == ("RN50", 2.0)
    assert changed.labels.dwell_s == SceneClipParameters().labels.dwell_s


def test_defaults_are_those_of_the_given_table() -> None:
    specs = parameter_specs(with_values(SceneClipParameters(), {"labels.enabled": False}))

    assert not next(spec for spec in specs if spec.name == "labels.enabled").default


def test_defaults_decide_like_the_pipeline_alone() -> None:
    assert SceneClipParameters().label_settings() == LabelSettings()
    assert AlertParameters().settings() == AlertSettings()
    assert BoxParameters().settings() == BoxSettings()
    assert BoxParameters().limits() == ProposalLimits()
    assert MemoryParameters().limits() == MemoryLimits()


def test_a_zone_is_given_as_x_and_y_in_turn() -> None:
    alert = AlertParameters(zone=(0.1, 1.0, 0.5, 0.5, 0.9, 1.0))

    assert alert.settings().zone == ((0.1, 1.0), (0.5, 0.5), (0.9, 1.0))


@pytest.mark.parametrize(
    ("values", "topics"),
    [
        ({}, ("front/image",)),
        ({"transport": "compressed"}, ("front/image/compressed",)),
        (
            {"cameras": ("a", "b"), "camera_topics": ("/x/image_raw", "y")},
            ("/x/image_raw", "y"),
        ),
        (
            {"cameras": ("a", "b"), "camera_topics": ("x/compressed", "y"), "transport": "raw"},
            ("x/compressed", "y"),
        ),
        (
            {"camera_topics": ("x/compressed",), "transport": "compressed"},
            ("x/compressed",),
        ),
    ],
)
def test_topics_follow_cameras_and_transport(
    values: dict[str, Any], topics: tuple[str, ...]
) -> None:
    assert SceneClipParameters(**values).topics == topics


@pytest.mark.parametrize(
    ("values", "topics"),
    [
        ({}, ("front/camera_info",)),
        ({"transport": "compressed"}, ("front/camera_info",)),
        (
            {"cameras": ("a", "b"), "camera_topics": ("/x/image_raw", "y")},
            ("/x/camera_info", "camera_info"),
        ),
        ({"camera_topics": ("/x/image/compressed",)}, ("/x/camera_info",)),
        ({"alert.camera_info_topics": ("calibration",)}, ("calibration",)),
    ],
)
def test_calibrations_come_from_beside_the_images_unless_named(
    values: dict[str, Any], topics: tuple[str, ...]
) -> None:
    assert with_values(SceneClipParameters(), values).camera_info_topics == topics


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"cameras": ()}, id="no camera"),
        pytest.param({"cameras": ("front", "front")}, id="a name twice"),
        pytest.param({"cameras": ("front camera",)}, id="blank in a name"),
        pytest.param({"cameras": ("a", "b"), "camera_topics": ("x",)}, id="a topic is missing"),
        pytest.param({"alert.camera_info_topics": ("x", "y")}, id="a calibration too many"),
        pytest.param({"alert.zone": (0.1, 0.2)}, id="no polygon"),
        pytest.param({"hazards.off_probability": 0.99}, id="off above on"),
    ],
)
def test_contradictions_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        with_values(SceneClipParameters(), values)


@pytest.mark.parametrize(
    "token",
    ["short", "with blanks in it, and a comma", "x" * 257],
    ids=["short", "blanks", "long"],
)
def test_a_token_that_cannot_be_part_of_an_address_is_refused(token: str) -> None:
    with pytest.raises(ParameterError, match="token: expected 16 to 256"):
        SceneMonitorParameters(token=token)


def test_the_monitor_finds_pictures_where_the_node_does() -> None:
    given: dict[str, Any] = {
        "cameras": ("a", "b"),
        "camera_topics": ("x/compressed", "y"),
        "transport": "compressed",
    }

    assert SceneMonitorParameters(**given).topics == SceneClipParameters(**given).topics
