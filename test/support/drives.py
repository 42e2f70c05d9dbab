"""Boxes, truths and alerts of made-up drives."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scene_clip_ros.core.alert_types import Alert, AlertLevel, Point
from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes

SIZE_WH = (640, 360)
STEP_NS = 100_000_000
LOWER_MIDDLE: tuple[Point, ...] = ((0.4, 0.5), (0.6, 0.5), (0.6, 1.0), (0.4, 1.0))
"""A zone: the middle fifth of the lower half."""


def at(left: float, top: float, *, wide: float = 40, tall: float = 100) -> Xyxy:
    """Return a box by its upper left corner and its size, pixels."""
    return left, top, left + wide, top + tall


def scored(label: str, xyxy: Xyxy, score: float = 0.9) -> ScoredBox:
    """Return a box that somebody found."""
    return ScoredBox(label, score, score, 0.0, 0.25, xyxy)


def found(*boxes: ScoredBox, frame: int = 0, camera: str = "front") -> FrameBoxes:
    """Return what was found in a frame of `SIZE_WH`, by its number."""
    return FrameBoxes(camera, frame * STEP_NS, SIZE_WH, boxes)


def true(
    kind: str, xyxy: Xyxy, *, number: int = 1, visible: float = 1.0, distance_m: float = 20.0
) -> TrueBox:
    """Return something that is there."""
    return TrueBox(number, kind, xyxy, visible, distance_m)


def truth(*boxes: TrueBox, frame: int = 0, camera: str = "front") -> TrueBoxes:
    """Return what is there in a frame, by its number."""
    return TrueBoxes(camera, frame * STEP_NS, boxes)


def alert(
    level: AlertLevel,
    *,
    frame: int = 0,
    camera: str = "front",
    boxes: Sequence[ScoredBox] = (),
    time_to_contact_s: float = math.nan,
) -> Alert:
    """Return what is held of a frame with the zone `LOWER_MIDDLE`."""
    stamp_ns = frame * STEP_NS
    return Alert(
        camera=camera,
        stamp_ns=stamp_ns,
        level=level,
        reason="",
        boxes=tuple(boxes),
        zone=LOWER_MIDDLE,
        time_to_contact_s=time_to_contact_s,
        since_ns=stamp_ns,
    )
