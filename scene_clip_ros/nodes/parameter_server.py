"""Declares the parameters of a table on a node and keeps their values, checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.nodes.parameter_table import ParameterSpec, parameter_specs

Table = TypeVar("Table")

_STRING_ARRAY = Parameter.Type.STRING_ARRAY
_UNBOUNDED_INT = 2**31 - 1
_UNBOUNDED_DOUBLE = 1e9


class ParameterServer(Generic[Table]):
    """The parameters of one node.

    Args:
        node: Node that declares them.
        table: Dataclass that describes them.

    Raises:
        ParameterError: A value given at start-up is of the wrong type or out of range.
    """

    def __init__(self, node: Node, table: type[Table]) -> None:
        """Declare every parameter and read what was given at start-up."""
        self._specs = {spec.name: spec for spec in parameter_specs(table)}
        given = {spec.field: _declare(node, spec) for spec in self._specs.values()}
        self._values = table(**given)
        self._apply: Callable[[Table, Table], None] = lambda _old, _new: None
        node.add_on_set_parameters_callback(self._on_set)

    @property
    def values(self) -> Table:
        """What holds now; a new object after every change."""
        return self._values

    def on_change(self, apply: Callable[[Table, Table], None]) -> None:
        """Call ``apply(old, new)`` before a change holds.

        A :class:`SceneClipError` that it raises refuses the change, with its message as the
        reason; it must then have changed nothing.
        """
        self._apply = apply

    def _on_set(self, changed: list[Parameter]) -> SetParametersResult:
        known = {item.name: item.value for item in changed if item.name in self._specs}
        try:
            values = {
                self._specs[name].field: self._specs[name].check(value)
                for name, value in known.items()
            }
            new = dataclasses.replace(self._values, **values)  # type: ignore[type-var]
            self._apply(self._values, new)
        except SceneClipError as err:
            return SetParametersResult(successful=False, reason=str(err))
        self._values = new
        return SetParametersResult(successful=True)


def _declare(node: Node, spec: ParameterSpec) -> object:
    """Declare one parameter, typed, and return its value.

    The value given at start-up is read without a type first: the message of rclpy for a wrong
    type names neither the range nor the unit.
    """
    untyped = ParameterDescriptor(dynamic_typing=True)
    given = node.declare_parameter(spec.name, None, untyped).value
    node.undeclare_parameter(spec.name)
    value = spec.default if given is None else spec.check(given)
    if value == ():  # rclpy takes an empty list for a byte array
        node.declare_parameter(spec.name, _STRING_ARRAY, _descriptor(spec), ignore_override=True)
    else:
        stored = list(value) if isinstance(value, tuple) else value
        node.declare_parameter(spec.name, stored, _descriptor(spec), ignore_override=True)
    return value


def _descriptor(spec: ParameterSpec) -> ParameterDescriptor:
    """Describe a parameter to tools such as ``ros2 param describe``."""
    rule = spec.rule
    descriptor = ParameterDescriptor(
        name=spec.name,
        description=rule.description + (f" Unit: {rule.unit}." if rule.unit else ""),
        additional_constraints="one of " + ", ".join(rule.choices) if rule.choices else "",
        read_only=not rule.live,
    )
    if rule.minimum is None and rule.maximum is None:
        return descriptor
    if isinstance(spec.default, float):
        low = -_UNBOUNDED_DOUBLE if rule.minimum is None else rule.minimum
        high = _UNBOUNDED_DOUBLE if rule.maximum is None else rule.maximum
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    else:
        low = -_UNBOUNDED_INT if rule.minimum is None else int(rule.minimum)
        high = _UNBOUNDED_INT if rule.maximum is None else int(rule.maximum)
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
    return descriptor
