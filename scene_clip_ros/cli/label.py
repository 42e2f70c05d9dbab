"""``scene-clip label``: the pipeline over a recording, without ROS."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import PROGRAM, Command

if TYPE_CHECKING:
    from scene_clip_ros.core.errors import SceneClipError
    from scene_clip_ros.core.types import FrameResult
    from scene_clip_ros.media.bag_writer import BagWriter
    from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
    from scene_clip_ros.nodes.parameters import SceneClipParameters
    from scene_clip_ros.pipeline.pipeline import Pipeline

BAG_SUFFIXES = (".mcap", ".db3")
"""Names of outputs that are a copy of the bag."""

RESULT_TOPICS = ("scene_clip/labels", "scene_clip/embedding")
"""What a copy of a bag gets for each camera."""

MAX_REPORTED = 5
"""Bad frames that are reported one by one; further ones are only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="bag, video, folder of pictures, or picture"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="PATH",
        help="results.jsonl, or copy.mcap: a copy of the bag INPUT with the results added",
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="label this camera only; repeatable"
    )
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        help="'embedded' (default), an open_clip architecture, or an open_clip config file",
    )
    parser.add_argument(
        "--pretrained", metavar="TAG|FILE", help="weights: an open_clip tag or a local file"
    )
    parser.add_argument("--vocabulary", metavar="FILE", help="what to look for (YAML)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="ROS 2 parameter file of the node scene_clip"
    )


def run(args: argparse.Namespace) -> int:
    """Label every frame; bad ones are reported and counted."""
    from scene_clip_ros.cli.config import load_parameters
    from scene_clip_ros.media.sources import open_source

    parameters = load_parameters(
        args.config,
        model=args.model,
        pretrained=args.pretrained,
        vocabulary=args.vocabulary,
        device=args.device,
    )
    with open_source(args.input, cameras=args.camera) as source:
        _check_output(source, args.output)
        labelling = Labelling(source, load_pipeline(parameters))
        if args.output.suffix in BAG_SUFFIXES:
            labelling.write_copy(args.output)
        else:
            labelling.write_lines(args.output)
    print(f"{args.output}: {labelling.labelled} frames labelled, {labelling.skipped} skipped")
    return 0


def _check_output(source: FrameSource, output: Path) -> None:
    """Refuse a copy of something that is no bag, before a model is loaded.

    Raises:
        ParameterError: The output is to be a bag, the input is none.
    """
    from scene_clip_ros.core.errors import ParameterError
    from scene_clip_ros.media.bag_source import BagSource

    if output.suffix in BAG_SUFFIXES and not isinstance(source, BagSource):
        message = f"{output}: expected -o results.jsonl for an input that is no bag"
        raise ParameterError(message)


def load_pipeline(parameters: SceneClipParameters) -> Pipeline:
    """Load vocabulary and model as the node does.

    Texts are encoded anew every time: kept ones may differ in the last bits, depending on what
    they were encoded together with.

    Raises:
        VocabularyError: The vocabulary file is missing or wrong.
        ModelError: The model cannot be loaded.
    """
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.resources import DRIVING_VOCABULARY

    vocabulary = load_vocabulary(parameters.vocabulary or DRIVING_VOCABULARY)

    from scene_clip_ros.models.open_clip_encoder import load_open_clip
    from scene_clip_ros.pipeline.pipeline import Pipeline

    encoder = load_open_clip(
        parameters.model,
        parameters.pretrained or None,
        device=parameters.device,
        precision=parameters.precision,
    )
    return Pipeline(encoder, vocabulary, settings=parameters.label_settings())


class Labelling:
    """One run over a recording, and the count of what came of it."""

    def __init__(self, source: FrameSource, pipeline: Pipeline) -> None:
        """Prepare; nothing is read yet.

        Args:
            source: The recording.
            pipeline: Fresh, so that results do not depend on what it saw before.
        """
        self.labelled = 0
        self.skipped = 0
        self._source = source
        self._pipeline = pipeline

    def write_lines(self, path: Path) -> None:
        """Write one JSON line per frame; the file appears when it is whole.

        Raises:
            SourceError: The recording is damaged, or the file cannot be written.
        """
        from scene_clip_ros.cli.output import written_aside
        from scene_clip_ros.report.results import format_result

        with written_aside(path) as lines:
            for _, result in self._label(iter(self._source)):
                lines.write(format_result(result) + "\n")

    def write_copy(self, path: Path) -> None:
        """Write a copy of the recording, which is a bag, with labels and embeddings added.

        Results of an earlier run in the bag are left out.

        Raises:
            SourceError: The recording is damaged, or the copy cannot be written.
        """
        from scene_clip_ros.media.bag_source import BagSource
        from scene_clip_ros.media.bag_writer import BagWriter

        source = self._source
        assert isinstance(source, BagSource)
        with BagWriter(path, overwrite=True) as writer:
            results = [f"/{camera}/{topic}" for camera in source.cameras for topic in RESULT_TOPICS]
            for frame, result in self._label(source.copy_to(writer, leave_out=results)):
                self._add_result(writer, frame, result)

    def _add_result(self, writer: BagWriter, frame: SourceFrame, result: FrameResult) -> None:
        """Write a frame's labels and embedding, received when the frame was."""
        from scene_clip_ros.media.bag_messages import (
            frame_embedding_message,
            scene_labels_message,
        )

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

    def _label(self, frames: Iterator[SourceFrame]) -> Iterator[tuple[SourceFrame, FrameResult]]:
        """Label frames and show how far they are."""
        from scene_clip_ros.cli.progress import with_progress
        from scene_clip_ros.pipeline.offline import label_recording

        watched = with_progress(frames, total=self._source.frame_count, label="labelling")
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


COMMAND = Command(
    name="label",
    summary="label every frame of a recording, without ROS",
    description=(
        "Labels every frame of a bag, video, folder or picture with the same pipeline as the node, "
        "without dropping any. Two runs on one machine give the same output to the bit. Bad frames "
        "are reported, counted and left out."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive.mcap && scene-clip label drive.mcap -o results.jsonl",
        "scene-clip sim --seconds 5 -o drive.mcap && scene-clip label drive.mcap -o labelled.mcap",
    ),
    add_arguments=add_arguments,
    run=run,
)
