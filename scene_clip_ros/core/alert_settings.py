"""When people before the vehicle raise an alert: every setting with its unit, range and default."""

from __future__ import annotations

from dataclasses import dataclass, field

from scene_clip_ros.core.alert_types import Point
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.zone import Corridor, Zone

_RANGES: dict[str, tuple[float, float]] = {
    "min_score": (0.0, 1.0),
    "persist_s": (0.0, 10.0),
    "hold_s": (0.0, 60.0),
    "foot_share": (0.0, 1.0),
    "caution_margin": (0.0, 10.0),
    "lookahead_s": (0.0, 10.0),
    "ttc_window_s": (0.3, 10.0),
    "stale_after_s": (0.05, 60.0),
    "max_age_s": (0.0, 60.0),
}


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Who is looked after, where, and how long before and after.

    Attributes:
        labels: Labels of boxes that are vulnerable road users; at least one, none empty.
        min_score: Score of a box from which it counts, in [0, 1].
        persist_s: How long someone must be in the zone before a WARNING, seconds in [0, 10];
            misses shorter than this do not start it again.
        hold_s: How long a level is held after its cause has gone, seconds in [0, 60].
        foot_share: Share of a box's bottom edge in the zone from which the person is in it, in
            [0, 1]; 0: from the first touch.
        caution_margin: Distance from the zone within which someone is near it, in units of the
            longer side of the person's box, in [0, 10]; beyond the zone a pixel up counts 15
            times (`Zone.gap`).
        lookahead_s: How far a person's way is drawn on to see whether it leads into or through
            the zone, seconds in [0, 10]; 0: not.
        ttc_window_s: Length of the past from which the time to contact is told, seconds in
            [0.3, 10].
        stale_after_s: Silence, or standstill of the stamps, after which nothing can be told,
            seconds in [0.05, 60].
        max_age_s: Age of a picture, from capture to judgement, above which nothing can be told,
            seconds in [0, 60]; 0: any age will do.
        zone: Corners of the zone, fractions of the picture; empty: ``corridor`` as the camera's
            calibration projects it, and ``DEFAULT_ZONE`` without one.
        corridor: Of the vehicle, in metres.
    """

    labels: tuple[str, ...] = (
        "person",
        "child",
        "baby",
        "wheelchair user",
        "cyclist",
        "stroller",
        "motorcyclist",
    )
    min_score: float = 0.8
    persist_s: float = 0.15
    hold_s: float = 1.0
    foot_share: float = 0.3
    caution_margin: float = 0.8
    lookahead_s: float = 1.5
    ttc_window_s: float = 1.0
    stale_after_s: float = 1.0
    max_age_s: float = 0.0
    zone: tuple[Point, ...] = ()
    corridor: Corridor = field(default_factory=Corridor)

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        for name, bounds in _RANGES.items():
            require_in_range(name, getattr(self, name), bounds)
        if not self.labels or not all(label.strip() for label in self.labels):
            message = f"labels: expected at least one label, none empty, got {self.labels}"
            raise ParameterError(message)
        if self.zone:
            Zone(self.zone)
