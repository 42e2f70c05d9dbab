"""Labels a recording into a results file, or into a copy of the bag."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.cli.output import written_aside
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.core.errors import ParameterError, SceneClipError
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.media.bag_messages import frame_embedding_message, scene_labels_message
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.pipeline.offline import label_recording
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.results import format_result
from scene_clip_ros.resources import DRIVING_VOCABULARY

RESULT_TOPICS = ("scene_clip/labels", "scene_clip/embedding")
"""What a copy of a bag gets for each camera."""

MAX_REPORTED = 5
"""Bad frames that are reported one by one; further ones are only counted."""


def load_pipeline(parameters: SceneClipParameters) -> Pipeline:
    """Load vocabulary and model as the node does.

    Texts are encoded anew every time: kept ones may differ in the last bits, depending on what
    they were encoded together with.

    Raises:
        VocabularyError: The vocabulary file is missing or wrong.
        ModelError: The model cannot be loaded.
    """
    vocabulary = load_vocabulary(parameters.vocabulary or DRIVING_VOCABULARY)

    # torch takes seconds to import: a wrong vocabulary is told before.
    from scene_clip_ros.models.open_clip_encoder import load_open_clip

    encoder = load_open_clip(
        parameters.model,
        parameters.pretrained or None,
        device=parameters.device,
        precision=parameters.precision,
    )
    return Pipeline(encoder, vocabulary, settings=parameters.label_settings())


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

    def __init__(self, pipeline: Pipeline) -> None:
        """Prepare; nothing is read yet.

        Args:
            pipeline: Fresh, so that results do not depend on what it saw before.
        """
        self.labelled = 0
        self.skipped = 0
        self._pipeline = pipeline

    def write_lines(self, source: FrameSource, path: Path) -> None:
        """Write one JSON line per frame; the file appears when it is whole.

        Raises:
            SourceError: The recording is damaged, or the file cannot be written.
        """
        with written_aside(path) as lines:
            for _, result in self._label(iter(source), total=source.frame_count):
                lines.write(format_result(result) + "\n")

    def write_copy(self, source: BagSource, path: Path) -> None:
        """Write a copy of a bag with labels and embeddings added.

        Results of an earlier run in the bag are left out.

        Raises:
            SourceError: The recording is damaged, or the copy cannot be written.
        """
        earlier = [f"/{camera}/{topic}" for camera in source.cameras for topic in RESULT_TOPICS]
        with BagWriter(path, overwrite=True) as writer:
            frames = source.copy_to(writer, leave_out=earlier)
            for frame, result in self._label(frames, total=source.frame_count):
                self._add_result(writer, frame, result)

    def _add_result(self, writer: BagWriter, frame: SourceFrame, result: FrameResult) -> None:
        """Write a frame's labels and embedding, received when the frame was."""
        model_id = self._pipeline.info.model_id
        messages = (
            scene_labels_message(result, frame_id=frame.frame_id, model_id=model_id),
            frame_embedding_message(
                result.embedding,
                stamp_ns=frame.stamp_ns,
                frame_id=frame.frame_id,
                model_id=model_id,
            ),
        )
        time_ns = frame.stamp_ns if frame.received_ns is None else frame.received_ns
        for topic, message in zip(RESULT_TOPICS, messages, strict=True):
            writer.write(f"{frame.camera}/{topic}", message, time_ns=time_ns)

    def _label(
        self, frames: Iterator[SourceFrame], *, total: int | None
    ) -> Iterator[tuple[SourceFrame, FrameResult]]:
        """Label frames and show how far they are."""
        watched = with_progress(frames, total=total, label="labelling")
        for labelled in label_recording(self._pipeline, watched, on_skip=self._skip):
            self.labelled += 1
            yield labelled

    def _skip(self, frame: SourceFrame, err: SceneClipError) -> None:
        """Report a bad frame, unless there are too many."""
        self.skipped += 1
        if self.skipped > MAX_REPORTED:
            return
        where = f"{frame.camera} at {frame.stamp_ns} ns"
        more = " (further ones are only counted)" if self.skipped == MAX_REPORTED else ""
        print(f"{PROGRAM}: skipped {where}: {err}{more}", file=sys.stderr)
