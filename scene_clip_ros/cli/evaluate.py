"""``scene-clip evaluate``: how often a model is right on rendered drives."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, positive_int, size_wh
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import add_measured_encoder, describe, load_measured_encoder

OWN, HELD_OUT = "vocabulary", "other wordings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_measured_encoder(parser)
    parser.add_argument("--vocabulary", metavar="FILE", help="what to look for (the shipped one)")
    parser.add_argument(
        "--rounds", type=positive_int, default=2, help="drives of each kind (%(default)s)"
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=12.0, help="of each drive (%(default)s)"
    )
    parser.add_argument(
        "--rate", type=positive_float, default=2.0, metavar="HZ", help="frames/s (%(default)s)"
    )
    parser.add_argument(
        "--size", type=size_wh, default=(640, 360), metavar="WxH", help="pixels (640x360)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, label and score; print a table."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.report.table import format_percent, format_table
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.evaluate import EvaluationDrives, measure, reworded

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    encoder = load_measured_encoder(args)
    drives = EvaluationDrives(args.rounds, args.seconds, args.rate, args.size)
    scores = measure(
        encoder,
        {OWN: vocabulary, HELD_OUT: reworded(vocabulary)},
        with_progress(drives, total=len(drives), label="measuring", unit="drive"),
    )
    own, other = scores[OWN], scores[HELD_OUT]
    rows = [
        (a.name, format_percent(a.fraction), format_percent(b.fraction), f"{a.counted}")
        for a, b in zip(own.attributes, other.attributes, strict=True)
    ]
    rows += [(a.name, format_percent(a.fraction), "", f"{a.counted}") for a in own.hazards]
    print(f"{describe(encoder)}\n")
    print(format_table(rows, header=("attribute", OWN, HELD_OUT, "frames")))
    return 0


COMMAND = Command(
    name="evaluate",
    summary="measure how often a model is right on rendered drives",
    description=(
        "Renders drives of seeds that no training used, labels them as the node does, and counts "
        "how often each attribute is right: with the vocabulary's phrasings, and with other "
        "wordings of the same labels, none of which the embedded model was trained on. The first "
        "second after a change of truth is not counted."
    ),
    examples=(
        "scene-clip evaluate --rounds 1 --seconds 2 --rate 1",
        "scene-clip evaluate",
    ),
    add_arguments=add_arguments,
    run=run,
)
