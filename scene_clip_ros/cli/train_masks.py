"""``scene-clip train-masks``: make the embedded CLIPSeg anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.progress import print_losses


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the model goes"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("out/train-masks"),
        metavar="FOLDER",
        help="rendered pictures and checkpoints; a run resumes there (%(default)s)",
    )
    parser.add_argument(
        "--shards", type=positive_int, default=31, help="of 240 rendered pictures (%(default)s)"
    )
    parser.add_argument("--steps", type=positive_int, default=4500, help="of the fit (%(default)s)")
    parser.add_argument(
        "--prompt-steps",
        type=positive_int,
        default=1200,
        help="that teach the text tower what prompts mean (%(default)s)",
    )
    parser.add_argument(
        "--workers", type=positive_int, default=2, help="processes that render (%(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, fit, export and measure."""
    from scene_clip_ros.training.masks.card import finish_masks
    from scene_clip_ros.training.masks.recipe import MaskRecipe, train_masks

    recipe = MaskRecipe(shards=args.shards, steps=args.steps, prompt_steps=args.prompt_steps)
    train_masks(
        args.output, work=args.work, recipe=recipe, report=print_losses, workers=args.workers
    )
    finish_masks(args.output, recipe)
    print(f"{args.output}: model and MODEL_CARD.md")
    return 0


COMMAND = Command(
    name="train-masks",
    summary="train the embedded CLIPSeg anew",
    description=(
        "Renders drives, fits a small CLIPSeg to what their pixels are, and writes a folder that "
        "transformers and --model of `scene-clip segment` read, with a model card of its measured "
        "overlap. Interrupt it at will; the same command goes on where it stopped."
    ),
    examples=(
        "scene-clip train-masks -o out/my-masks",
        "scene-clip train-masks --shards 1 --steps 20 --work out/try -o out/try-masks",
    ),
    add_arguments=add_arguments,
    run=run,
)
