"""``scene-clip score``: results against the truth of a rendered drive."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.report.drive_scoring import DriveScore
    from scene_clip_ros.report.scoring import Accuracy

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
    from scene_clip_ros.report.drive_scoring import parse_drive_truth, score_drives
    from scene_clip_ros.report.results import read_results

    truths = (
        parse_drive_truth(record.data, where=record.where) for record in read_truth(args.truth)
    )
    score = score_drives(read_results(args.results), truths)
    print(to_json(score) if args.json else to_table(score))
    return 0


def to_json(score: DriveScore) -> str:
    """Write a score as indented JSON; accuracies that nobody can tell are left out."""
    from scene_clip_ros.report.score_records import alert_score_record, box_score_record

    scenes = score.scenes
    return json.dumps(
        {
            "accuracy": {a.name: a.fraction for a in scenes.attributes if a.counted},
            "frames": {
                "matched": scenes.matched,
                "unanswered": scenes.unanswered,
                "unmatched": scenes.unmatched,
            },
            "attributes": {a.name: _accuracy_record(a) for a in scenes.attributes},
            "hazards": {a.name: _accuracy_record(a) for a in scenes.hazards},
            "boxes": box_score_record(score.boxes) if score.boxes else None,
            "alerts": alert_score_record(score.alerts) if score.alerts else None,
        },
        indent=2,
        ensure_ascii=False,
    )


def to_table(score: DriveScore) -> str:
    """Lay a score out for a terminal."""
    from scene_clip_ros.report.score_records import alert_score_rows, box_score_rows
    from scene_clip_ros.report.table import format_percent, format_table

    scenes = score.scenes
    rows = [
        (a.name, format_percent(a.fraction), f"{a.counted}", _describe_confusions(a))
        for a in (*scenes.attributes, *scenes.hazards)
    ]
    tables = [
        format_table(rows, header=("attribute", "accuracy", "frames", "truth → answer (frames)"))
    ]
    if score.boxes:
        tables.append(format_table(box_score_rows(score.boxes), header=("boxes", "", "")))
    if score.alerts:
        tables.append(format_table(alert_score_rows(score.alerts), header=("alerts", "", "")))
    frames = (
        f"{scenes.matched} frames matched, {scenes.unanswered} without results, "
        f"{scenes.unmatched} without truth"
    )
    return "\n\n".join(tables) + f"\n\n{frames}"


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
        "Any results against a rendered drive's truth: how often each attribute and hazard was "
        "right, how many people were found and how well boxes fit (AP50), and whether whoever "
        "entered the vehicle's corridor raised a WARNING in time. Frames whose truth nobody can "
        "tell, and frames within a second after the truth changed, are not counted for "
        "attributes; small and hidden things are not counted for boxes."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive.mcap"
        " && scene-clip label drive.mcap -o results.jsonl"
        " && scene-clip score results.jsonl drive.mcap --json",
    ),
    add_arguments=add_arguments,
    run=run,
)
