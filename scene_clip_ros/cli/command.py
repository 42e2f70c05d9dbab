"""What a subcommand of ``scene-clip`` consists of.

A module of a subcommand offers one ``COMMAND``. It imports at its top only what every
``--help`` may pay for; models, renderers and ROS are imported inside ``run``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

PROGRAM = "scene-clip"
"""The name of the command, in help and in front of errors."""

EXIT_ERROR = 2
"""Exit code after an error that the user can put right."""


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand.

    Attributes:
        name: The word after ``scene-clip``.
        summary: One line for the list of commands; starts with a verb, no full stop.
        description: What the command does, for its own ``--help``.
        examples: Shell lines that work when pasted, in order.
        add_arguments: Declares the options and arguments.
        run: Does the work and returns the exit code; raises ``SceneClipError`` for
            anything the user can put right.
    """

    name: str
    summary: str
    description: str
    examples: tuple[str, ...]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def format_examples(examples: tuple[str, ...]) -> str:
    """Lay out examples as the last section of a help text."""
    title = "example:" if len(examples) == 1 else "examples:"
    return "\n".join([title, *(f"  {example}" for example in examples)])
