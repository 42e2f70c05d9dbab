"""Parameters set to nonsense while the node runs: each acts or is refused with the reason."""

from __future__ import annotations

import math
import random
from typing import Any

from colors import RED, picture
from fault_bench import FaultBench
from fault_table import FaultRow
from feeds import Feed
from image_messages import image_message
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import GetParameters, SetParameters
from sensor_msgs.msg import Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.parameter_table import parameter_specs
from scene_clip_ros.nodes.parameters import SceneClipParameters

NAMES = [spec.name for spec in parameter_specs(SceneClipParameters())]

NONSENSE: tuple[tuple[str, int, Any], ...] = (
    ("double_value", ParameterType.PARAMETER_DOUBLE, math.nan),
    ("double_value", ParameterType.PARAMETER_DOUBLE, math.inf),
    ("double_value", ParameterType.PARAMETER_DOUBLE, -math.inf),
    ("double_value", ParameterType.PARAMETER_DOUBLE, -1.0),
    ("double_value", ParameterType.PARAMETER_DOUBLE, 1e308),
    ("integer_value", ParameterType.PARAMETER_INTEGER, -1),
    ("integer_value", ParameterType.PARAMETER_INTEGER, 2**63 - 1),
    ("integer_value", ParameterType.PARAMETER_INTEGER, -(2**63)),
    ("string_value", ParameterType.PARAMETER_STRING, ""),
    ("string_value", ParameterType.PARAMETER_STRING, "nonsense"),
    ("string_value", ParameterType.PARAMETER_STRING, "/dev/zero"),
    ("string_value", ParameterType.PARAMETER_STRING, "é💡" * 50_000),
    ("string_array_value", ParameterType.PARAMETER_STRING_ARRAY, []),
    ("string_array_value", ParameterType.PARAMETER_STRING_ARRAY, ["", "a b", "x" * 50_000]),
    ("double_array_value", ParameterType.PARAMETER_DOUBLE_ARRAY, []),
    ("double_array_value", ParameterType.PARAMETER_DOUBLE_ARRAY, [math.nan] * 1000),
    ("byte_array_value", ParameterType.PARAMETER_BYTE_ARRAY, [b"\x00"]),
    ("bool_value", ParameterType.PARAMETER_NOT_SET, False),
)
"""Field, type and value; none of them is of use for any parameter that could do harm."""


def nonsense(draw: random.Random) -> Parameter:
    field, kind, value = draw.choice(NONSENSE)
    return Parameter(name=draw.choice(NAMES), value=ParameterValue(type=kind, **{field: value}))


def test_nonsense_is_refused_with_the_reason_and_the_rest_stays(bench: FaultBench) -> None:
    count = bench.times(1000, thorough=20_000)
    node = bench.start_node()
    labels = bench.world.inbox(SceneLabels, "front/scene_clip/labels")
    camera = Feed(
        bench.world, Image, "front/image", make=lambda ns: image_message(picture(RED), ns)
    )
    draw = random.Random(1)
    before = _values(bench)
    values = dict(before)
    refused = accepted = longest = 0

    for number in range(count):
        wanted = nonsense(draw)
        (result,) = _set(bench, [wanted])
        if result.successful:
            values[wanted.name] = _value(bench, wanted.name)
            accepted += 1
        else:
            assert result.reason, wanted
            longest = max(longest, len(result.reason))
            refused += 1
        if number % 100 == 0:
            assert _values(bench) == values

    assert node.is_running
    assert "Traceback" not in node.said, node.said
    changed = [name for name in NAMES if values[name] != before[name] != ParameterValue()]
    results = _set(bench, [Parameter(name=name, value=before[name]) for name in changed])
    assert all(result.successful for result in results), results
    labels.wait_for_new(
        lambda it: bool(it.attributes) and it.attributes[0].label == "red", "the right label"
    )
    camera.stop()
    bench.tell(
        FaultRow(
            fault="Parameters set to nonsense",
            sent=f"other types, NaN, infinity, numbers out of range, empty and endless texts and "
            f"lists, for each of {len(NAMES)} parameters",
            times=count,
            happened=f"{refused:,} refused with a reason of at most {longest} characters, "
            f"{accepted:,} within range and used; the others kept their values",
            recovery="values read back after every 100; labels, and rightly, at the end",
        )
    )


def _set(bench: FaultBench, parameters: list[Parameter]) -> list[Any]:
    """Set parameters, each by itself, and return the outcomes."""
    request = SetParameters.Request(parameters=parameters)
    return list(bench.world.call(SetParameters, "/scene_clip/set_parameters", request).results)


def _values(bench: FaultBench) -> dict[str, Any]:
    """Return what the node holds, by name."""
    return {name: _value(bench, name) for name in NAMES}


def _value(bench: FaultBench, name: str) -> Any:
    """Return one value; a list that was never set is told as nothing at all."""
    request = GetParameters.Request(names=[name])
    values = bench.world.call(GetParameters, "/scene_clip/get_parameters", request).values
    return values[0] if values else ParameterValue()
