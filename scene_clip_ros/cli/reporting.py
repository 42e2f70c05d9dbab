"""Judges a recording for a report, and finds the few pictures that it shows."""

from __future__ import annotations

import platform
import re
import time
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from scene_clip_ros.cli.alerting import RecordedAlerts
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.report_pictures import choose_columns, find_pictures
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import SceneClipError, SourceError
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
from scene_clip_ros.pipeline.offline import label_recording
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.stage_clock import StageClock, TimedPipeline
from scene_clip_ros.report.alert_episodes import EpisodeFinder
from scene_clip_ros.report.drive_records import CameraRecords, DriveRecorder
from scene_clip_ros.report.drive_report import (
    DriveReport,
    FrameTexts,
    RunFacts,
    SkipReason,
    StageTime,
)
from scene_clip_ros.report.drive_summary import DriveSummary, summarise_drive
from scene_clip_ros.report.stamp_gaps import measure_stamps

MAX_REASONS = 20
"""Different reasons for bad frames that are told apart."""

MAX_TEXTS = 16
"""Rows of the heat map."""


class Reporting:
    """One run over a recording. Of a frame it keeps some kilobytes, and no picture."""

    def __init__(self, pipeline: Pipeline, *, alerts: AlertSettings | None, rate_hz: float) -> None:
        """Prepare; nothing is read yet.

        Args:
            pipeline: Fresh, so that results do not depend on what it saw before.
            alerts: How boxes are judged, those of kinds of its labels too; ``None``: not at all.
            rate_hz: Most frames per second and camera that are judged, > 0.
        """
        self._pipeline = pipeline
        self._alerts = alerts and replace(
            alerts, labels=pipeline.vocabulary.with_kinds(alerts.labels)
        )
        self._sampler, self._rate_hz = RateSampler(rate_hz), rate_hz
        self._clock = StageClock()
        self._recorder = DriveRecorder(pipeline.vocabulary)
        self._episodes = EpisodeFinder()
        self._stamps_ns: dict[str, array[int]] = defaultdict(lambda: array("q"))
        self._skips: dict[tuple[str, str], SkipReason] = {}

    def make(self, source: FrameSource, *, path: Path, vocabulary_name: str) -> DriveReport:
        """Judge a recording and return all that its page tells.

        Args:
            source: The recording, open.
            path: Where it is: pictures are read again from there.
            vocabulary_name: What to call the vocabulary.

        Raises:
            SourceError: The recording is damaged, or there is no good frame in it.
        """
        started_s = time.monotonic()
        self._judge(source)
        wall_s = time.monotonic() - started_s
        records = {camera: self._recorder.records(camera) for camera in self._recorder.cameras}
        summary = self._summarise(source, records)
        frame_texts = self._compare_texts(summary, records)
        columns = () if frame_texts is None else frame_texts.frames
        return DriveReport(
            summary=summary,
            facts=self._facts(path, wall_s=wall_s, vocabulary_name=vocabulary_name),
            frame_texts=frame_texts,
            pictures=find_pictures(path, summary, columns=columns, alerts=self._alerts),
        )

    def _judge(self, source: FrameSource) -> None:
        """Run the pipeline and the alert policies over the frames that are due."""
        alerts = RecordedAlerts(source, self._alerts) if self._alerts else None
        frames = self._due_frames(with_progress(source, total=source.frame_count, label="judging"))
        timed = TimedPipeline(self._pipeline, self._clock)
        for _, result in label_recording(timed, frames, on_skip=self._skip):
            alert = alerts.judge(result) if alerts else None
            self._recorder.add(result, alert)
            if alert is not None:
                self._episodes.add(result, alert)

    def _due_frames(self, frames: Iterator[SourceFrame]) -> Iterator[SourceFrame]:
        """Note every stamp, and yield the frames that are to be judged."""
        for frame in frames:
            self._stamps_ns[frame.camera].append(frame.stamp_ns)
            if self._sampler.takes(frame.camera, frame.stamp_ns):
                yield self._timed(frame)

    def _timed(self, frame: SourceFrame) -> SourceFrame:
        def decode() -> ImageArray:
            with self._clock.measure("decode"):
                return frame.decode()

        return replace(frame, decode=decode)

    def _skip(self, frame: SourceFrame, err: SceneClipError) -> None:
        """Count a bad frame; reasons that differ only in numbers are one."""
        reason = " ".join(str(err).split())
        key = (frame.camera, re.sub(r"\d+", "#", reason))
        if key not in self._skips and len(self._skips) >= MAX_REASONS:
            key, reason = (frame.camera, ""), "other reasons"
        seen = self._skips.get(key) or SkipReason(frame.camera, reason, 0, frame.stamp_ns)
        self._skips[key] = replace(seen, count=seen.count + 1)

    def _summarise(self, source: FrameSource, records: dict[str, CameraRecords]) -> DriveSummary:
        """Sum up what was seen.

        Raises:
            SourceError: No frame, or none that is good.
        """
        if not self._stamps_ns:
            message = f"{source.name}: expected at least one frame, got none"
            raise SourceError(message)
        if not records:
            worst = next(iter(self._skips.values()))
            message = (
                f"{source.name}: expected at least one good frame, "
                f"got {sum(skip.count for skip in self._skips.values())} bad ones: {worst.reason}"
            )
            raise SourceError(message)
        skipped: dict[str, int] = defaultdict(int)
        for skip in self._skips.values():
            skipped[skip.camera] += skip.count
        return summarise_drive(
            {camera: measure_stamps(stamps) for camera, stamps in self._stamps_ns.items()},
            records,
            self._episodes.episodes(),
            vocabulary=self._pipeline.vocabulary,
            skipped=skipped,
        )

    def _compare_texts(
        self, summary: DriveSummary, records: dict[str, CameraRecords]
    ) -> FrameTexts | None:
        """Compare texts of the vocabulary with frames at even times."""
        texts = _choose_texts(summary, self._pipeline.vocabulary)
        if not texts:
            return None
        frames, embeddings = choose_columns(records)
        cosines = self._pipeline.embed_prompts(texts) @ embeddings.T
        return FrameTexts(texts, frames, cosines)

    def _facts(self, path: Path, *, wall_s: float, vocabulary_name: str) -> RunFacts:
        info = self._pipeline.info
        models = [("Model", f"{info.model_id} ({info.device}, {info.precision})")]
        if self._pipeline.detector_id is not None:
            models.append(("Detector", self._pipeline.detector_id))
        return RunFacts(
            source=str(path),
            made=f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
            rate_hz=self._rate_hz,
            wall_s=wall_s,
            models=tuple(models),
            versions=_versions(),
            vocabulary=self._pipeline.vocabulary,
            vocabulary_name=vocabulary_name,
            times=tuple(
                StageTime(stage, times.p50_ms, times.p95_ms, times.max_ms)
                for stage, times in self._clock.latencies().items()
            ),
            skips=tuple(sorted(self._skips.values(), key=lambda skip: -skip.count)),
        )


def _choose_texts(summary: DriveSummary, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Choose texts: of each attribute the labels that were held longest, and every hazard."""
    held: list[Collection[int]] = [
        {value for camera in summary.cameras for value in camera.attributes[column].shares()}
        for column in range(len(vocabulary.attributes))
    ]
    texts = [
        spec.labels[index].phrasings[0]
        for spec, values in zip(vocabulary.attributes, held, strict=True)
        for index in sorted(values)
        if index >= 0
    ]
    hazards = [hazard.phrasings[0] for hazard in vocabulary.hazards]
    return _unique([*texts[: max(MAX_TEXTS - len(hazards), 0)], *hazards])[:MAX_TEXTS]


def _unique(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _versions() -> tuple[tuple[str, str], ...]:
    """Return what a result depends on beside the models."""
    found = [("Python", platform.python_version())]
    for name in ("scene_clip_ros", "torch", "open_clip_torch"):
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(found)
