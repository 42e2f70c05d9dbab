"""How much care the people in front of one camera ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from scene_clip_ros.core.box_types import ScoredBox

Point = tuple[float, float]
"""x and y as fractions of the picture's width and height; origin at its top left corner."""


class AlertLevel(IntEnum):
    """The constants of ``msg/PedestrianAlert``."""

    CLEAR = 0
    CAUTION = 1
    WARNING = 2
    STALE = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """What is held of one camera's picture; the fields of ``msg/PedestrianAlert``.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the newest judged picture in nanoseconds; 0 before the first.
        level: What is held.
        reason: One line for a person, e.g. ``child in the zone, contact in 1.8 s``.
        boxes: The people who caused the level, most urgent first; while it is held without a
            cause, as they were last seen.
        zone: Corners of the vehicle's corridor, in order.
        time_to_contact_s: Seconds until the nearest of ``boxes`` is reached, ≥ 0; NaN if none
            approaches.
        since_ns: Stamp of the picture from which ``level`` has been held.
    """

    camera: str
    stamp_ns: int
    level: AlertLevel
    reason: str
    boxes: tuple[ScoredBox, ...]
    zone: tuple[Point, ...]
    time_to_contact_s: float
    since_ns: int
