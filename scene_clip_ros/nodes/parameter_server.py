"""Declares the parameters of a table on a node and keeps their values, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from scene_clip_ros.nodes.parameter_table import (
    ParameterSpec,
    ParameterValue,
    Table,
    parameter_specs,
    with_values,
)
from scene_clip_ros.nodes.refusals import refusal

_LIST_TYPES = {str: Parameter.Type.STRING_ARRAY, float: Parameter.Type.DOUBLE_ARRAY}
_UNBOUNDED_INT = 2**31 - 1
_UNBOUNDED_DOUBLE = 1e9


class ParameterServer(Generic[Table]):
    """The parameters of one node.

    Args:
        node: Node that declares them.
        defaults: The table that describes them, with the values that hold unless a user sets
            others.

    Raises:
        ParameterError: A value given at start-up is of the wrong type or out of range.
    """

    def __init__(self, node: Node, defaults: Table) -> None:
        """Declare every parameter and read what was given at start-up."""
        self._specs = {spec.name: spec for spec in parameter_specs(defaults)}
        given = {name: _declare(node, spec) for name, spec in self._specs.items()}
        self._values = with_values(defaults, given)
        self._apply: Callable[[Table, Table], None] = lambda _old, _new: None
        self._log = node.get_logger().error
        node.add_on_set_parameters_callback(self._on_set)

    @property
    def values(self) -> Table:
        """What holds now; a new object after every change."""
        return self._values

    def on_change(self, apply: Callable[[Table, Table], None]) -> None:
        """Call ``apply(old, new)`` before a change holds.

        What it raises refuses the change, with its message as the reason; it must then have
        changed nothing.
        """
        self._apply = apply

    def _on_set(self, changed: list[Parameter]) -> SetParametersResult:
        known = {item.name: item.value for item in changed if item.name in self._specs}
        try:
            values = {name: self._specs[name].check(value) for name, value in known.items()}
            new = with_values(self._values, values)
            self._apply(self._values, new)
        except Exception as err:  # the service's edge: each request is answered
            reason = refusal(f"setting {', '.join(known)}", err, self._log)
            return SetParametersResult(successful=False, reason=reason)
        self._values = new
        return SetParametersResult(successful=True)


def _declare(node: Node, spec: ParameterSpec) -> ParameterValue:
    """Declare one parameter, typed, and return its value.

    The value given at start-up is read without a type first: the message of rclpy for a wrong
    type names neither the range nor the unit.
    """
    untyped = ParameterDescriptor(dynamic_typing=True)
    given = node.declare_parameter(spec.name, None, untyped).value
    node.undeclare_parameter(spec.name)
    value = spec.default if given is None else spec.check(given)
    if value == ():  # rclpy takes an empty list for a byte array
        list_type = None if spec.may_be_emptied else _LIST_TYPES[spec.rule.items]
        node.declare_parameter(spec.name, list_type, _descriptor(spec), ignore_override=True)
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
        dynamic_typing=spec.may_be_emptied,
    )
    if isinstance(spec.default, tuple) or (rule.minimum is None and rule.maximum is None):
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
