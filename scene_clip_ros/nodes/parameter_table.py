"""How a node's parameters are described: one frozen dataclass per node, one rule per field.

Free of ROS, so that the reference in ``docs/parameters.md`` is written from the same table
that the nodes declare, and is tested without them.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from scene_clip_ros.core.errors import ParameterError

ParameterValue = bool | int | float | str | tuple[str, ...]
"""A value as a table holds it; ROS spells the types bool, integer, double, string, string[]."""

_ROS_TYPES: dict[type, str] = {
    bool: "bool",
    int: "integer",
    float: "double",
    str: "string",
    tuple: "string[]",
}


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """What a parameter means and which values it takes.

    Attributes:
        description: One line for a person.
        unit: SI or plain unit of a number; empty for none.
        minimum: Least allowed number, inclusive; None for no bound.
        maximum: Greatest allowed number, inclusive; None for no bound.
        choices: The only allowed strings; empty for any.
        live: It may be changed while the node runs; otherwise only at start-up.
        group: Prefix of the field's name that ROS sets off by a dot: with the group
            ``overlay``, the field ``overlay_max_rate_hz`` is ``overlay.max_rate_hz``.
    """

    description: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False
    group: str = ""


def parameter(default: ParameterValue, description: str, **rule: Any) -> Any:
    """Make a dataclass field that carries a :class:`ParameterRule`.

    Args:
        default: Value that holds unless a user sets another; fixes the type.
        description: One line for a person.
        **rule: The other attributes of the rule.

    Returns:
        What :func:`dataclasses.field` returns.
    """
    return field(default=default, metadata={"rule": ParameterRule(description, **rule)})


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One row of a node's table.

    Attributes:
        name: Name in ROS, e.g. ``labels.tau_s``.
        field: Name of the dataclass field that holds the value, e.g. ``labels_tau_s``.
        default: Value without an override.
        rule: Meaning and range.
    """

    name: str
    field: str
    default: ParameterValue
    rule: ParameterRule

    @property
    def ros_type(self) -> str:
        """Type as ``ros2 param`` spells it."""
        return _ROS_TYPES[type(self.default)]

    def check(self, value: object) -> ParameterValue:
        """Return ``value`` as the table holds it; an integer passes for a double.

        Raises:
            ParameterError: The type is not the default's, or the value breaks the rule.
        """
        converted = value
        if isinstance(value, list):
            converted = tuple(value)
        elif type(value) is int and isinstance(self.default, float):
            converted = float(value)
        if type(converted) is not type(self.default) or not self._allows(converted):
            message = f"parameter {self.name}: expected {self.expectation()}, got {value!r}"
            raise ParameterError(message)
        return converted

    def expectation(self) -> str:
        """Say in words which values are allowed, e.g. ``a double from 0 to 60 Hz``."""
        if self.rule.choices:
            return "one of " + ", ".join(self.rule.choices)
        article = "an" if self.ros_type == "integer" else "a"
        bounds = self.bounds()
        return f"{article} {self.ros_type}{' ' if bounds else ''}{bounds}"

    def bounds(self) -> str:
        """Say the range and unit in words; empty without bounds."""
        low, high, unit = self.rule.minimum, self.rule.maximum, self.rule.unit
        suffix = f" {unit}" if unit else ""
        if low is not None and high is not None:
            return f"from {low:g} to {high:g}{suffix}"
        if low is not None:
            return f"of at least {low:g}{suffix}"
        if high is not None:
            return f"of at most {high:g}{suffix}"
        return ""

    def _allows(self, value: object) -> bool:
        """Whether a value of the right type is within the rule."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            low = -math.inf if self.rule.minimum is None else self.rule.minimum
            high = math.inf if self.rule.maximum is None else self.rule.maximum
            return math.isfinite(value) and low <= value <= high
        if isinstance(value, str) and self.rule.choices:
            return value in self.rule.choices
        return True


def parameter_specs(table: type) -> tuple[ParameterSpec, ...]:
    """List the rows of a table, in the order in which its class declares them."""
    return tuple(_spec(item) for item in fields(table))


def _spec(item: Any) -> ParameterSpec:
    rule: ParameterRule = item.metadata["rule"]
    assert item.default is not MISSING
    name = item.name
    if rule.group:
        name = f"{rule.group}.{item.name.removeprefix(rule.group + '_')}"
    return ParameterSpec(name=name, field=item.name, default=item.default, rule=rule)
