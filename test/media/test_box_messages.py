"""Boxes and alerts in bags say what the records say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.box_messages import pedestrian_alert_message, scored_boxes_message

STAMP_NS = 1_500_000_000
CHILD = ScoredBox("child", 0.75, 0.5, 0.25, 0.125, (1.5, 2.0, 30.25, 90.0), 7)
CAR = ScoredBox("car", 0.5, 0.5, 0.0, -0.25, (0.0, 0.0, 10.0, 5.0), NO_TRACK)


def make_alert(time_to_contact_s: float = 1.5) -> Alert:
    return Alert(
        camera="front",
        stamp_ns=STAMP_NS,
        level=AlertLevel.WARNING,
        reason="child in the zone",
        boxes=(CHILD,),
        zone=((0.25, 1.0), (0.5, 0.5), (0.75, 1.0)),
        time_to_contact_s=time_to_contact_s,
        since_ns=1_000_000_002,
    )


def written(folder: Path, message: Any) -> Any:
    """Return a message as it is read back from a bag."""
    with BagWriter(folder / "bag.mcap") as writer:
        writer.write("front/scene_clip", message, time_ns=5)
    with BagReader(folder / "bag.mcap") as reader:
        (read,) = reader.messages()
        return reader.deserialize(read)


def test_boxes_carry_the_whole_record(tmp_path: Path) -> None:
    boxes = FrameBoxes("front", STAMP_NS, (1280, 720), (CHILD, CAR))
    message = written(tmp_path, scored_boxes_message(boxes, frame_id="optical", model_id="m"))
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (1, 500_000_000)
    assert (message.header.frame_id, message.model_id) == ("optical", "m")
    assert (message.width, message.height) == (1280, 720)
    child, car = message.boxes
    assert (child.label, child.score, child.objectness) == ("child", 0.75, 0.5)
    assert (child.detector_score, child.cosine, child.track_id) == (0.25, 0.125, 7)
    np.testing.assert_array_equal(child.xyxy, np.float32([1.5, 2.0, 30.25, 90.0]))
    assert car.track_id == car.NO_TRACK


def test_nothing_found_is_an_empty_message(tmp_path: Path) -> None:
    boxes = FrameBoxes("front", STAMP_NS, (1280, 720), ())
    message = written(tmp_path, scored_boxes_message(boxes, frame_id="f", model_id="m"))
    assert (message.boxes, message.width) == ([], 1280)


def test_an_alert_carries_the_whole_record(tmp_path: Path) -> None:
    message = written(tmp_path, pedestrian_alert_message(make_alert(), frame_id="optical"))
    assert (message.level, message.reason) == (message.WARNING, "child in the zone")
    assert (message.header.stamp.sec, message.header.frame_id) == (1, "optical")
    assert [(p.x, p.y) for p in message.zone] == [(0.25, 1.0), (0.5, 0.5), (0.75, 1.0)]
    assert [(box.label, box.track_id) for box in message.boxes] == [("child", 7)]
    assert (message.time_to_contact_s, message.since.sec, message.since.nanosec) == (1.5, 1, 2)


def test_nobody_who_approaches_is_nan(tmp_path: Path) -> None:
    message = written(tmp_path, pedestrian_alert_message(make_alert(math.nan), frame_id="f"))
    assert math.isnan(message.time_to_contact_s)


@pytest.mark.parametrize("level", AlertLevel, ids=lambda level: level.name)
def test_levels_are_the_constants_of_the_message(level: AlertLevel) -> None:
    message = pedestrian_alert_message(make_alert(), frame_id="f")
    assert getattr(message, level.name) == level
