"""Tells a drive in one line."""

from __future__ import annotations

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.types import UNKNOWN
from scene_clip_ros.report.drive_summary import AttributeSummary, DriveSummary
from scene_clip_ros.report.held_spans import total_ns
from scene_clip_ros.report.time_words import count, spell_duration, spell_name

MIN_SHARE = 0.2
"""Share of the time from which a label is worth a word."""

MAX_LABELS = 3


def tell_drive(summary: DriveSummary) -> str:
    """Tell a drive, e.g. ``3 min 20 s of one camera: clear/rain, day, highway; 2 warnings``."""
    cameras = len(summary.cameras)
    length = spell_duration(summary.length_s)
    head = f"{length} of {'one camera' if cameras == 1 else f'{cameras} cameras'}"
    scene = ", ".join(filter(None, map(_tell_attribute, _merge_cameras(summary))))
    parts = [f"{head}: {scene}" if scene else head, *_tell_hazards(summary), _tell_alerts(summary)]
    return "; ".join(parts)


def _merge_cameras(summary: DriveSummary) -> list[AttributeSummary]:
    """Put the spans of all cameras together, attribute by attribute."""
    columns = zip(*(camera.attributes for camera in summary.cameras), strict=True)
    return [
        AttributeSummary(
            column[0].name,
            column[0].labels,
            tuple(span for attribute in column for span in attribute.spans),
        )
        for column in columns
    ]


def _tell_attribute(attribute: AttributeSummary) -> str:
    """Name what was held for long, longest first; nothing if nobody can tell."""
    told = [
        attribute.label(value) for value, share in attribute.shares().items() if share >= MIN_SHARE
    ]
    if told == [UNKNOWN]:
        return f"{attribute.name.replace('_', ' ')} unknown"
    return "/".join([label for label in told if label != UNKNOWN][:MAX_LABELS])


def _tell_hazards(summary: DriveSummary) -> list[str]:
    """Name the hazards that were ever active."""
    active = [
        spell_name(hazard.name)
        for camera in summary.cameras
        for hazard in camera.hazards
        if total_ns(hazard.spans, 1)
    ]
    return [", ".join(dict.fromkeys(active))] if active else []


def _tell_alerts(summary: DriveSummary) -> str:
    if not summary.alerts_judged:
        return "alerts not judged"
    warnings = summary.count_episodes(AlertLevel.WARNING)
    cautions = summary.count_episodes(AlertLevel.CAUTION)
    told = [count(warnings, "warning")] if warnings else []
    told += [count(cautions, "caution")] if cautions else []
    return ", ".join(told) or "no alerts"
