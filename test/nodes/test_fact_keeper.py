"""What was decided is kept at a steady rate while questions may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from colors import NS

from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.types import FrameResult, HazardState
from scene_clip_ros.nodes.fact_keeper import FactKeeper
from scene_clip_ros.nodes.parameter_table import with_values
from scene_clip_ros.nodes.parameters import SceneClipParameters

HAZARD = HazardState("person_on_road", True, 0.9, 0.3, 0)


def values(**changed: object) -> SceneClipParameters:
    names = {name.replace("__", "."): value for name, value in changed.items()}
    return with_values(SceneClipParameters(), names)


def result(t_s: float, *, camera: str = "front", judged: bool = True) -> FrameResult:
    hazards = (HAZARD,) if judged else ()
    return FrameResult(camera, round(t_s * NS), np.empty(0, np.float32), (), hazards)


def keep(keeper: FactKeeper, seconds: Sequence[float], *, camera: str = "front") -> None:
    for t_s in seconds:
        keeper.keep(result(t_s, camera=camera))


def kept(keeper: FactKeeper, *, clock_s: float = 100.0, **wanted: object) -> list[float]:
    clocks_ns = {camera: round(clock_s * NS) for camera in ("front", "rear")}
    return [
        item.stamp_ns / NS for item in keeper.window(FrameFilter(**wanted), clocks_ns=clocks_ns)
    ]


def test_facts_are_kept_at_the_rate_of_each_camera() -> None:
    keeper = FactKeeper(values(questions__rate_hz=2.0))

    keep(keeper, [0, 0.25, 0.5, 0.75, 1.0])
    keep(keeper, [0, 0.25, 0.5], camera="rear")

    assert kept(keeper) == [0, 0, 0.5, 0.5, 1.0]


def test_a_frame_of_which_nothing_was_decided_has_no_facts() -> None:
    keeper = FactKeeper(values())

    keeper.keep(result(1.0, judged=False))

    assert kept(keeper) == []


def test_a_window_is_measured_by_the_clock_of_each_camera() -> None:
    keeper = FactKeeper(values())
    keep(keeper, [1, 2, 3])
    keep(keeper, [51, 52, 53], camera="rear")

    found = keeper.window(FrameFilter(window_s=1.0), {"front": 3 * NS, "rear": 53 * NS})

    assert [(item.camera, item.stamp_ns // NS) for item in found] == [
        ("front", 2),
        ("front", 3),
        ("rear", 52),
        ("rear", 53),
    ]
    assert kept(keeper, cameras=("rear",)) == [51, 52, 53]
    assert kept(keeper, end_ns=2 * NS) == [1, 2]


@pytest.mark.parametrize("name", ["questions.enabled", "memory.enabled"])
def test_nothing_is_kept_while_nobody_can_ask(name: str) -> None:
    keeper = FactKeeper(values())
    keep(keeper, [1])

    keeper.apply(with_values(SceneClipParameters(), {name: False}))
    keep(keeper, [2])
    gone = kept(keeper)
    keeper.apply(values())
    keep(keeper, [3])

    assert gone == []
    assert kept(keeper) == [3]
    assert keeper.enabled


def test_other_limits_hold_from_the_next_frame_on() -> None:
    keeper = FactKeeper(values(questions__rate_hz=1.0))
    keep(keeper, [1, 1.25, 2])

    keeper.apply(values(questions__rate_hz=10.0, questions__max_facts=3))
    keep(keeper, [2.1, 2.2])

    assert kept(keeper) == [2, 2.1, 2.2]
    assert keeper.max_frames == values().questions.max_frames


def test_what_labels_and_boxes_say_at_other_times_is_kept_of_both() -> None:
    keeper = FactKeeper(values(questions__rate_hz=2.0))
    boxes = FrameBoxes("front", 0, (8, 6), ())

    for t_s in (0.0, 0.25, 0.5):
        keeper.keep(result(t_s))
        keeper.keep(replace(result(t_s + 0.1, judged=False), boxes=boxes))

    assert kept(keeper) == [0, 0.1, 0.5, 0.6]
