"""``scene-clip score``: results against the truth of a rendered drive."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.report.scoring import Accuracy, SceneScore

SHOWN_CONFUSIONS = 3
"""Most frequent wrong answers that the table shows per attribute."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "results", type=Path, metavar="RESULTS", help="JSON lines of 'scene-clip label'"
    )
    parser.add_argument(
        "truth",
        type=Path,
        metavar="DRIVE",
        help="the rendered drive: bag, or video or folder with its truth beside it",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Score and print."""
    from scene_clip_ros.media.truth import read_truth
    from scene_clip_ros.report.results import parse_truth, read_results
    from scene_clip_ros.report.scoring import score_scenes

    truths = (parse_truth(record.data, where=record.where) for record in read_truth(args.truth))
    score = score_scenes((record.scene for record in read_results(args.results)), truths)
    print(to_json(score) if args.json else to_table(score))
    return 0


def to_json(score: SceneScore) -> str:
    """Write a score as indented JSON; accuracies that nobody can tell are left out."""
    return json.dumps(
        {
            "accuracy": {a.name: a.fraction for a in score.attributes if a.counted},
            "frames": {
                "matched": score.matched,
                "unanswered": score.unanswered,
                "unmatched": score.unmatched,
            },
            "attributes": {a.name: _accuracy_record(a) for a in score.attributes},
            "hazards": {a.name: _accuracy_record(a) for a in score.hazards},
        },
        indent=2,
        ensure_ascii=False,
    )


def to_table(score: SceneScore) -> str:
    """Lay a score out for a terminal."""
    from scene_clip_ros.report.table import format_percent, format_table

    rows = [
        (a.name, format_percent(a.fraction), f"{a.counted}", _describe_confusions(a))
        for a in (*score.attributes, *score.hazards)
    ]
    frames = (
        f"{score.matched} frames matched, {score.unanswered} without results, "
        f"{score.unmatched} without truth"
    )
    header = ("attribute", "accuracy", "frames", "truth → answer (frames)")
    return f"{format_table(rows, header=header)}\n{frames}"


def _describe_confusions(accuracy: Accuracy) -> str:
    """List the most frequent wrong answers."""
    return ", ".join(
        f"{c.truth} → {c.answer} ({c.frames})" for c in accuracy.confusions[:SHOWN_CONFUSIONS]
    )


def _accuracy_record(accuracy: Accuracy) -> dict[str, object]:
    """Return everything known about one accuracy, ready for JSON."""
    return {
        "accuracy": accuracy.fraction,
        "counted": accuracy.counted,
        "correct": accuracy.correct,
        "settling": accuracy.settling,
        "untold": accuracy.untold,
        "confusions": [
            {"truth": c.truth, "answer": c.answer, "frames": c.frames} for c in accuracy.confusions
        ],
    }


COMMAND = Command(
    name="score",
    summary="compare results with the truth of a rendered drive",
    description=(
        "Accuracy of any results against a rendered drive's truth, per attribute and hazard. "
        "Frames whose truth nobody can tell, and frames within a second after the truth changed, "
        "are not counted."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive.mcap"
        " && scene-clip label drive.mcap -o results.jsonl"
        " && scene-clip score results.jsonl drive.mcap --json",
    ),
    add_arguments=add_arguments,
    run=run,
)
