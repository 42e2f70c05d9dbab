"""Reads a ROS 2 parameter file without ROS, so that one file configures vehicle and desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameter_table import parameter_specs, with_values
from scene_clip_ros.nodes.parameters import SceneClipParameters

NODES = ("/**", "scene_clip", "/scene_clip")
"""Sections of a parameter file that are read; a later one overrides."""

ROS_ONLY = ("use_sim_time", "qos_overrides.")
"""Beginnings of parameters that mean nothing without ROS."""


def load_parameters(
    path: Path | None, overrides: Mapping[str, str | bool | None] | None = None
) -> SceneClipParameters:
    """Read the parameters of the node ``scene_clip``.

    Args:
        path: Parameter file; ``None``: the defaults.
        overrides: Parameters that the command line sets; ``None``: not set there.

    Raises:
        ParameterError: The file cannot be read, or names or sets a parameter wrongly; one line
            says where, what was expected and what came.
    """
    values = dict(_read_values(path)) if path is not None else {}
    values |= {name: value for name, value in (overrides or {}).items() if value is not None}
    return with_values(SceneClipParameters(), values)


def _read_values(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and checked value of every parameter that the file sets."""
    specs = {spec.name: spec for spec in parameter_specs(SceneClipParameters())}
    for name, value in _flatten(_read_sections(path)):
        if name.startswith(ROS_ONLY):
            continue
        if name not in specs:
            message = f"{path}: expected a parameter of scene_clip, got {name!r}"
            raise ParameterError(message)
        try:
            yield name, specs[name].check(value)
        except ParameterError as err:
            message = f"{path}: {err}"
            raise ParameterError(message) from err


def _read_sections(path: Path) -> dict[str, Any]:
    """Merge the ``ros__parameters`` of the sections that concern the node."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        message = f"{path}: expected a readable parameter file, got {err}"
        raise ParameterError(message) from err
    merged: dict[str, Any] = {}
    for node in NODES:
        section = document.get(node, {}) if isinstance(document, dict) else None
        parameters = section.get("ros__parameters", {}) if isinstance(section, dict) else None
        if not isinstance(parameters, dict):
            message = f"{path}: expected {node!r} with ros__parameters in it, got another structure"
            raise ParameterError(message)
        merged |= dict(_flatten(parameters))
    return merged


def _flatten(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Join nested keys by dots, as ROS does."""
    for key, value in parameters.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _flatten(value, f"{name}.")
        else:
            yield name, value
