"""``scene-clip calibrate``: make a model's probabilities honest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.core.types import ImageArray
    from scene_clip_ros.training.calibrate import Labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drives",
        type=Path,
        nargs="+",
        metavar="DRIVE",
        help="bags, videos or folders whose truth is known",
    )
    parser.add_argument(
        "--model", default="embedded", metavar="NAME|FILE", help="what to calibrate (%(default)s)"
    )
    parser.add_argument("--pretrained", metavar="TAG|FILE", help="its weights")
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
    from scene_clip_ros.models.open_clip_encoder import load_open_clip
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.calibrate import fit_calibration

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    encoder = load_open_clip(args.model, args.pretrained)
    pictures = (pair for drive in args.drives for pair in _labelled(drive, every=args.every))
    record = json.dumps(fit_calibration(encoder, vocabulary, pictures).to_json(), indent=2) + "\n"
    print(record, end="")
    if args.output is not None:
        args.output.write_text(record, encoding="utf-8")
    return 0


def _labelled(drive: Path, *, every: int) -> Iterator[tuple[ImageArray, Labels]]:
    """Yield pictures with their labels; frames without truth are passed over."""
    from scene_clip_ros.media.sources import open_source
    from scene_clip_ros.media.truth import read_truth
    from scene_clip_ros.report.results import parse_truth

    truths = [parse_truth(record.data, where=record.where) for record in read_truth(drive)]
    by_stamp = {truth.stamp_ns: truth.attributes for truth in truths}
    with open_source(drive) as source:
        for index, frame in enumerate(source):
            if index % every == 0 and frame.stamp_ns in by_stamp:
                yield frame.decode(), dict(by_stamp[frame.stamp_ns])


COMMAND = Command(
    name="calibrate",
    summary="fit the temperature that makes a model's probabilities honest",
    description=(
        "Fits the multiplier of cosines (the logit scale) that makes the known labels of some "
        "drives likeliest, and the cosine below which no label fits. Put the file beside the "
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
