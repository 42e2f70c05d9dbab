"""``scene-clip evaluate-questions``: how well questions about rendered drives are answered."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_float, size_wh
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.measured_model import (
    add_measured_detector,
    add_measured_encoder,
    load_measured_encoder,
    load_measured_proposer,
)

if TYPE_CHECKING:
    from scene_clip_ros.training.questions.measure import KindScore, Marked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_measured_encoder(parser)
    add_measured_detector(parser)
    parser.add_argument("--vocabulary", metavar="FILE", help="what to look for (the shipped one)")
    parser.add_argument(
        "--scenarios", nargs="+", metavar="NAME", help="of 'scene-clip sim', a drive each (12)"
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=20.0, help="of each drive (%(default)s)"
    )
    parser.add_argument(
        "--rate", type=positive_float, default=4.0, metavar="HZ", help="frames/s (%(default)s)"
    )
    parser.add_argument(
        "--size", type=size_wh, default=(640, 360), metavar="WxH", help="pixels (640x360)"
    )
    parser.add_argument("--show", action="store_true", help="print every question and answer, too")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Render, watch, ask and mark; print a table."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.core.questions.reasoner import ContrastiveReasoner
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.pipeline.pipeline import Pipeline
    from scene_clip_ros.resources import DRIVING_VOCABULARY
    from scene_clip_ros.training.questions.measure import (
        QuestionDrives,
        measure_questions,
        score_kinds,
    )

    vocabulary = load_vocabulary(Path(args.vocabulary) if args.vocabulary else DRIVING_VOCABULARY)
    encoder = load_measured_encoder(args)
    proposer = load_measured_proposer(args)
    pipeline = Pipeline(encoder, vocabulary, proposer=proposer)
    reasoner = ContrastiveReasoner(
        pipeline.embed_prompts, vocabulary, logit_scale=encoder.info.logit_scale
    )
    scenarios = tuple(args.scenarios or QuestionDrives().scenarios)
    drives = QuestionDrives(scenarios, args.seconds, args.rate, args.size)
    watched = with_progress(drives, total=len(drives), label="measuring", unit="drive")
    marked = measure_questions(pipeline, reasoner, watched)
    scores = score_kinds(marked)
    if args.json:
        print(json.dumps([asdict(score) for score in scores], indent=2))
        return 0
    print(f"{encoder.info.model_id}, {proposer.info.model_id}\n")
    if args.show:
        print(f"{format_answers(marked)}\n")
    print(format_scores(scores))
    return 0


def format_answers(marked: Sequence[Marked]) -> str:
    """Return a table of every question and answer, the wrong ones marked."""
    from scene_clip_ros.report.table import format_table

    rows = []
    for each in marked:
        mark = "?" if each.answer.abstained else "" if each.is_right else "wrong"
        rows.append((each.question.text, mark, each.answer.text))
    return format_table(rows, header=("question", "", "answer"))


def format_scores(scores: Sequence[KindScore]) -> str:
    """Return a table with a row per kind."""
    from scene_clip_ros.report.table import format_table

    rows = [
        (
            score.kind,
            f"{score.asked}",
            _share(score.answered, score.asked),
            _share(score.right, score.answered),
            _share(score.blindly_answered, score.asked),
            _share(score.blindly_right, score.blindly_answered),
        )
        for score in scores
    ]
    header = ("kind", "asked", "answered", "right of those", "blind: answered", "right of those")
    return format_table(rows, header=header)


def _share(count: int, total: int) -> str:
    from scene_clip_ros.report.table import format_percent

    return format_percent(count / total if total else None)


COMMAND = Command(
    name="evaluate-questions",
    summary="measure how well questions about rendered drives are answered",
    description=(
        "Renders drives of seeds that no training used, watches them as the nodes do, and asks ten "
        "fair questions about each: whether something is there, which of several it is, how many "
        "there are, and when. Beside it, the same questions are asked about grey frames."
    ),
    examples=(
        "scene-clip evaluate-questions --scenarios crossing-child --seconds 2 --rate 2",
        "scene-clip evaluate-questions --show",
    ),
    add_arguments=add_arguments,
    run=run,
)
