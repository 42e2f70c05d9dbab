"""Where questions come from: the command line, a person at a prompt, or a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

PROMPT = "Question> "

ENDS = ("exit", "quit")
"""Words that end the questions."""


def read_questions(given: Sequence[str]) -> Iterator[str]:
    """Yield questions as they come.

    Args:
        given: Those of the command line. Without any, lines of the standard input until ``exit``
            or its end; a terminal shows a prompt and keeps a history. Lines without words are
            passed over.
    """
    if given:
        yield from given
        return
    for line in _typed() if sys.stdin.isatty() else _piped():
        text = line.strip()
        if text.lower() in ENDS:
            return
        if text:
            yield text


def _typed() -> Iterator[str]:
    """Yield what a person types, until the end of the input."""
    with suppress(ImportError):
        import readline  # noqa: F401  gives `input` its history
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            print()
            return


def _piped() -> Iterator[str]:
    """Yield lines as soon as they come; bytes that are no text do not end them."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    yield from iter(sys.stdin.readline, "")
