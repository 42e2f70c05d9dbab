"""Labels a recording into a results file, or into a copy of the bag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from scene_clip_ros.cli.alerting import RecordedAlerts
from scene_clip_ros.cli.output import written_aside
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.skip_report import SkipReport
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.media.bag_messages import frame_embedding_message, scene_labels_message
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.box_messages import pedestrian_alert_message, scored_boxes_message
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
from scene_clip_ros.nodes.configured import (
    load_configured_encoder,
    load_configured_proposer,
    load_configured_vocabulary,
)
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.offline import label_recording
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.results import format_result

LABELS_TOPIC, EMBEDDING_TOPIC = "scene_clip/labels", "scene_clip/embedding"
BOXES_TOPIC, ALERT_TOPIC = "scene_clip/boxes", "scene_clip/alert"
RESULT_TOPICS = (LABELS_TOPIC, EMBEDDING_TOPIC, BOXES_TOPIC, ALERT_TOPIC)
"""What a copy of a bag gets for each camera; the last two only while boxes are on."""


def load_pipeline(parameters: SceneClipParameters, *, rates: RateLimits | None = None) -> Pipeline:
    """Load vocabulary and models as the node does.

    Texts are encoded anew every time: kept ones may differ in the last bits, depending on what
    they were encoded together with.

    Args:
        parameters: Of the node; but for its rates.
        rates: How often each function gets a frame; ``None``: it gets every frame.

    Raises:
        VocabularyError: The vocabulary file is missing or wrong.
        ModelError: A model cannot be loaded.
    """
    vocabulary = load_configured_vocabulary(parameters)
    return Pipeline(
        load_configured_encoder(parameters),
        vocabulary,
        proposer=load_configured_proposer(parameters) if parameters.boxes.enabled else None,
        settings=parameters.label_settings(),
        box_settings=parameters.boxes.settings(),
        rates=rates,
    )


def require_bag(source: FrameSource, output: Path) -> BagSource:
    """Return the source as the bag that it must be to be copied.

    Raises:
        ParameterError: It is none.
    """
    if not isinstance(source, BagSource):
        message = f"{output}: expected -o results.jsonl for an input that is no bag"
        raise ParameterError(message)
    return source


class Labelling:
    """One run over a recording, and the count of what came of it."""

    def __init__(self, pipeline: Pipeline, *, alerts: AlertSettings | None = None) -> None:
        """Prepare; nothing is read yet.

        Args:
            pipeline: Fresh, so that results do not depend on what it saw before.
            alerts: How boxes are judged, those of kinds of its labels too; ``None``: not at all.
        """
        self.labelled = 0
        self._skips = SkipReport()
        self._pipeline = pipeline
        self._alerts = alerts and replace(
            alerts, labels=pipeline.vocabulary.with_kinds(alerts.labels)
        )

    @property
    def skipped(self) -> int:
        """Frames that could not be labelled."""
        return self._skips.count

    def write_lines(self, source: FrameSource, path: Path) -> None:
        """Write one JSON line per frame; the file appears when it is whole.

        Raises:
            SourceError: The recording is damaged, or the file cannot be written.
        """
        with written_aside(path) as lines:
            for _, result, alert in self._label(iter(source), source):
                lines.write(format_result(result, alert) + "\n")

    def write_copy(self, source: BagSource, path: Path) -> None:
        """Write a copy of a bag with labels, embeddings, boxes and alerts added.

        Results of an earlier run in the bag are left out.

        Raises:
            SourceError: The recording is damaged, or the copy cannot be written.
        """
        earlier = [f"/{camera}/{topic}" for camera in source.cameras for topic in RESULT_TOPICS]
        with BagWriter(path, overwrite=True) as writer:
            frames = source.copy_to(writer, leave_out=earlier)
            for frame, result, alert in self._label(frames, source):
                time_ns = frame.stamp_ns if frame.received_ns is None else frame.received_ns
                for topic, message in self._messages(frame.frame_id, result, alert):
                    writer.write(f"{frame.camera}/{topic}", message, time_ns=time_ns)

    def _messages(
        self, frame_id: str, result: FrameResult, alert: Alert | None
    ) -> Iterator[tuple[str, Any]]:
        """Yield the topics and messages of a frame's results."""
        model_id = self._pipeline.info.model_id
        if "labels" in result.functions:
            yield LABELS_TOPIC, scene_labels_message(result, frame_id=frame_id, model_id=model_id)
        if "embedding" in result.functions:
            embedding = frame_embedding_message(
                result.embedding, stamp_ns=result.stamp_ns, frame_id=frame_id, model_id=model_id
            )
            yield EMBEDDING_TOPIC, embedding
        if result.boxes is not None:
            boxes = scored_boxes_message(result.boxes, frame_id=frame_id, model_id=model_id)
            yield BOXES_TOPIC, boxes
        if alert is not None:
            yield ALERT_TOPIC, pedestrian_alert_message(alert, frame_id=frame_id)

    def _label(
        self, frames: Iterator[SourceFrame], source: FrameSource
    ) -> Iterator[tuple[SourceFrame, FrameResult, Alert | None]]:
        """Label and judge frames of a source, and show how far they are."""
        alerts = RecordedAlerts(source, self._alerts) if self._alerts else None
        watched = with_progress(frames, total=source.frame_count, label="labelling")
        for frame, result in label_recording(self._pipeline, watched, on_skip=self._skips.report):
            self.labelled += 1
            yield frame, result, alerts.judge(result) if alerts else None
