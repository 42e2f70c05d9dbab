"""``scene-clip vocabulary``: check vocabulary files, or print the shipped one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.core.vocabulary import Vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    check = actions.add_parser("check", help="read a vocabulary file and list what it asks for")
    check.add_argument("file", type=Path, metavar="FILE", help="vocabulary file (YAML)")
    actions.add_parser("show", help="print the shipped driving vocabulary, to start one's own from")


def run(args: argparse.Namespace) -> int:
    """Check a file or print the shipped one."""
    from scene_clip_ros.core.vocabulary import load_vocabulary
    from scene_clip_ros.resources import DRIVING_VOCABULARY

    if args.action == "show":
        sys.stdout.write(DRIVING_VOCABULARY.read_text(encoding="utf-8"))
    else:
        print(describe(load_vocabulary(args.file), source=str(args.file)))
    return 0


def describe(vocabulary: Vocabulary, *, source: str) -> str:
    """List what a vocabulary asks for."""
    lines = [f"{source}: ok"]
    lines += [
        f"  attribute  {spec.name}: {', '.join(label.name for label in spec.labels)}"
        for spec in vocabulary.attributes
    ]
    lines += [
        f"  hazard     {spec.name}: {_count(len(spec.phrasings), 'phrasing')} "
        f"against {len(vocabulary.contrasts_of(spec))}"
        for spec in vocabulary.hazards
    ]
    lines += [
        f"  query      {spec.name}: {_count(len(spec.phrasings), 'phrasing')}"
        for spec in vocabulary.queries
    ]
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    """Write a number and a noun, in the plural where it is due."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


COMMAND = Command(
    name="vocabulary",
    summary="check a vocabulary file, or print the shipped one",
    description=(
        "Checks a vocabulary file before a vehicle does: an error is one line that names the file, "
        "the key, what was expected and what came."
    ),
    examples=(
        "scene-clip vocabulary show > my-labels.yaml",
        "scene-clip vocabulary check my-labels.yaml",
    ),
    add_arguments=add_arguments,
    run=run,
)
