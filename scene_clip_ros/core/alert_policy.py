"""Judges the people before one camera, picture by picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from scene_clip_ros.core.alert_hold import LevelHold, Presence
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.core.foot_motion import FootMotion
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.time_to_contact import TimeToContact
from scene_clip_ros.core.zone import DEFAULT_ZONE, PinholeCamera, Zone

NOBODY = "nobody in or near the zone"

_MAX_TOLD_S = 10.0
"""Time to contact above which it is left out of the words."""


class Place(IntEnum):
    """Where a person is, or is about to be; the higher, the more urgent."""

    AWAY = 0
    NEAR = 1
    HEADING_IN = 2
    INSIDE = 3


_PLACE_WORDS = {
    Place.NEAR: "near the zone",
    Place.HEADING_IN: "heading into the zone",
    Place.INSIDE: "in the zone",
}


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
    def urgency(self) -> tuple[float, ...]:
        """Sorts people, the most urgent first."""
        contact_s = math.inf if math.isnan(self.contact_s) else self.contact_s
        return (-self.place, contact_s, -self.box.xyxy[3])


class AlertPolicy:
    """Holds the alert of one camera.

    Someone whose feet have been in the zone for the set time is a WARNING. Someone who has just
    come in, is near the zone, or whose way leads into it is a CAUTION. A level rises at once, and
    falls when its cause has been gone for the set time.
    """

    def __init__(self, camera: str, settings: AlertSettings) -> None:
        """Start with no picture seen and no calibration.

        Args:
            camera: Name of the camera, for the alerts.
            settings: Who is looked after, where, and how long before and after.
        """
        self._camera = camera
        self._settings = settings
        self._pinhole: PinholeCamera | None = None
        self._zone = _find_zone(settings, None)
        self._size_wh = (0, 0)
        self.reset()

    @property
    def zone(self) -> Zone:
        """The zone that is judged by."""
        return self._zone

    @property
    def held(self) -> Alert | None:
        """The newest alert; None before the first picture."""
        return self._held

    def reset(self) -> None:
        """Forget everything seen; settings and calibration stay."""
        self._motions: dict[int, tuple[int, TimeToContact, FootMotion]] = {}
        self._presence = Presence()
        self._hold = LevelHold()
        self._held: Alert | None = None

    def set_camera(self, pinhole: PinholeCamera | None) -> None:
        """Take a calibration over; None: there is none.

        Raises:
            ParameterError: The corridor is not in its picture; the zone stays as it was.
        """
        self._zone = _find_zone(self._settings, pinhole)
        self._pinhole = pinhole

    def set_settings(self, settings: AlertSettings) -> None:
        """Judge by other settings from the next picture on; what is held stays.

        Raises:
            ParameterError: The corridor is not in the picture; everything stays as it was.
        """
        self._zone = _find_zone(settings, self._pinhole)
        if settings.ttc_window_s != self._settings.ttc_window_s:
            self._motions.clear()
        self._settings = settings

    def update(self, frame: FrameBoxes) -> Alert:
        """Take one picture's boxes in; a stamp before the last one starts anew.

        Args:
            frame: Boxes of every kind, with or without track ids.
        """
        self._prepare(frame)
        people = sorted(self._judge(frame), key=lambda person: person.urgency)
        is_inside = any(person.place == Place.INSIDE for person in people)
        persisted = self._presence.update(
            frame.stamp_ns, seen=is_inside, persist_ns=round(self._settings.persist_s * NS_PER_S)
        )
        level = AlertLevel.CAUTION if people else AlertLevel.CLEAR
        if persisted and is_inside:
            level = AlertLevel.WARNING
            people = [person for person in people if person.place == Place.INSIDE]
        self._held = self._make_alert(frame, level, people)
        return self._held

    def _prepare(self, frame: FrameBoxes) -> None:
        """Forget what this frame does not continue."""
        t_ns = frame.stamp_ns
        if self._held is not None and t_ns < self._held.stamp_ns:
            self.reset()
        if self._held is not None:
            silence_ns = t_ns - self._held.stamp_ns
            if silence_ns > self._settings.stale_after_s * NS_PER_S:
                self._presence.reset()
        if frame.size_wh != self._size_wh:
            self._motions.clear()
        self._size_wh = frame.size_wh
        oldest_ns = t_ns - round(self._settings.ttc_window_s * NS_PER_S)
        self._motions = {
            track: motion for track, motion in self._motions.items() if motion[0] >= oldest_ns
        }

    def _judge(self, frame: FrameBoxes) -> list[Person]:
        """Return everyone who is not away from the zone."""
        labels, min_score = self._settings.labels, self._settings.min_score
        people = [
            self._judge_one(box, frame)
            for box in frame.boxes
            if box.label in labels and box.score >= min_score
        ]
        return [person for person in people if person.place != Place.AWAY]

    def _judge_one(self, box: ScoredBox, frame: FrameBoxes) -> Person:
        contact_s, ahead = self._follow(box, frame)
        if self._is_inside(box.xyxy, frame.size_wh):
            return Person(box, Place.INSIDE, contact_s)
        if ahead is not None and self._is_inside(ahead, frame.size_wh):
            return Person(box, Place.HEADING_IN, contact_s)
        is_near = self._zone.gap(box.xyxy, frame.size_wh) <= self._settings.caution_margin
        return Person(box, Place.NEAR if is_near else Place.AWAY, contact_s)

    def _is_inside(self, xyxy: tuple[float, float, float, float], size_wh: tuple[int, int]) -> bool:
        left, top, right, bottom = xyxy
        share = self._zone.foot_share((left, top, right, min(bottom, size_wh[1])), size_wh)
        return share > 0 and share >= self._settings.foot_share

    def _follow(
        self, box: ScoredBox, frame: FrameBoxes
    ) -> tuple[float, tuple[float, float, float, float] | None]:
        """Return the time to contact, and the box to be expected if one can be told."""
        if box.track_id == NO_TRACK:
            return math.nan, None
        window_s, lookahead_s = self._settings.ttc_window_s, self._settings.lookahead_s
        fresh = (0, TimeToContact(window_s), FootMotion(window_s))
        _, contact, feet = self._motions.get(box.track_id, fresh)
        self._motions[box.track_id] = (frame.stamp_ns, contact, feet)
        contact.update(frame.stamp_ns, box.xyxy, frame.size_wh)
        feet.update(frame.stamp_ns, box.xyxy, frame.size_wh, course_x=self._course_x(frame))
        ahead = feet.predict(lookahead_s, contact_s=contact.seconds) if lookahead_s else None
        return contact.seconds, ahead

    def _course_x(self, frame: FrameBoxes) -> float:
        if self._pinhole is None:
            return frame.size_wh[0] / 2
        return self._pinhole.centre_xy[0] / self._pinhole.size_wh[0] * frame.size_wh[0]

    def _make_alert(self, frame: FrameBoxes, level: AlertLevel, people: Sequence[Person]) -> Alert:
        contact_s = min(
            (person.contact_s for person in people if math.isfinite(person.contact_s)),
            default=math.nan,
        )
        words = _describe(people)
        held, held_words, ago_ns = self._hold.update(
            frame.stamp_ns, level, words=words, hold_ns=round(self._settings.hold_s * NS_PER_S)
        )
        if held != level:
            words = f"{held_words} until {ago_ns / NS_PER_S:.1f} s ago"
        elif contact_s < _MAX_TOLD_S:
            words = f"{words}, contact in {contact_s:.1f} s"
        return Alert(
            camera=self._camera,
            stamp_ns=frame.stamp_ns,
            level=held,
            reason=words,
            boxes=tuple(person.box for person in people),
            zone=self._zone.points,
            time_to_contact_s=contact_s,
            since_ns=self._hold.since_ns,
        )


def _find_zone(settings: AlertSettings, pinhole: PinholeCamera | None) -> Zone:
    """Return the zone as it is set, else as the camera sees the corridor, else the usual one."""
    if settings.zone:
        return Zone(settings.zone)
    return DEFAULT_ZONE if pinhole is None else settings.corridor.zone(pinhole)


def _describe(people: Sequence[Person]) -> str:
    """Say where the most urgent of the people are; who they are, if it is one."""
    if not people:
        return NOBODY
    place = people[0].place
    group = [person for person in people if person.place == place]
    who = group[0].box.label if len(group) == 1 else f"{len(group)} people"
    return f"{who} {_PLACE_WORDS[place]}"
