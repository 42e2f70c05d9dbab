"""Watches that what is held of one camera is not out of date."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scene_clip_ros.core.alert_policy import AlertPolicy
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.zone import PinholeCamera


@dataclass(slots=True)
class _Watch:
    """When boxes came, by the monotonic clock, nanoseconds; None: not yet.

    Attributes:
        arrived_ns: The last boxes.
        renewed_ns: The last boxes of a new picture.
        interval_ns: From the new picture before to that one.
        stamp_ns: Stamp of that picture.
        captured_ns: When the picture of the last boxes was taken; None if that is unknown.
    """

    arrived_ns: int | None = None
    renewed_ns: int | None = None
    interval_ns: int | None = None
    stamp_ns: int = 0
    captured_ns: int | None = None

    def take(self, stamp_ns: int, *, now_ns: int, age_s: float | None) -> None:
        """Take note of boxes, ``age_s`` seconds after their picture was taken."""
        if self.renewed_ns is None or stamp_ns != self.stamp_ns:
            self.interval_ns = None if self.renewed_ns is None else now_ns - self.renewed_ns
            self.renewed_ns, self.stamp_ns = now_ns, stamp_ns
        self.arrived_ns = now_ns
        self.captured_ns = None if age_s is None else now_ns - round(age_s * NS_PER_S)

    def find_silence(self, now_ns: int, *, limit_s: float) -> str | None:
        """Return why no new picture is known of, or None if one has come in time."""
        if self.arrived_ns is None or self.renewed_ns is None:
            return "no boxes yet"
        silence_s = (now_ns - self.arrived_ns) / NS_PER_S
        if silence_s >= limit_s:
            return f"no boxes for {silence_s:.1f} s"
        standstill_s = (now_ns - self.renewed_ns) / NS_PER_S
        if standstill_s >= limit_s:
            return f"stamps do not advance for {standstill_s:.1f} s"
        return None

    def age_s(self, now_ns: int) -> float:
        """Return the age of the last boxes' picture in seconds; NaN if it is unknown."""
        return math.nan if self.captured_ns is None else (now_ns - self.captured_ns) / NS_PER_S


class AlertMonitor:
    """Publishes the alert of one camera, or says that nothing can be told.

    It is STALE until two pictures' boxes have come within the set time of each other, and again
    as soon as no new picture's have come for that time, or what comes is too old. A picture is
    new if its stamp is: the policy counts time in stamps, and would hold for ever what it is told
    by a camera whose clock stands still.
    """

    def __init__(self, camera: str, settings: AlertSettings) -> None:
        """Start with nothing told.

        Args:
            camera: Name of the camera, for the alerts.
            settings: Of the policy and of the watch.
        """
        self._camera = camera
        self._settings = settings
        self._policy = AlertPolicy(camera, settings)
        self._watch = _Watch()
        self._published: Alert | None = None

    def set_camera(self, pinhole: PinholeCamera | None) -> None:
        """Take a calibration over; None: there is none.

        Raises:
            ParameterError: The corridor is not in its picture; the zone stays as it was until
                there are settings that fit.
        """
        self._policy.set_camera(pinhole)

    def check_settings(self, settings: AlertSettings) -> None:
        """Do nothing but raise what `set_settings` would.

        Raises:
            ParameterError: The corridor is not in the picture.
        """
        self._policy.check_settings(settings)

    def set_settings(self, settings: AlertSettings) -> None:
        """Judge by other settings from the next call on; what is held stays.

        Raises:
            ParameterError: The corridor is not in the picture; everything stays as it was.
        """
        self._policy.set_settings(settings)
        self._settings = settings

    def reset(self) -> None:
        """Forget everything seen; settings and calibration stay."""
        self._policy.reset()
        self._watch = _Watch()
        self._published = None

    def on_boxes(self, frame: FrameBoxes, *, now_ns: int, age_s: float | None = None) -> Alert:
        """Take one picture's boxes in.

        Args:
            frame: Boxes of every kind. One whose stamp is that of the last is judged, but does
                not show that the camera is alive.
            now_ns: Reading of a monotonic clock, nanoseconds, not before the last one.
            age_s: Time from capture until now in seconds; None if it is unknown.
        """
        self._watch.take(frame.stamp_ns, now_ns=now_ns, age_s=age_s)
        self._policy.update(frame)
        return self.on_heartbeat(now_ns)

    def on_heartbeat(self, now_ns: int) -> Alert:
        """Return what is held now.

        Args:
            now_ns: Reading of the same clock, nanoseconds, not before the last one.
        """
        reason, held = self._find_fault(now_ns), self._policy.held
        alert = self._make_stale(reason) if reason is not None or held is None else held
        last = self._published
        if last is not None and last.level == alert.level and last.since_ns <= alert.stamp_ns:
            alert = replace(alert, since_ns=last.since_ns)
        elif alert.stamp_ns != alert.since_ns:
            alert = replace(alert, since_ns=alert.stamp_ns)
        self._published = alert
        return alert

    def _find_fault(self, now_ns: int) -> str | None:
        """Return why nothing can be told, or None."""
        watch, limit_s = self._watch, self._settings.stale_after_s
        silence = watch.find_silence(now_ns, limit_s=limit_s)
        if silence is not None:
            return silence
        if watch.interval_ns is None:
            return "first boxes, waiting for the next"
        interval_s = watch.interval_ns / NS_PER_S
        if interval_s > limit_s:
            return f"boxes come every {interval_s:.1f} s, expected within {limit_s:g} s"
        age_s = watch.age_s(now_ns)
        if age_s > self._settings.max_age_s > 0:
            return f"boxes are {age_s:.1f} s old"
        return None

    def _make_stale(self, reason: str | None) -> Alert:
        held = self._policy.held
        return Alert(
            camera=self._camera,
            stamp_ns=0 if held is None else held.stamp_ns,
            level=AlertLevel.STALE,
            reason=reason or "no boxes yet",
            boxes=(),
            zone=self._policy.zone.points,
            time_to_contact_s=math.nan,
            since_ns=0 if held is None else held.stamp_ns,
        )
