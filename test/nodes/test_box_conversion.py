"""Boxes and alerts as messages, and messages as boxes and alerts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.core.errors import MessageError
from scene_clip_ros.msg import PedestrianAlert, ScoredBoxes
from scene_clip_ros.nodes.box_conversion import (
    alert_from_message,
    alert_message,
    boxes_from_message,
    boxes_message,
)

HEADER = Header(stamp=Time(sec=12, nanosec=345), frame_id="front_optical")
STAMP_NS = 12_000_000_345
CHILD = ScoredBox("child", 0.75, 0.5, 0.25, -0.125, (10.5, 20.0, 30.25, 80.0), track_id=3)
ALERT = Alert(
    camera="front",
    stamp_ns=STAMP_NS,
    level=AlertLevel.WARNING,
    reason="child in the zone, contact in 1.5 s",
    boxes=(CHILD,),
    zone=((0.25, 1.0), (0.5, 0.5), (0.75, 1.0)),
    time_to_contact_s=1.5,
    since_ns=11 * 10**9,
)

fractions = st.floats(0, 1, width=32)
xyxys = st.tuples(
    st.floats(0, 99, width=32),
    st.floats(0, 49, width=32),
    st.floats(100, 160, width=32),
    st.floats(50, 90, width=32),
)
boxes = st.builds(
    ScoredBox,
    label=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
    score=fractions,
    objectness=fractions,
    detector_score=fractions,
    cosine=st.floats(-1, 1, width=32),
    xyxy=xyxys,
    track_id=st.integers(NO_TRACK, 2**31 - 1),
)


def frame_boxes(*found: ScoredBox) -> FrameBoxes:
    return FrameBoxes("front", STAMP_NS, (160, 90), found)


def to_message(frame: FrameBoxes) -> ScoredBoxes:
    return boxes_message(frame, HEADER, model_id="tiny")


@given(st.lists(boxes, max_size=4))
def test_boxes_survive_the_wire(found: list[ScoredBox]) -> None:
    sent = frame_boxes(*found)

    wired = deserialize_message(serialize_message(to_message(sent)), ScoredBoxes)

    assert boxes_from_message(wired, camera="front") == sent
    assert (wired.header, wired.model_id) == (HEADER, "tiny")


def test_an_alert_survives_the_wire() -> None:
    wired = deserialize_message(serialize_message(alert_message(ALERT, HEADER)), PedestrianAlert)

    assert alert_from_message(wired, camera="front") == ALERT


def test_unknown_time_to_contact_stays_nan() -> None:
    message = alert_message(replace(ALERT, time_to_contact_s=math.nan), HEADER)

    assert math.isnan(message.time_to_contact_s)
    assert math.isnan(alert_from_message(message, camera="front").time_to_contact_s)


@pytest.mark.parametrize("level", AlertLevel, ids=lambda level: level.name)
def test_levels_are_the_constants_of_the_message(level: AlertLevel) -> None:
    assert alert_message(replace(ALERT, level=level), HEADER).level == getattr(
        PedestrianAlert, level.name
    )


def test_an_alert_before_the_first_picture_has_no_stamp() -> None:
    stale = replace(ALERT, level=AlertLevel.STALE, boxes=(), stamp_ns=0, since_ns=0)

    assert alert_message(stale, Header()).since == Time()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(replace(CHILD, score=math.nan), "a finite score, got nan", id="nan score"),
        pytest.param(replace(CHILD, cosine=math.inf), "a finite cosine", id="infinite cosine"),
        pytest.param(replace(CHILD, xyxy=(10, math.nan, 30, 80)), "got (10.0, nan", id="nan side"),
        pytest.param(replace(CHILD, xyxy=(10, 20, 10, 80)), "left < right", id="no width"),
        pytest.param(replace(CHILD, xyxy=(10, 80, 30, 20)), "top < bottom", id="upside down"),
        pytest.param(replace(CHILD, xyxy=(10, 20, 30, 99)), "160 x 90 pixels", id="outside"),
    ],
)
def test_one_malformed_box_is_named_and_the_message_refused(broken: ScoredBox, words: str) -> None:
    message = to_message(frame_boxes(CHILD, broken))

    with pytest.raises(MessageError) as refusal:
        boxes_from_message(message, camera="front")

    assert words in str(refusal.value)
    assert "'child'" in str(refusal.value)


def test_a_box_that_reaches_a_little_beyond_its_picture_is_clipped() -> None:
    message = to_message(frame_boxes(replace(CHILD, xyxy=(-0.5, -0.5, 160.5, 90.5))))

    (box,) = boxes_from_message(message, camera="front").boxes

    assert box.xyxy == (0.0, 0.0, 160.0, 90.0)


def test_boxes_without_the_size_of_their_picture_are_refused() -> None:
    message = to_message(frame_boxes(CHILD))
    message.width = 0

    with pytest.raises(MessageError, match="size of the picture"):
        boxes_from_message(message, camera="front")


def test_an_alert_of_an_unknown_level_is_refused() -> None:
    message = alert_message(ALERT, HEADER)
    message.level = 9

    with pytest.raises(MessageError, match="level from 0 to 3, got 9"):
        alert_from_message(message, camera="front")


def test_corners_are_single_precision_pixels() -> None:
    (box,) = to_message(frame_boxes(CHILD)).boxes

    assert box.xyxy.dtype == np.float32
    assert box.xyxy.tolist() == [10.5, 20.0, 30.25, 80.0]
