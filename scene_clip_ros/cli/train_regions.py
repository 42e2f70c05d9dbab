"""``scene-clip train-regions``: make the embedded detector anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.progress import print_losses


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the detector goes"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("out/train-regions"),
        metavar="FOLDER",
        help="rendered pictures and checkpoints; a run resumes there (%(default)s)",
    )
    parser.add_argument(
        "--shards", type=positive_int, default=71, help="of 240 rendered pictures (%(default)s)"
    )
    parser.add_argument(
        "--steps", type=positive_int, default=15000, help="of the fit (%(default)s)"
    )
    parser.add_argument(
        "--workers", type=positive_int, default=2, help="processes that render (%(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, fit, export and measure."""
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.detection.recipe import (
        RegionRecipe,
        finish_regions,
        train_regions,
    )

    recipe = RegionRecipe(shards=args.shards, steps=args.steps)
    train_regions(
        args.output, work=args.work, recipe=recipe, report=print_losses, workers=args.workers
    )
    finish_regions(args.output, load_vocabulary(DRIVING_VOCABULARY), recipe)
    print(f"{args.output}: detector and MODEL_CARD.md")
    return 0


COMMAND = Command(
    name="train-regions",
    summary="train the embedded detector anew",
    description=(
        "Renders drives with people, animals and road works, fits a small Faster R-CNN to them, "
        "and writes a folder that --detector reads: configuration, weights and a model card with "
        "measured recall and precision. Interrupt it at will; the same command goes on where it "
        "stopped."
    ),
    examples=(
        "scene-clip train-regions -o out/my-detector",
        "scene-clip train-regions --shards 1 --steps 20 --work out/try -o out/try-detector",
    ),
    add_arguments=add_arguments,
    run=run,
)
