"""Between the messages of boxes and alerts and the records of ``core``: no decisions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from std_msgs.msg import Header

from scene_clip_ros.core import box_types
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes
from scene_clip_ros.core.errors import MessageError
from scene_clip_ros.msg import NormalizedPoint, PedestrianAlert, ScoredBox, ScoredBoxes
from scene_clip_ros.nodes.stamps import check_stamp, stamp_ns, time_message

_SCORES = ("score", "objectness", "detector_score", "cosine")

_SLACK_PX = 1.0
"""How far a box may reach beyond its picture: some count pixels from their centres."""


def boxes_message(boxes: FrameBoxes, header: Header, *, model_id: str) -> ScoredBoxes:
    """Return every object found in a frame, under the header of its image."""
    width, height = boxes.size_wh
    return ScoredBoxes(
        header=header,
        width=width,
        height=height,
        boxes=[_box_message(box) for box in boxes.boxes],
        model_id=model_id,
    )


def boxes_from_message(message: ScoredBoxes, *, camera: str) -> FrameBoxes:
    """Return what a message says of one picture of ``camera``.

    One malformed box is the end of the whole message: it may be the person who matters.

    Raises:
        MessageError: The picture has no size, a number is not finite, a box is empty or
            reaches beyond the picture, or the stamp is none.
    """
    check_stamp(message.header.stamp)
    size_wh = int(message.width), int(message.height)
    if not all(size_wh):
        message_ = f"expected the size of the picture with its boxes, got {_size(size_wh)}"
        raise MessageError(message_)
    boxes = tuple(_fitted(_box_from_message(box), size_wh) for box in message.boxes)
    return FrameBoxes(camera, stamp_ns(message.header.stamp), size_wh, boxes)


def alert_message(alert: Alert, header: Header) -> PedestrianAlert:
    """Return what is held of a camera, under the header of the newest judged image."""
    return PedestrianAlert(
        header=header,
        level=int(alert.level),
        reason=alert.reason,
        boxes=[_box_message(box) for box in alert.boxes],
        zone=[NormalizedPoint(x=float(x), y=float(y)) for x, y in alert.zone],
        time_to_contact_s=float(alert.time_to_contact_s),
        since=time_message(alert.since_ns),
    )


def alert_from_message(message: PedestrianAlert, *, camera: str) -> Alert:
    """Return what a message holds of ``camera``.

    Raises:
        MessageError: There is no such level.
    """
    if message.level not in set(AlertLevel):
        message_ = f"expected a level from 0 to {max(AlertLevel)}, got {message.level}"
        raise MessageError(message_)
    return Alert(
        camera=camera,
        stamp_ns=stamp_ns(message.header.stamp),
        level=AlertLevel(message.level),
        reason=message.reason,
        boxes=tuple(_box_from_message(box) for box in message.boxes),
        zone=tuple((point.x, point.y) for point in message.zone),
        time_to_contact_s=message.time_to_contact_s,
        since_ns=stamp_ns(message.since),
    )


def _box_message(box: box_types.ScoredBox) -> ScoredBox:
    return ScoredBox(
        label=box.label,
        score=float(box.score),
        objectness=float(box.objectness),
        detector_score=float(box.detector_score),
        cosine=float(box.cosine),
        xyxy=np.asarray(box.xyxy, np.float32),
        track_id=int(box.track_id),
    )


def _box_from_message(message: ScoredBox) -> box_types.ScoredBox:
    left, top, right, bottom = map(float, message.xyxy)
    return box_types.ScoredBox(
        label=message.label,
        score=message.score,
        objectness=message.objectness,
        detector_score=message.detector_score,
        cosine=message.cosine,
        xyxy=(left, top, right, bottom),
        track_id=max(message.track_id, NO_TRACK),
    )


def _fitted(box: box_types.ScoredBox, size_wh: tuple[int, int]) -> box_types.ScoredBox:
    """Return a box, clipped to its picture.

    Raises:
        MessageError: A number is not finite, or it is empty or reaches far beyond the picture.
    """
    for name in _SCORES:
        if not math.isfinite(value := getattr(box, name)):
            message = f"box of {box.label!r}: expected a finite {name}, got {value}"
            raise MessageError(message)
    (width, height), (left, top, right, bottom) = map(float, size_wh), box.xyxy
    near = min(left, top) >= -_SLACK_PX and right <= width + _SLACK_PX
    clipped = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
    is_box = clipped[0] < clipped[2] and clipped[1] < clipped[3]
    if not (near and bottom <= height + _SLACK_PX and is_box):  # comparisons with NaN are false
        message = (
            f"box of {box.label!r}: expected left < right and top < bottom within "
            f"{_size(size_wh)} pixels, got {box.xyxy}"
        )
        raise MessageError(message)
    return replace(box, xyxy=clipped)


def _size(size_wh: tuple[int, int]) -> str:
    return f"{size_wh[0]} x {size_wh[1]}"
