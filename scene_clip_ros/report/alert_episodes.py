"""From the alerts of single frames to episodes, each with its most urgent frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.types import FrameResult

_NOT_KEPT = np.empty(0, np.float32)

_LOUD = (AlertLevel.CAUTION, AlertLevel.WARNING)


@dataclass(frozen=True, slots=True)
class AlertEpisode:
    """A time without a break in which one camera's alert was not CLEAR.

    Attributes:
        level: The highest one.
        start_ns: Stamp of its first frame.
        end_ns: Stamp of the first frame after it; of its last frame, if none came.
        peak: Alert of its most urgent frame: of the highest level, then one that shows its cause
            and does not only hold on to it, then the shortest time to contact, then the first.
        result: What was held of that frame, without the embedding.
    """

    level: AlertLevel
    start_ns: int
    end_ns: int
    peak: Alert
    result: FrameResult

    @property
    def camera(self) -> str:
        """Name of the camera."""
        return self.peak.camera


class EpisodeFinder:
    """Finds the episodes of a drive. Frames of a camera come in order of time."""

    def __init__(self) -> None:
        """Start with none."""
        self._ended: list[AlertEpisode] = []
        self._open: dict[str, AlertEpisode] = {}

    def add(self, result: FrameResult, alert: Alert) -> None:
        """Take one frame in. A stamp before the last one ends the episode there."""
        current = self._open.pop(result.camera, None)
        if current and result.stamp_ns < current.end_ns:
            self._ended.append(current)
            current = None
        if alert.level in _LOUD:
            self._open[result.camera] = _extend(current, result, alert)
        elif current:
            self._ended.append(replace(current, end_ns=result.stamp_ns))

    def episodes(self) -> tuple[AlertEpisode, ...]:
        """Return all so far, in order of time."""
        found: Iterator[AlertEpisode] = iter((*self._ended, *self._open.values()))
        return tuple(sorted(found, key=lambda episode: (episode.start_ns, episode.camera)))


def _extend(current: AlertEpisode | None, result: FrameResult, alert: Alert) -> AlertEpisode:
    """Return the episode with one more frame."""
    kept = replace(result, embedding=_NOT_KEPT)
    if current is None:
        return AlertEpisode(alert.level, result.stamp_ns, result.stamp_ns, alert, kept)
    if _urgency(result, alert) > _urgency(current.result, current.peak):
        current = replace(current, level=alert.level, peak=alert, result=kept)
    return replace(current, end_ns=result.stamp_ns)


def _urgency(result: FrameResult, alert: Alert) -> tuple[int, bool, float]:
    seen = result.boxes is not None and any(box in result.boxes.boxes for box in alert.boxes)
    seconds = alert.time_to_contact_s
    return int(alert.level), seen, -math.inf if math.isnan(seconds) else -seconds
