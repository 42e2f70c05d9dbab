"""How a node's parameters are described: one frozen dataclass per node, one rule per field.

A field may be a table itself: the parameters of its fields are set off by a dot, as ROS does.
With ``overlay: OverlayParameters = field(default_factory=OverlayParameters)``, the field
``max_rate_hz`` of the latter is the parameter ``overlay.max_rate_hz``.

Free of ROS, so that the reference in ``docs/parameters.md`` is written from the same table
that the nodes declare, and is tested without them.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from scene_clip_ros.core.errors import ParameterError

Table = TypeVar("Table")

ParameterValue = bool | int | float | str | tuple[str, ...] | tuple[float, ...]
"""A value as a table holds it; ROS spells the types bool, integer, double, string and, of several
of one type, string[] and double[]."""

_ROS_TYPES: dict[type, str] = {
    bool: "bool",
    int: "integer",
    float: "double",
    str: "string",
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
        items: Type of the values of a list: ``str`` or ``float``; the bounds are those of each.
        live: It may be changed while the node runs; otherwise only at start-up.
    """

    description: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    items: type = str
    live: bool = False


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
        default: Value without an override.
        rule: Meaning and range.
    """

    name: str
    default: ParameterValue
    rule: ParameterRule

    @property
    def ros_type(self) -> str:
        """Type as ``ros2 param`` spells it."""
        if isinstance(self.default, tuple):
            return f"{_ROS_TYPES[self.rule.items]}[]"
        return _ROS_TYPES[type(self.default)]

    @property
    def may_be_emptied(self) -> bool:
        """Whether it is a list that may be set to nothing again while the node runs.

        ROS cannot tell of which type nothing is, so the type must be free and checked by us.
        """
        return self.default == () and self.rule.live

    def check(self, value: object) -> ParameterValue:
        """Return ``value`` as the table holds it; an integer passes for a double.

        Raises:
            ParameterError: The type is not the default's, or the value breaks the rule.
        """
        if isinstance(self.default, tuple):
            given = tuple(value) if isinstance(value, (list, tuple, array)) else None
            items = None if given is None else tuple(map(self._checked_item, given))
            if items is not None and None not in items:
                return items
        elif (item := self._checked_item(value)) is not None:
            return item
        message = f"parameter {self.name}: expected {self.expectation()}, got {value!r}"
        raise ParameterError(message)

    def expectation(self) -> str:
        """Say in words which values are allowed, e.g. ``a double from 0 to 60 Hz``."""
        if self.rule.choices:
            return "one of " + ", ".join(self.rule.choices)
        article = "an" if self.ros_type == "integer" else "a"
        bounds = self.bounds()
        each = "each " if isinstance(self.default, tuple) else ""
        return f"{article} {self.ros_type}{f' {each}{bounds}' if bounds else ''}"

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

    def _checked_item(self, value: object) -> Any:
        """Return one value of the right type, and within the rule; None for any other."""
        expected = self.rule.items if isinstance(self.default, tuple) else type(self.default)
        if type(value) is int and expected is float:
            value = float(value)
        return value if type(value) is expected and self._allows(value) else None

    def _allows(self, value: object) -> bool:
        """Whether a value of the right type is within the rule."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            low = -math.inf if self.rule.minimum is None else self.rule.minimum
            high = math.inf if self.rule.maximum is None else self.rule.maximum
            return math.isfinite(value) and low <= value <= high
        if isinstance(value, str) and self.rule.choices:
            return value in self.rule.choices
        return True


def parameter_specs(defaults: object) -> tuple[ParameterSpec, ...]:
    """List the rows of a table, in the order in which its class declares them.

    Args:
        defaults: The table, with the values that hold without an override.
    """
    return tuple(_specs(defaults, prefix=""))


def with_values(table: Table, values: Mapping[str, ParameterValue]) -> Table:
    """Return a copy of a table in which some parameters have other values.

    Args:
        table: The table.
        values: By name in ROS, e.g. ``labels.tau_s``; checked by their rules already.

    Raises:
        ParameterError: The values contradict each other or those that stay.
    """
    changes: dict[str, Any] = {name: value for name, value in values.items() if "." not in name}
    for name in {name.split(".")[0] for name in values if "." in name}:
        start = f"{name}."
        inner = {
            key.removeprefix(start): value for key, value in values.items() if key.startswith(start)
        }
        changes[name] = with_values(getattr(table, name), inner)
    return replace(table, **changes)  # type: ignore[type-var]


def _specs(defaults: Any, *, prefix: str) -> Iterator[ParameterSpec]:
    for item in fields(defaults):
        name, default = f"{prefix}{item.name}", getattr(defaults, item.name)
        if "rule" in item.metadata:
            yield ParameterSpec(name=name, default=default, rule=item.metadata["rule"])
        else:
            yield from _specs(default, prefix=f"{name}.")
