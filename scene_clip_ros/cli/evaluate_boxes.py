"""``scene-clip evaluate-boxes``: how well boxes and alerts do on rendered drives."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, positive_int, size_wh
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import (
    add_measured_detector,
    add_measured_encoder,
    load_measured_encoder,
    load_measured_proposer,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_measured_encoder(parser, does="scores regions")
    add_measured_detector(parser)
    parser.add_argument("--vocabulary", metavar="FILE", help="what to look for (the shipped one)")
    parser.add_argument(
        "--scenarios",
        nargs="+",
        metavar="NAME",
        help="of 'scene-clip sim' (crossings of all kinds, and ordinary drives)",
    )
    parser.add_argument(
        "--rounds", type=positive_int, default=1, help="drives of each (%(default)s)"
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=12.0, help="of each drive (%(default)s)"
    )
    parser.add_argument(
        "--rate", type=positive_float, default=10.0, metavar="HZ", help="frames/s (%(default)s)"
    )
    parser.add_argument(
        "--size", type=size_wh, default=(960, 540), metavar="WxH", help="pixels (960x540)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Render, find, judge and score; print a table."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.report.score_records import (
        alert_score_record,
        alert_score_rows,
        box_score_record,
        box_score_rows,
    )
    from scene_clip_ros.report.table import format_table
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.evaluate_boxes import BoxDrives, boxes_alone, measure_boxes

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    pipeline = boxes_alone(
        load_measured_encoder(args),
        load_measured_proposer(args),
        vocabulary,
    )
    drives = BoxDrives(
        tuple(args.scenarios or BoxDrives().scenarios),
        args.rounds,
        args.seconds,
        args.rate,
        args.size,
    )
    watched = with_progress(drives, total=len(drives), label="measuring", unit="drive")
    score = measure_boxes(pipeline, watched)
    boxes, alerts = score.boxes, score.alerts
    assert boxes is not None
    assert alerts is not None
    if args.json:
        record = {"boxes": box_score_record(boxes), "alerts": alert_score_record(alerts)}
        print(json.dumps(record, indent=2))
        return 0
    print(f"{pipeline.info.model_id}, {pipeline.detector_id}\n")
    header = ("boxes and alerts", "", "")
    print(format_table([*box_score_rows(boxes), *alert_score_rows(alerts)], header=header))
    return 0


COMMAND = Command(
    name="evaluate-boxes",
    summary="measure boxes and pedestrian alerts on rendered drives",
    description=(
        "Renders drives of seeds that no training used, finds objects and raises alerts as the "
        "nodes do, and counts: people found and missed, false boxes, average precision by group, "
        "crossings warned of and how late, false warnings, error of the time to contact."
    ),
    examples=(
        "scene-clip evaluate-boxes --scenarios crossing-child --seconds 1 --rate 2",
        "scene-clip evaluate-boxes",
    ),
    add_arguments=add_arguments,
    run=run,
)
