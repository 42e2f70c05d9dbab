"""Results and records of drives that nobody drove, for reports."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from colors import color_vocabulary

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.types import UNKNOWN, AttributeState, FrameResult, HazardState
from scene_clip_ros.report.alert_episodes import EpisodeFinder
from scene_clip_ros.report.drive_records import CameraRecords, DriveRecorder
from scene_clip_ros.report.drive_summary import DriveSummary, summarise_drive
from scene_clip_ros.report.stamp_gaps import measure_stamps

STEP_NS = 200_000_000
LABELS = ("red", "green", "blue", UNKNOWN)
C, A, W = AlertLevel.CLEAR, AlertLevel.CAUTION, AlertLevel.WARNING


def make_result(
    stamp_ns: int, label: str = "red", *, camera: str = "front", hazard: bool = False
) -> FrameResult:
    """Return a result for `color_vocabulary`; frames of one label have one embedding."""
    embedding = np.zeros(4, np.float32)
    embedding[LABELS.index(label)] = 1.0
    color = AttributeState("color", label, 0.9, 0.3, stamp_ns, ())
    red_ahead = HazardState("red_ahead", hazard, 0.9, 0.3, stamp_ns)
    return FrameResult(camera, stamp_ns, embedding, (color,), (red_ahead,))


def make_alert(
    stamp_ns: int, level: AlertLevel, *, camera: str = "front", contact_s: float = math.nan
) -> Alert:
    """Return an alert without boxes."""
    reason = f"{level.name.lower()} because of somebody"
    return Alert(camera, stamp_ns, level, reason, (), (), contact_s, stamp_ns)


def make_records(labels: Sequence[str], stamps_ns: Sequence[int] | None = None) -> CameraRecords:
    """Return the records of a camera that held these labels, five a second."""
    recorder = DriveRecorder(color_vocabulary())
    stamps = range(0, len(labels) * STEP_NS, STEP_NS) if stamps_ns is None else stamps_ns
    for stamp_ns, label in zip(stamps, labels, strict=True):
        recorder.add(make_result(stamp_ns, label), None)
    return recorder.records("front")


def make_summary(
    labels: dict[str, Sequence[str]],
    *,
    hazards: dict[str, Sequence[int]] | None = None,
    levels: dict[str, Sequence[AlertLevel]] | None = None,
    start_ns: int = 0,
) -> DriveSummary:
    """Return the summary of a drive at five frames a second.

    Args:
        labels: What was held, by camera.
        hazards: Numbers of the frames with a hazard, by camera.
        levels: Alert of every frame, by camera; those that are missing were not judged.
        start_ns: Stamp of the first frame.
    """
    recorder, finder = DriveRecorder(color_vocabulary()), EpisodeFinder()
    for camera, held in labels.items():
        for index, label in enumerate(held):
            stamp_ns = start_ns + index * STEP_NS
            hazard = index in (hazards or {}).get(camera, ())
            result = make_result(stamp_ns, label, camera=camera, hazard=hazard)
            level = (levels or {}).get(camera)
            alert = level and make_alert(stamp_ns, level[index], camera=camera)
            recorder.add(result, alert or None)
            if alert:
                finder.add(result, alert)
    records = {camera: recorder.records(camera) for camera in labels}
    return summarise_drive(
        {camera: measure_stamps(own.stamps_ns.tolist()) for camera, own in records.items()},
        records,
        finder.episodes(),
        vocabulary=color_vocabulary(),
        skipped={},
    )
