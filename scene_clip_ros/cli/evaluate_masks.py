"""``scene-clip evaluate-masks``: how well masks fit on rendered drives."""

from __future__ import annotations

import argparse
from dataclasses import replace

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import add_execution


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--model", default="embedded", metavar="NAME|FOLDER", help="what to measure (%(default)s)"
    )
    add_execution(parser)
    parser.add_argument(
        "--rounds", type=positive_int, default=2, help="drives of each kind (%(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, mark and score; print a table."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.models.clipseg_segmenter import load_clipseg
    from scene_clip_ros.report.table import format_table
    from scene_clip_ros.training.masks.evaluate import MASK_DRIVES, mask_rows, measure_masks

    segmenter = load_clipseg(args.model, precision=args.precision, backend=args.backend)
    drives = replace(MASK_DRIVES, rounds=args.rounds)
    score = measure_masks(
        segmenter, with_progress(drives, total=len(drives), label="measuring", unit="drive")
    )
    info = segmenter.info
    print(f"{info.model_id} ({info.precision}, {info.backend}); {score.frames} frames\n")
    print(format_table(mask_rows(score), header=("", "by name", "other wordings")))
    return 0


COMMAND = Command(
    name="evaluate-masks",
    summary="measure how well masks fit on rendered drives",
    description=(
        "Renders drives of seeds that no training used, asks for the pixels of road, person, "
        "vehicle, vegetation and sky, by name and in wordings that the embedded model was not "
        "trained on, and prints the intersection over union (IoU) of each over all frames. Texts "
        "about what is not there should mark almost nothing: the share of those masks that cover "
        "less than 1 % of the picture is printed, too."
    ),
    examples=("scene-clip evaluate-masks --rounds 1", "scene-clip evaluate-masks"),
    add_arguments=add_arguments,
    run=run,
)
