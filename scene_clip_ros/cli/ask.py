"""``scene-clip ask``: questions about a recording, or about what a running node has seen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import duration_s, positive_float
from scene_clip_ros.cli.command import EXIT_ERROR, PROGRAM, Command
from scene_clip_ros.cli.pipeline_options import add_pipeline_options
from scene_clip_ros.core.errors import ParameterError, SceneClipError

if TYPE_CHECKING:
    from scene_clip_ros.cli.answers import AnswerSheet
    from scene_clip_ros.cli.asking import Asked

LIVE = "live"
"""The input that stands for a running node."""

SERVICE = "scene_clip/ask"
OF_RECORDINGS = (
    *("backend", "rate", "model", "pretrained", "detector", "detector_weights"),
    *("no_boxes", "vocabulary", "device", "config"),
)
OF_NODES = ("service", "timeout")
"""Options that mean something for one kind of input only."""

DEFAULT_RATE_HZ = 5.0
DEFAULT_WINDOW_S = 10.0
DEFAULT_TIMEOUT_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="bag, video, folder of pictures, picture, or 'live': a running node",
    )
    parser.add_argument(
        "--question",
        action="append",
        default=[],
        metavar="TEXT",
        help="what to ask; repeatable; without it, questions are read until 'exit'",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per question")
    parser.add_argument(
        "--sheet",
        type=Path,
        metavar="FILE",
        help="draw the frames that support the answers on one picture (.png or .jpg)",
    )
    parser.add_argument(
        "--last",
        type=duration_s,
        metavar="TIME",
        help="only the last seconds, e.g. 60s or 5min; default: all, of a running node 10s",
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="this camera only; repeatable"
    )
    _add_recording_options(parser)
    _add_live_options(parser)


def run(args: argparse.Namespace) -> int:
    """Watch or connect, then ask until there are no more questions."""
    from scene_clip_ros.cli.sheet_file import check_sheet_name

    if args.sheet is not None:
        check_sheet_name(args.sheet)
    _check_questions(args.question)
    with _open(args) as asked:
        failed = _ask_all(asked, args)
    return EXIT_ERROR if failed and not _is_prompt(args) else 0


def _add_recording_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("of a recording")
    group.add_argument(
        "--backend",
        metavar="NAME",
        help="what reasons: auto (default), contrastive, endpoint or local:FOLDER",
    )
    group.add_argument(
        "--rate",
        type=positive_float,
        metavar="HZ",
        help=f"frames watched per second and camera ({DEFAULT_RATE_HZ:g})",
    )
    add_pipeline_options(parser)


def _add_live_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("of a running node")
    group.add_argument(
        "--service",
        metavar="NAME",
        help=f"of a node in a namespace: /namespace/{SERVICE}",
    )
    group.add_argument(
        "--timeout",
        type=positive_float,
        metavar="SECONDS",
        help=f"to be answered ({DEFAULT_TIMEOUT_S:g})",
    )


def _check_questions(questions: list[str]) -> None:
    """Refuse what cannot be asked, before anything is watched.

    Raises:
        ParameterError: A question is empty or too long.
    """
    from scene_clip_ros.nodes.asked_question import check_question

    for question in questions:
        check_question(question)


@contextmanager
def _open(args: argparse.Namespace) -> Iterator[Asked]:
    """Watch the recording, or join the ROS graph while the block runs."""
    from scene_clip_ros.cli.asking import connect, watch
    from scene_clip_ros.cli.pipeline_options import load_pipeline_parameters
    from scene_clip_ros.nodes.parameter_table import with_values

    if args.input == LIVE:
        _refuse(args, OF_RECORDINGS, "a recording, got 'live': the parameters of the node say")
        with connect(
            SERVICE if args.service is None else args.service,
            window_s=DEFAULT_WINDOW_S if args.last is None else args.last,
            cameras=tuple(args.camera or ()),
            timeout_s=args.timeout or DEFAULT_TIMEOUT_S,
        ) as live:
            yield live
        return
    _refuse(args, OF_NODES, f"'live', got the recording {args.input}")
    parameters = load_pipeline_parameters(args)
    if args.backend is not None:
        parameters = with_values(parameters, {"questions.backend": args.backend})
    yield watch(
        Path(args.input),
        parameters,
        cameras=args.camera,
        rate_hz=args.rate or DEFAULT_RATE_HZ,
        last_s=args.last,
    )


def _refuse(args: argparse.Namespace, names: Iterable[str], expected: str) -> None:
    """Refuse options that would do nothing.

    Raises:
        ParameterError: One of them was given.
    """
    for name in names:
        if getattr(args, name) not in (None, False):
            message = f"--{name.replace('_', '-')}: expected {expected}"
            raise ParameterError(message)


def _ask_all(asked: Asked, args: argparse.Namespace) -> bool:
    """Ask every question that comes; return whether one of them failed."""
    from scene_clip_ros.cli.answers import AnswerSheet
    from scene_clip_ros.cli.question_source import read_questions

    failed = False
    sheet = AnswerSheet(args.sheet) if args.sheet is not None else None
    try:
        for question in read_questions(args.question):
            try:
                _tell(asked, question, args, sheet=sheet)
            except SceneClipError as err:
                failed = True
                print(f"{PROGRAM}: error: {' '.join(str(err).split())}", file=sys.stderr)
    except KeyboardInterrupt:
        if not _is_prompt(args):
            raise
        print()
    if sheet is not None:
        sheet.save()
    return failed


def _tell(
    asked: Asked, question: str, args: argparse.Namespace, *, sheet: AnswerSheet | None
) -> None:
    """Ask one question and print the answer."""
    from scene_clip_ros.cli.answers import to_json, to_text

    answered = asked.ask(question)
    if args.json:
        print(to_json(answered.answer), flush=True)
    else:
        heading = "" if _is_prompt(args) else f"{question}\n"
        print(f"{heading}{to_text(answered, start_ns=asked.start_ns)}", flush=True)
    if sheet is not None:
        sheet.add(question, answered, start_ns=asked.start_ns)


def _is_prompt(args: argparse.Namespace) -> bool:
    """Tell whether a person types the questions."""
    return not args.question and sys.stdin.isatty()


COMMAND = Command(
    name="ask",
    summary="answer questions about a recording, or about what a running node sees",
    description=(
        "Watches a bag, video or folder once and answers questions about it, or asks the service "
        "scene_clip/ask of a running node: yes or no, which of several, what kind, when, how many, "
        "and what is happening. An answer has a confidence and the frames that support it; if the "
        "frames do not tell, it says so. Distances, intents and reasons need a language model: an "
        "OpenAI-compatible endpoint (SCENE_CLIP_LLM_BASE_URL and SCENE_CLIP_LLM_MODEL in the "
        "environment), or a model of transformers in a folder. Without --question, questions are "
        "read from the terminal or a pipe until 'exit'."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive.mcap && "
        'scene-clip ask drive.mcap --question "is it day or night?" --json',
        'scene-clip ask live --last 30s --question "are pedestrians visible?"',
    ),
    add_arguments=add_arguments,
    run=run,
)
