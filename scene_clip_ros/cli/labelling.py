"""Labels a recording into a results file, or into a copy of the bag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scene_clip_ros.cli.alerting import RecordedAlerts
from scene_clip_ros.cli.output import written_aside
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.skip_report import SkipReport
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.odd import OddLevel
from scene_clip_ros.core.odd_monitor import OddMonitor, OddStatus
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.media.bag_messages import (
    frame_embedding_message,
    odd_status_message,
    scene_labels_message,
)
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

ODD_TOPIC = "/scene_clip/odd_status"
"""What it gets for all cameras together, if a domain is watched."""


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """A frame, and what came of it.

    Attributes:
        source: As recorded.
        result: What the pipeline says of it.
        alert: What is held of its camera; ``None`` if nobody judged it.
        odd: What is held of all cameras; ``None`` if nobody judged them.
    """

    source: SourceFrame
    result: FrameResult
    alert: Alert | None
    odd: OddStatus | None


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

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        alerts: AlertSettings | None = None,
        odd: OddMonitor | None = None,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            pipeline: Fresh, so that results do not depend on what it saw before.
            alerts: How boxes are judged, those of kinds of its labels too; ``None``: not at all.
            odd: Watches the operational design domain, fresh as well; ``None``: nobody does.
        """
        self.labelled = 0
        self.odd_levels: Counter[OddLevel] = Counter()
        self._skips = SkipReport()
        self._pipeline = pipeline
        self._odd = odd
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
            for frame in self._label(iter(source), source):
                lines.write(format_result(frame.result, frame.alert, frame.odd) + "\n")

    def write_copy(self, source: BagSource, path: Path) -> None:
        """Write a copy of a bag with labels, embeddings, boxes, alerts and the domain added.

        Results of an earlier run in the bag are left out; what was said of the domain stays if
        nobody judges it now.

        Raises:
            SourceError: The recording is damaged, or the copy cannot be written.
        """
        earlier = [f"/{camera}/{topic}" for camera in source.cameras for topic in RESULT_TOPICS]
        if self._odd is not None:
            earlier.append(ODD_TOPIC)
        with BagWriter(path, overwrite=True) as writer:
            frames = source.copy_to(writer, leave_out=earlier)
            for frame in self._label(frames, source):
                received_ns = frame.source.received_ns
                time_ns = frame.source.stamp_ns if received_ns is None else received_ns
                for topic, message in self._messages(frame):
                    writer.write(topic, message, time_ns=time_ns)

    def _messages(self, frame: LabelledFrame) -> Iterator[tuple[str, Any]]:
        """Yield the topics and messages of a frame's results."""
        for topic, message in self._camera_messages(frame):
            yield f"{frame.source.camera}/{topic}", message
        if frame.odd is not None:
            yield (
                ODD_TOPIC,
                odd_status_message(
                    frame.odd, stamp_ns=frame.source.stamp_ns, frame_id=frame.source.frame_id
                ),
            )

    def _camera_messages(self, frame: LabelledFrame) -> Iterator[tuple[str, Any]]:
        """Yield those of its camera, with the last part of their topics."""
        frame_id, result, alert = frame.source.frame_id, frame.result, frame.alert
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

    def _label(self, frames: Iterator[SourceFrame], source: FrameSource) -> Iterator[LabelledFrame]:
        """Label and judge frames of a source, and show how far they are."""
        alerts = RecordedAlerts(source, self._alerts) if self._alerts else None
        watched = with_progress(frames, total=source.frame_count, label="labelling")
        for frame, result in label_recording(self._pipeline, watched, on_skip=self._skips.report):
            self.labelled += 1
            alert = alerts.judge(result) if alerts else None
            yield LabelledFrame(frame, result, alert, self._judge_domain(result))

    def _judge_domain(self, result: FrameResult) -> OddStatus | None:
        """Return what is held of all cameras; their silence is measured by stamps."""
        odd = self._odd
        if odd is None or "labels" not in result.functions or result.camera not in odd.cameras:
            return None
        status = odd.on_scene(
            result.camera,
            result.stamp_ns,
            attributes=result.attributes,
            hazards=result.hazards,
            now_ns=result.stamp_ns,
        )
        self.odd_levels[status.level] += 1
        return status
