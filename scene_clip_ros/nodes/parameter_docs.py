"""Write the reference of all parameters: ``python -m scene_clip_ros.nodes.parameter_docs``."""

from __future__ import annotations

from scene_clip_ros.nodes.parameter_table import ParameterSpec, ParameterValue, parameter_specs
from scene_clip_ros.nodes.parameters import (
    BOXES_ALONE,
    LABELS_ALONE,
    MEMORY_ALONE,
    DrivePlayerParameters,
    PedestrianAlertsParameters,
    SceneClipParameters,
    SceneMonitorParameters,
)

_TITLE = """\
# Parameters

Written by `python -m scene_clip_ros.nodes.parameter_docs > docs/parameters.md`; change
`scene_clip_ros/nodes/parameters/` instead.

A value of the wrong type or out of range stops start-up with one line that says what was
expected. *Live* parameters take effect when set while the node runs, or are refused with the
reason; all others are read when the node starts.
"""

_QOS = """\
## Quality of service

Each picture and result topic takes `qos_overrides.<topic>.<subscription|publisher>.<policy>` for
the policies `history`, `depth`, `reliability` and `durability`, for example

```yaml
/**:
  ros__parameters:
    qos_overrides:
      /front/image:
        subscription: {reliability: reliable, depth: 5}
```
"""


def render() -> str:
    """Return ``docs/parameters.md`` as Markdown."""
    sections = [
        _TITLE,
        _section(
            "scene_clip, scene_labels, scored_boxes, frame_memory",
            parameter_specs(SceneClipParameters()),
        ),
        _other_defaults("scene_labels", LABELS_ALONE),
        _other_defaults("scored_boxes", BOXES_ALONE),
        _other_defaults("frame_memory", MEMORY_ALONE),
        _section("pedestrian_alerts", parameter_specs(PedestrianAlertsParameters())),
        _section("scene_monitor", parameter_specs(SceneMonitorParameters())),
        _section("drive_player", parameter_specs(DrivePlayerParameters())),
        _QOS,
    ]
    return "\n".join(sections)


def _section(title: str, specs: tuple[ParameterSpec, ...]) -> str:
    head = "| name | type | default | allowed | live | meaning |\n|---|---|---|---|---|---|"
    return "\n".join([f"## {title}\n", head, *map(_row, specs), ""])


def _other_defaults(node: str, defaults: SceneClipParameters) -> str:
    """Say which defaults of a node differ from those of its table."""
    usual = {spec.name: spec.default for spec in parameter_specs(SceneClipParameters())}
    others = [
        f"`{spec.name}` is {_literal(spec.default)}"
        for spec in parameter_specs(defaults)
        if spec.default != usual[spec.name]
    ]
    return f"Unless set, in `{node}` {', '.join(others)}.\n"


def _row(spec: ParameterSpec) -> str:
    allowed = ", ".join(f"`{choice}`" for choice in spec.rule.choices) or spec.bounds()
    cells = (
        f"`{spec.name}`",
        spec.ros_type,
        _literal(spec.default),
        allowed,
        "yes" if spec.rule.live else "",
        spec.rule.description,
    )
    return "| " + " | ".join(cells) + " |"


def _literal(value: ParameterValue) -> str:
    """Spell a value as YAML would."""
    if value == ():
        return "not set"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else '`""`'


if __name__ == "__main__":
    print(render(), end="")
