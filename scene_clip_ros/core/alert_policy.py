"""Decides, picture by picture, how much care the people before one camera ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scene_clip_ros.core.alert_hold import HeldLevel, LevelHold, Presence
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.people_judge import PeopleJudge, Person, Place
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.zone import PinholeCamera, Zone

NOBODY = "nobody in or near the zone"

_MAX_TOLD_S = 10.0
"""Time to contact from which it is left out of the words."""

_PLACE_WORDS = {
    Place.NEAR: "near the zone",
    Place.HEADING_IN: "heading into the zone",
    Place.INSIDE: "in the zone",
}


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
        self._judge = PeopleJudge(settings)
        self._presence = Presence()
        self._hold = LevelHold()
        self._held: Alert | None = None

    @property
    def zone(self) -> Zone:
        """The zone that is judged by."""
        return self._judge.zone

    @property
    def held(self) -> Alert | None:
        """The newest alert; None before the first picture."""
        return self._held

    def reset(self) -> None:
        """Forget everything seen; settings and calibration stay."""
        self._judge.reset()
        self._presence = Presence()
        self._hold = LevelHold()
        self._held = None

    def set_camera(self, pinhole: PinholeCamera | None) -> None:
        """Take a calibration over; None: there is none.

        Raises:
            ParameterError: The corridor is not in its picture; the zone stays as it was until
                there are settings that fit.
        """
        self._judge.set_camera(pinhole)

    def check_settings(self, settings: AlertSettings) -> None:
        """Do nothing but raise what `set_settings` would.

        Raises:
            ParameterError: The corridor is not in the picture.
        """
        self._judge.check_settings(settings)

    def set_settings(self, settings: AlertSettings) -> None:
        """Judge by other settings from the next picture on; what is held stays.

        Raises:
            ParameterError: The corridor is not in the picture; everything stays as it was.
        """
        self._judge.set_settings(settings)
        self._settings = settings

    def update(self, frame: FrameBoxes) -> Alert:
        """Take one picture's boxes in; a stamp before the last one starts anew.

        Args:
            frame: Boxes of every kind, with or without track ids.
        """
        self._forget(frame.stamp_ns)
        people = self._judge.judge(frame)
        inside = [person for person in people if person.place == Place.INSIDE]
        persisted = self._presence.update(
            frame.stamp_ns,
            seen=bool(inside),
            persist_ns=round(self._settings.persist_s * NS_PER_S),
        )
        if persisted:
            self._held = self._make_alert(frame.stamp_ns, AlertLevel.WARNING, inside)
        else:
            level = AlertLevel.CAUTION if people else AlertLevel.CLEAR
            self._held = self._make_alert(frame.stamp_ns, level, people)
        return self._held

    def _forget(self, t_ns: int) -> None:
        """Forget what a picture does not continue."""
        if self._held is None:
            return
        if t_ns < self._held.stamp_ns:
            self.reset()
        elif t_ns - self._held.stamp_ns > self._settings.stale_after_s * NS_PER_S:
            self._presence = Presence()

    def _make_alert(self, t_ns: int, level: AlertLevel, people: Sequence[Person]) -> Alert:
        """Return the alert that is held when a picture speaks for a level because of people."""
        hold_ns = round(self._settings.hold_s * NS_PER_S)
        held = self._hold.update(t_ns, level, people=tuple(people), hold_ns=hold_ns)
        return Alert(
            camera=self._camera,
            stamp_ns=t_ns,
            level=held.level,
            reason=_describe(held),
            boxes=tuple(person.box for person in held.people),
            zone=self.zone.points,
            time_to_contact_s=_time_to_contact_s(held),
            since_ns=held.since_ns,
        )


def _time_to_contact_s(held: HeldLevel) -> float:
    """Return the seconds until the first of the people is reached; NaN if nobody will be."""
    contacts_s = (person.contact_s - held.age_ns / NS_PER_S for person in held.people)
    return min((contact_s for contact_s in contacts_s if contact_s >= 0), default=math.nan)


def _describe(held: HeldLevel) -> str:
    """Say where the most urgent of the people are; who they are, if it is one."""
    if not held.people:
        return NOBODY
    first = held.people[0]
    group = [person for person in held.people if person.place == first.place]
    who = first.box.label if len(group) == 1 else f"{len(group)} people"
    words = f"{who} {_PLACE_WORDS[first.place]}"
    if held.age_ns > 0:
        return f"{words} until {held.age_ns / NS_PER_S:.1f} s ago"
    if first.contact_s < _MAX_TOLD_S:
        return f"{words}, contact in {first.contact_s:.1f} s"
    return words
