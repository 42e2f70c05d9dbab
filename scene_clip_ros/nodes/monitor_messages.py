"""What the page is told, as JSON: bounded, finite, and of plain types. Free of ROS and HTTP."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.core.types import UNKNOWN, AttributeState, FrameResult, HazardState
from scene_clip_ros.nodes.monitor_board import CameraView
from scene_clip_ros.nodes.monitor_timeline import Change

MAX_TEXT = 120
"""Characters of a name, label or reason; the rest is left out."""

MAX_BOXES = 64
"""Boxes drawn on a picture, the surest ones."""

MAX_CORNERS = 32

MAX_LAG_S = 1.0
"""Boxes that are older than the picture by more are not drawn: by then all has moved."""


def to_json(message: dict[str, Any]) -> str:
    """Return a message as one line of JSON; NaN and infinity are errors."""
    return json.dumps(message, allow_nan=False, separators=(",", ":"))


def camera_message(
    camera: str,
    view: CameraView,
    *,
    now_s: float,
    stale_after_s: float,
    picture_s: float | None,
) -> dict[str, Any]:
    """Return what is known of a camera but for its picture.

    Args:
        camera: Its name.
        view: What is known.
        now_s: Monotonic clock, seconds.
        stale_after_s: Silence after which an alert is STALE and labels are told to be missing.
        picture_s: When the newest picture came, by the same clock; None: none yet.
    """
    received = view.received
    return {
        "type": "camera",
        "camera": camera,
        "now_s": now_s,
        "labels": _labels(view.labels, _age(received.labels_s, now_s), stale_after_s),
        "boxes": _boxes_summary(view.boxes, _age(received.boxes_s, now_s), stale_after_s),
        "alert": _alert(view.alert, _age(received.alert_s, now_s), stale_after_s),
        "picture_age_s": _age(picture_s, now_s),
        "fault": clip(view.fault),
        "changes": [change_message(change) for change in view.changes],
    }


def change_message(change: Change) -> dict[str, Any]:
    """Return a change of the timeline."""
    return {
        "time_s": change.time_s,
        "kind": change.row.kind,
        "row": clip(change.row.name),
        "value": None if change.value is None else clip(change.value),
    }


def picture_head(
    camera: str, stamp_ns: int, *, boxes: FrameBoxes | None, alert: Alert | None
) -> dict[str, Any]:
    """Return what is drawn on a picture: boxes and zone in fractions of it.

    Args:
        camera: Name of the camera.
        stamp_ns: Of the picture; told as text, since browsers count to 2^53 only.
        boxes: Its boxes, or the newest ones of older pictures; None for none.
        alert: What is held of the people in it; None if nobody judges them.
    """
    lag_s = None if boxes is None else (stamp_ns - boxes.stamp_ns) / 1e9
    if boxes is None or lag_s is None or not 0 <= lag_s <= MAX_LAG_S:
        boxes = lag_s = None
    return {
        "camera": camera,
        "stamp_ns": str(stamp_ns),
        "boxes": [] if boxes is None else _boxes(boxes, alert),
        "boxes_lag_s": lag_s,
        "zone": []
        if alert is None
        else [[_unit(x), _unit(y)] for x, y in alert.zone][:MAX_CORNERS],
    }


def pack_picture(head: dict[str, Any], jpeg: bytes) -> bytes:
    """Return a picture as it is sent: length of the head (4 bytes, big end first), head, JPEG."""
    text = to_json(head).encode()
    return struct.pack(">I", len(text)) + text + jpeg


def clip(text: str) -> str:
    """Return a text on one line, cut to `MAX_TEXT` characters."""
    line = " ".join(text[: 4 * MAX_TEXT].split())
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"


def finite(value: float) -> float | None:
    """Return a number that JSON can hold; None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def _labels(
    labels: FrameResult | None, age_s: float | None, stale_after_s: float
) -> dict[str, Any] | None:
    if labels is None or age_s is None:
        return None
    return {
        "stamp_ns": str(labels.stamp_ns),
        "age_s": age_s,
        "stale": age_s > stale_after_s,
        "attributes": [_attribute(a, labels.stamp_ns) for a in labels.attributes],
        "hazards": [_hazard(hazard, labels.stamp_ns) for hazard in labels.hazards],
    }


def _attribute(state: AttributeState, stamp_ns: int) -> dict[str, Any]:
    return {
        "name": clip(state.name),
        "label": clip(state.label),
        "known": state.label != UNKNOWN,
        "probability": finite(state.probability),
        "held_s": max(0.0, (stamp_ns - state.since_ns) / 1e9),
    }


def _hazard(state: HazardState, stamp_ns: int) -> dict[str, Any]:
    return {
        "name": clip(state.name),
        "active": bool(state.active),
        "probability": finite(state.probability),
        "held_s": max(0.0, (stamp_ns - state.since_ns) / 1e9),
    }


def _boxes_summary(
    boxes: FrameBoxes | None, age_s: float | None, stale_after_s: float
) -> dict[str, Any] | None:
    if boxes is None or age_s is None:
        return None
    return {
        "stamp_ns": str(boxes.stamp_ns),
        "age_s": age_s,
        "stale": age_s > stale_after_s,
        "count": len(boxes.boxes),
    }


def _alert(alert: Alert | None, age_s: float | None, stale_after_s: float) -> dict[str, Any]:
    """Return an alert; silence is STALE and never a CLEAR."""
    if alert is None or age_s is None:
        return _stale("no alert received yet")
    if age_s > stale_after_s:
        return _stale(f"no alert for {age_s:.0f} s")
    return {
        "stamp_ns": str(alert.stamp_ns),
        "level": alert.level.name,
        "reason": clip(alert.reason),
        "time_to_contact_s": finite(alert.time_to_contact_s),
    }


def _stale(reason: str) -> dict[str, Any]:
    return {
        "stamp_ns": "0",
        "level": AlertLevel.STALE.name,
        "reason": reason,
        "time_to_contact_s": None,
    }


def _boxes(boxes: FrameBoxes, alert: Alert | None) -> list[dict[str, Any]]:
    causes = () if alert is None else alert.boxes
    tracks = {box.track_id for box in causes if box.track_id != NO_TRACK}
    places = {box.xyxy for box in causes}
    return [
        _box(box, boxes.size_wh, urgent=box.track_id in tracks or box.xyxy in places)
        for box in boxes.boxes[:MAX_BOXES]
    ]


def _box(box: ScoredBox, size_wh: tuple[int, int], *, urgent: bool) -> dict[str, Any]:
    (width, height), (left, top, right, bottom) = size_wh, box.xyxy
    return {
        "label": clip(box.label),
        "score": finite(box.score),
        "track_id": None if box.track_id == NO_TRACK else box.track_id,
        "xyxy": [left / width, top / height, right / width, bottom / height],
        "urgent": urgent,
    }


def _unit(value: float) -> float:
    """Return a fraction within [0, 1]; 0 for NaN."""
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0


def _age(received_s: float | None, now_s: float) -> float | None:
    return None if received_s is None else max(0.0, now_s - received_s)
