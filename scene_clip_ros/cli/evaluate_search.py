"""``scene-clip evaluate-search``: how well captions find rendered moments."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli import evaluate
from scene_clip_ros.cli.arguments import not_negative_float
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import describe, load_measured_encoder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    evaluate.add_arguments(parser)
    parser.add_argument(
        "--min-lead", type=not_negative_float, help="as the node's memory.min_lead (its default)"
    )


def run(args: argparse.Namespace) -> int:
    """Render, remember, search and score; print a table."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.core.standing_out import MIN_LEAD
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.report.table import format_percent, format_table
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.evaluate import EvaluationDrives
    from scene_clip_ros.training.evaluate_search import OTHER, OWN, measure_search

    min_lead = MIN_LEAD if args.min_lead is None else args.min_lead
    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    encoder = load_measured_encoder(args)
    drives = EvaluationDrives(args.rounds, args.seconds, args.rate, args.size)
    scores = measure_search(
        encoder,
        vocabulary.templates,
        with_progress(drives, total=len(drives), label="measuring", unit="drive"),
        min_lead=min_lead,
    )
    own, other = scores[OWN], scores[OTHER]
    rows = [
        (f"a right moment among the first {depth}", share, other.recall[depth])
        for depth, share in own.recall.items()
    ]
    rows += [
        ("told that nothing matches, of what is there", own.denied, other.denied),
        ("told that nothing matches, of what never is", own.refused, other.refused),
    ]
    cells = [(what, format_percent(a), format_percent(b)) for what, a, b in rows]
    print(f"{describe(encoder)}; {own.frames} frames, {own.captions} captions each\n")
    print(format_table(cells, header=("", OWN, OTHER)))
    return 0


COMMAND = Command(
    name="evaluate-search",
    summary="measure how well captions find rendered moments",
    description=(
        "Renders drives of seeds that no training used, remembers every frame as the node does, "
        "and looks for moments of them by captions: in the wordings that the embedded model was "
        "trained on, and in others, that it was not. A hit is right if all that the caption says "
        "is true within half a second of it. Texts about what no drive shows tell how often the "
        "answer says that nothing matches."
    ),
    examples=(
        "scene-clip evaluate-search --rounds 1 --seconds 2 --rate 1",
        "scene-clip evaluate-search",
    ),
    add_arguments=add_arguments,
    run=run,
)
