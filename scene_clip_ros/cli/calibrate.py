"""``scene-clip calibrate``: make a model's probabilities honest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import add_measured_encoder, load_measured_encoder

if TYPE_CHECKING:
    from scene_clip_ros.core.types import ImageArray
    from scene_clip_ros.report.drive_scoring import DriveTruth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drives",
        type=Path,
        nargs="+",
        metavar="DRIVE",
        help="bags, videos or folders whose truth is known",
    )
    add_measured_encoder(parser, does="what to calibrate")
    parser.add_argument("--vocabulary", metavar="FILE", help="whose labels count (the shipped one)")
    parser.add_argument(
        "--every",
        type=positive_int,
        default=10,
        metavar="N",
        help="use each Nth frame (%(default)s)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="calibration.json, to lie by the weights"
    )


def run(args: argparse.Namespace) -> int:
    """Fit and print, and write if told so."""
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.calibrate import fit_calibration
    from scene_clip_ros.training.calibrate_boxes import fit_box_floor

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    encoder = load_measured_encoder(args)

    # Read twice: a drive's decoded pictures may be more than the memory holds.
    def known() -> Iterator[tuple[ImageArray, DriveTruth]]:
        return _known(args.drives, every=args.every)

    labels = ((rgb, dict(truth.scene.attributes)) for rgb, truth in known())
    things = ((rgb, truth.boxes.boxes) for rgb, truth in known() if truth.boxes)
    fit = replace(
        fit_calibration(encoder, vocabulary, labels),
        box_cosine_floor=fit_box_floor(encoder, vocabulary, things),
    )
    record = json.dumps(fit.to_json(), indent=2) + "\n"
    print(record, end="")
    if args.output is not None:
        args.output.write_text(record, encoding="utf-8")
    return 0


def _known(drives: Sequence[Path], *, every: int) -> Iterator[tuple[ImageArray, DriveTruth]]:
    """Yield pictures with what is true of them; frames without truth are passed over."""
    from scene_clip_ros.media.sources import open_source
    from scene_clip_ros.media.truth import read_truth
    from scene_clip_ros.report.drive_scoring import parse_drive_truth

    for drive in drives:
        truths = [parse_drive_truth(each.data, where=each.where) for each in read_truth(drive)]
        by_stamp = {truth.scene.stamp_ns: truth for truth in truths}
        with open_source(drive) as source:
            for index, frame in enumerate(source):
                if index % every == 0 and frame.stamp_ns in by_stamp:
                    yield frame.decode(), by_stamp[frame.stamp_ns]


COMMAND = Command(
    name="calibrate",
    summary="fit the temperature that makes a model's probabilities honest",
    description=(
        "Fits the multiplier of cosines (the logit scale) that makes the known labels of some "
        "drives likeliest, the cosine below which no label fits, and, where the truth tells "
        "boxes, the one below which no object query fits a region. Put the file beside the "
        "model's weights as calibration.json, and everything that loads them uses it."
    ),
    examples=(
        "scene-clip sim --scenario weather-turns --seconds 8 -o drive.mcap",
        "scene-clip calibrate drive.mcap",
        "scene-clip calibrate drive.mcap -o calibration.json",
    ),
    add_arguments=add_arguments,
    run=run,
)
