"""The entry point of ``scene-clip``: parse, run, translate errors into one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

from scene_clip_ros.cli import (
    ask,
    calibrate,
    demo,
    evaluate,
    evaluate_boxes,
    evaluate_masks,
    evaluate_questions,
    evaluate_search,
    index,
    label,
    match,
    profile,
    query,
    report,
    score,
    search,
    segment,
    sim,
    similarity,
    train,
    train_embedded,
    train_masks,
    train_regions,
    vocabulary,
)
from scene_clip_ros.cli.command import EXIT_ERROR, PROGRAM, Command, format_examples
from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.threads import share_cores

COMMANDS: tuple[Command, ...] = (
    ask.COMMAND,
    calibrate.COMMAND,
    demo.COMMAND,
    evaluate.COMMAND,
    evaluate_boxes.COMMAND,
    evaluate_masks.COMMAND,
    evaluate_questions.COMMAND,
    evaluate_search.COMMAND,
    index.COMMAND,
    label.COMMAND,
    match.COMMAND,
    profile.COMMAND,
    query.COMMAND,
    report.COMMAND,
    score.COMMAND,
    search.COMMAND,
    segment.COMMAND,
    sim.COMMAND,
    similarity.COMMAND,
    train.COMMAND,
    train_embedded.COMMAND,
    train_masks.COMMAND,
    train_regions.COMMAND,
    vocabulary.COMMAND,
)

EXIT_INTERRUPTED = 130

DESCRIPTION = "Language as a sensor: scene labels, boxes and alerts of camera footage with CLIP."
EXAMPLES = (
    "scene-clip sim --seconds 5 -o drive.mcap",
    "scene-clip label drive.mcap -o results.jsonl",
    "scene-clip score results.jsonl drive.mcap",
)


class OneLineParser(argparse.ArgumentParser):
    """A parser that answers a wrong command line with one line."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and leave with exit code 2."""
        self.exit(EXIT_ERROR, f"{PROGRAM}: error: {message} (see {self.prog} --help)\n")


def package_version() -> str:
    """Return the installed version, or ``unknown`` in a bare source tree."""
    try:
        return metadata.version("scene_clip_ros")
    except metadata.PackageNotFoundError:
        return "unknown"


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command."""
    parser = OneLineParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=format_examples(EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {package_version()}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            epilog=format_examples(command.examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``scene-clip`` and return its exit code.

    Args:
        argv: Words after the program's name; those of the process if not given.

    Returns:
        0 on success, 2 for an error that the user can put right, 130 after Ctrl-C.
    """
    share_cores(os.environ)
    args = build_parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except BrokenPipeError:
        # The reader, e.g. `head`, has left; keep the interpreter's final flush quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SceneClipError, OSError) as err:
        print(f"{PROGRAM}: error: {_one_line(err)}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return code


def _one_line(err: BaseException) -> str:
    """Return an error's text on a single line."""
    return " ".join(str(err).split())


if __name__ == "__main__":
    sys.exit(main())
