"""Finds the people of one picture who are in, near, or on their way into the zone."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.foot_motion import FootMotion, FootWay
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.time_to_contact import TimeToContact
from scene_clip_ros.core.zone import DEFAULT_ZONE, PinholeCamera, Zone

_STEP_S = 0.15
"""Time between two looks at somebody's way, seconds; at 15 m/s, 2.25 m: a corridor is wider."""


class Place(IntEnum):
    """Where a person is, or is about to be; the higher, the more urgent."""

    AWAY = 0
    NEAR = 1
    HEADING_IN = 2
    INSIDE = 3


@dataclass(frozen=True, slots=True)
class Person:
    """One person as judged.

    Attributes:
        box: As it came.
        place: Where.
        contact_s: Seconds until contact, ≥ 0; NaN if the person does not approach.
    """

    box: ScoredBox
    place: Place
    contact_s: float

    @property
    def urgency(self) -> tuple[float, float, float]:
        """Sorts people, the most urgent first: by place, then contact, then the lowest feet."""
        contact_s = math.inf if math.isnan(self.contact_s) else self.contact_s
        return (-self.place, contact_s, -self.box.xyxy[3])


@dataclass(slots=True)
class _Motion:
    """What is known of the way of one track, and the stamp of its last sighting."""

    contact: TimeToContact
    feet: FootMotion
    seen_ns: int = 0


class PeopleJudge:
    """Follows the people before one camera and says where each of them is."""

    def __init__(self, settings: AlertSettings) -> None:
        """Start with no picture seen and no calibration.

        Args:
            settings: Who is looked after, and where.
        """
        self._settings = settings
        self._pinhole: PinholeCamera | None = None
        self._refused: PinholeCamera | None = None
        self._zone = _find_zone(settings, None)
        self._size_wh = (0, 0)
        self._motions: dict[int, _Motion] = {}

    @property
    def zone(self) -> Zone:
        """The zone that is judged by."""
        return self._zone

    def reset(self) -> None:
        """Forget everyone; settings and calibration stay."""
        self._motions.clear()

    def set_camera(self, pinhole: PinholeCamera | None) -> None:
        """Take a calibration over; None: there is none.

        Raises:
            ParameterError: The corridor is not in its picture; the zone stays as it was until
                there are settings that fit.
        """
        self._refused = pinhole
        self._zone = _find_zone(self._settings, pinhole)
        self._pinhole, self._refused = pinhole, None

    def check_settings(self, settings: AlertSettings) -> None:
        """Do nothing but raise what `set_settings` would.

        Raises:
            ParameterError: The corridor is not in the picture.
        """
        self._choose_camera(settings)

    def set_settings(self, settings: AlertSettings) -> None:
        """Judge by other settings from the next picture on.

        A calibration that was refused last is used if it fits these.

        Raises:
            ParameterError: The corridor is not in the picture; everything stays as it was.
        """
        pinhole, self._zone = self._choose_camera(settings)
        if pinhole is self._refused:
            self._pinhole, self._refused = pinhole, None
        if settings.ttc_window_s != self._settings.ttc_window_s:
            self._motions.clear()
        self._settings = settings

    def judge(self, frame: FrameBoxes) -> list[Person]:
        """Take one picture in; its stamp is not before the last one, or `reset` was called.

        Args:
            frame: Boxes of every kind, with or without track ids.

        Returns:
            Everyone who is not away from the zone, most urgent first.
        """
        self._forget(frame)
        labels, min_score = self._settings.labels, self._settings.min_score
        people = [
            self._judge_one(box, frame)
            for box in frame.boxes
            if box.label in labels and box.score >= min_score
        ]
        near = [person for person in people if person.place != Place.AWAY]
        return sorted(near, key=lambda person: person.urgency)

    def _choose_camera(self, settings: AlertSettings) -> tuple[PinholeCamera | None, Zone]:
        """Return the newest calibration that settings fit, and its zone.

        Raises:
            ParameterError: The corridor is not in the picture of any.
        """
        if self._refused is not None:
            with suppress(ParameterError):
                return self._refused, _find_zone(settings, self._refused)
        return self._pinhole, _find_zone(settings, self._pinhole)

    def _forget(self, frame: FrameBoxes) -> None:
        """Drop tracks of which nothing lies within the window any more."""
        if frame.size_wh != self._size_wh:
            self._motions.clear()
        self._size_wh = frame.size_wh
        oldest_ns = frame.stamp_ns - round(self._settings.ttc_window_s * NS_PER_S)
        self._motions = {
            track_id: motion
            for track_id, motion in self._motions.items()
            if motion.seen_ns >= oldest_ns
        }

    def _judge_one(self, box: ScoredBox, frame: FrameBoxes) -> Person:
        contact_s, way = self._follow(box, frame)
        if self._is_inside(box.xyxy, frame.size_wh):
            return Person(box, Place.INSIDE, contact_s)
        if way is not None and self._leads_inside(way, frame.size_wh):
            return Person(box, Place.HEADING_IN, contact_s)
        is_near = self._zone.gap(box.xyxy, frame.size_wh) <= self._settings.caution_margin
        return Person(box, Place.NEAR if is_near else Place.AWAY, contact_s)

    def _is_inside(self, xyxy: Xyxy, size_wh: tuple[int, int]) -> bool:
        left, top, right, bottom = xyxy
        share = self._zone.foot_share((left, top, right, min(bottom, size_wh[1])), size_wh)
        return share > 0 and share >= self._settings.foot_share

    def _leads_inside(self, way: FootWay, size_wh: tuple[int, int]) -> bool:
        """Return whether the feet are in the zone at any time that is looked ahead.

        Where they end up does not tell: who is fast has left on the other side by then.
        """
        lookahead_s = self._settings.lookahead_s
        steps = math.ceil(lookahead_s / _STEP_S)
        return any(
            self._is_inside(way.at(lookahead_s * step / steps), size_wh)
            for step in range(1, steps + 1)
        )

    def _follow(self, box: ScoredBox, frame: FrameBoxes) -> tuple[float, FootWay | None]:
        """Return the time to contact, and the way to be expected if one can be told."""
        if box.track_id == NO_TRACK:
            return math.nan, None
        motion = self._motions.get(box.track_id)
        if motion is None:
            window_s = self._settings.ttc_window_s
            motion = _Motion(TimeToContact(window_s), FootMotion(window_s))
            self._motions[box.track_id] = motion
        t_ns, size_wh = frame.stamp_ns, frame.size_wh
        motion.seen_ns = t_ns
        motion.contact.update(t_ns, box.xyxy, size_wh)
        motion.feet.update(t_ns, box.xyxy, size_wh, course_x=self._course_x(size_wh[0]))
        contact_s = motion.contact.seconds
        return contact_s, motion.feet.way(contact_s=contact_s)

    def _course_x(self, width: int) -> float:
        """Return the column towards which the vehicle drives, pixels."""
        if self._pinhole is None:
            return width / 2
        return self._pinhole.centre_xy[0] / self._pinhole.size_wh[0] * width


def _find_zone(settings: AlertSettings, pinhole: PinholeCamera | None) -> Zone:
    """Return the zone as it is set, else as the camera sees the corridor, else the usual one."""
    if settings.zone:
        return Zone(settings.zone)
    return DEFAULT_ZONE if pinhole is None else settings.corridor.zone(pinhole)
