"""``scene-clip train``: fit any open_clip model to pictures with captions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import not_negative_float, positive_float, positive_int
from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.report.fit_rows import FitRow
    from scene_clip_ros.training.contrastive.job import TrainingJob

MOST_NAMED = 20
"""Pictures and captions that cannot be used, named one by one; the others are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="folder of pictures with .txt, captions.csv or captions.jsonl; webdataset shards",
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="NAME|FILE",
        help="'embedded', an open_clip architecture, an open_clip config file, or a model's folder",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the model goes"
    )
    _add_start_options(parser)
    _add_data_options(parser)
    _add_fit_options(parser)
    _add_machine_options(parser)


def _add_start_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pretrained",
        metavar="TAG|FILE",
        help="weights to start from (those of a model's folder, else random ones)",
    )
    parser.add_argument(
        "--lock-image", action="store_true", help="keep the image tower as it is (LiT)"
    )
    parser.add_argument("--lock-text", action="store_true", help="keep the text tower as it is")
    parser.add_argument(
        "--loss",
        choices=("auto", "clip", "siglip"),
        default="auto",
        help="auto: siglip for configurations with a logit bias, else clip",
    )


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--validation", metavar="DATA", help="pairs to measure on, instead of a share of DATA"
    )
    parser.add_argument(
        "--validation-share",
        type=not_negative_float,
        default=0.1,
        metavar="SHARE",
        help="of DATA that is held out to measure on, at most 1000 pairs (%(default)s)",
    )
    parser.add_argument(
        "--least-shown",
        type=positive_float,
        default=0.9,
        metavar="SHARE",
        help="of a picture's area; a random part is cut out each time (%(default)s)",
    )


def _add_fit_options(parser: argparse.ArgumentParser) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=positive_int, default=10, help="times each pair is used (%(default)s)"
    )
    length.add_argument("--steps", type=positive_int, help="optimiser steps, instead of --epochs")
    parser.add_argument("--batch", type=positive_int, default=64, help="pairs a step (%(default)s)")
    parser.add_argument(
        "--accumulate",
        type=positive_int,
        default=1,
        metavar="PARTS",
        help="compute each batch in parts, with the same gradients, to save memory (%(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=positive_float,
        default=5e-4,
        help="peak learning rate; 1e-5 is usual with --pretrained (%(default)s)",
    )
    parser.add_argument(
        "--warmup",
        type=positive_int,
        metavar="STEPS",
        help="until the peak (a twentieth of all)",
    )
    parser.add_argument(
        "--decay", type=not_negative_float, default=0.2, help="weight decay (%(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of everything that is drawn (%(default)s)"
    )


def _add_machine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument(
        "--workers", type=positive_int, default=2, help="threads that read pictures (%(default)s)"
    )
    parser.add_argument(
        "--checkpoint-every",
        type=positive_int,
        default=100,
        metavar="STEPS",
        help="what a cut-off costs at most (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Fit, export, and draw how it went."""
    from scene_clip_ros.training.contrastive.train import Reporting, train

    problems: list[str] = []

    def on_problem(problem: str) -> None:
        problems.append(problem)
        if len(problems) <= MOST_NAMED:
            print(f"left out: {problem}", file=sys.stderr)

    reporting = Reporting(on_note=print, on_problem=on_problem, on_row=print_row)
    train(
        read_job(args),
        args.output,
        reporting=reporting,
        device=args.device,
        workers=args.workers,
    )
    if problems:
        print(f"left out in all: {len(problems)}", file=sys.stderr)
    print(f"{args.output}: model for --model, curves.png and MODEL_CARD.md")
    return 0


def read_job(args: argparse.Namespace) -> TrainingJob:
    """Return what the options ask for.

    Raises:
        ParameterError: A number is out of range.
    """
    from scene_clip_ros.training.contrastive.job import TrainingJob
    from scene_clip_ros.training.contrastive.start import StartSettings

    start = StartSettings(
        model=args.model,
        pretrained=args.pretrained,
        loss=args.loss,
        lock_image=args.lock_image,
        lock_text=args.lock_text,
        seed=args.seed,
    )
    return TrainingJob(
        data=args.data,
        start=start,
        validation=args.validation,
        share=args.validation_share,
        epochs=args.epochs,
        steps=args.steps,
        batch=args.batch,
        parts=args.accumulate,
        rate=args.rate,
        warm_up=args.warmup,
        decay=args.decay,
        least_share=args.least_shown,
        precision=args.precision,
        checkpoint_every=args.checkpoint_every,
    )


def print_row(row: FitRow, steps: int) -> None:
    """Print a line of the fit's progress."""
    parts = [f"step {row.step:{len(str(steps))}d}/{steps}"]
    if row.loss is not None and row.rate is not None:
        parts.append(f"loss {row.loss:.3f}  rate {row.rate:.1e}  {row.images_per_s} images/s")
    if row.val_loss is not None:
        recalls = (row.image_to_text_1, row.text_to_image_1)
        percents = " and ".join(f"{100 * share:.1f} %" for share in recalls if share is not None)
        parts.append(f"held out: loss {row.val_loss:.3f}, recall@1 {percents}")
    print("  ".join(parts), flush=True)


COMMAND = Command(
    name="train",
    summary="fit an open_clip model to pictures with captions",
    description=(
        "Fits any model that open_clip can build, contrastively, to pictures with captions: a "
        "folder with a .txt beside every picture, one caption a line; a folder with captions.csv "
        "or captions.jsonl (image, caption); or webdataset shards (*.tar). Writes a folder that "
        "--model reads, with metrics.jsonl, curves.png and a model card. Interrupt it at will; the "
        "same command goes on where it stopped."
    ),
    examples=(
        "scene-clip train pairs/ --model ViT-B-32 --pretrained FILE --rate 1e-5 -o out/my-clip",
        "scene-clip train 'shards/drive-{000..017}.tar' --model my-config.json --steps 20000"
        " --batch 256 -o out/my-clip",
    ),
    add_arguments=add_arguments,
    run=run,
)
