"""What the terminal shows while a drive plays."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Protocol, TextIO

from scene_clip_ros.core.types import UNKNOWN
from scene_clip_ros.demo.events import LabelsReceived
from scene_clip_ros.report.scoring import SceneTruth

STATUS_PERIOD_NS = 1_000_000_000
"""How often a status line is printed where lines cannot be rewritten, in footage time."""

GREEN, RED, DIM, RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"
CLEAR_LINE = "\r\x1b[2K"


class Screen(Protocol):
    """Where the demo prints to."""

    def status(self, text: str) -> None:
        """Show what holds right now."""

    def note(self, text: str) -> None:
        """Print a line that stays."""


class TerminalScreen:
    """A terminal: the status is rewritten in place, notes scroll up above it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream that is a terminal."""
        self._stream = stream
        self._status = ""

    def status(self, text: str) -> None:
        """Rewrite the status line, cut to the width of the terminal."""
        self._status = cut_to_width(text, shutil.get_terminal_size().columns - 1)
        self._stream.write(CLEAR_LINE + self._status)
        self._stream.flush()

    def note(self, text: str) -> None:
        """Print a line above the status line."""
        self._stream.write(f"{CLEAR_LINE}{text}\n{self._status}")
        self._stream.flush()


class PlainScreen:
    """A file or a pipe: every text is a line, without colours."""

    def __init__(self, stream: TextIO) -> None:
        """Write to any stream."""
        self._stream = stream

    def status(self, text: str) -> None:
        """Print the status as a line of its own."""
        self.note(text)

    def note(self, text: str) -> None:
        """Print a line."""
        self._stream.write(without_colours(text) + "\n")
        self._stream.flush()


def screen_for(stream: TextIO) -> Screen:
    """Choose the screen that suits a stream."""
    return TerminalScreen(stream) if stream.isatty() else PlainScreen(stream)


class LiveView:
    """Follows the answers and tells what holds and what changes."""

    def __init__(
        self, screen: Screen, truths: Mapping[tuple[str, int], SceneTruth], *, period_ns: int
    ) -> None:
        """Watch from the beginning.

        Args:
            screen: Where to print.
            truths: Truth by camera and stamp; may be empty.
            period_ns: Least time between two status texts of one camera, nanoseconds of
                footage; 0 shows every answer.
        """
        self._screen = screen
        self._truths = truths
        self._period_ns = period_ns
        self._first_ns: int | None = None
        self._shown_ns: dict[str, int] = {}
        self._labels: dict[str, Mapping[str, str]] = {}

    def show(self, received: LabelsReceived, *, latency_ms: float | None) -> None:
        """Show one answer: a note per label that changed, and the status when it is due."""
        answer = received.answer
        if self._first_ns is None:
            self._first_ns = answer.stamp_ns
        time = f"{(answer.stamp_ns - self._first_ns) / 1e9:6.1f} s  {answer.camera}"
        self._note_changes(received, time)
        shown_ns = self._shown_ns.get(answer.camera)
        if shown_ns is not None and 0 <= answer.stamp_ns - shown_ns < self._period_ns:
            return
        self._shown_ns[answer.camera] = answer.stamp_ns
        latency = "" if latency_ms is None else f"  {DIM}{latency_ms:.0f} ms{RESET}"
        self._screen.status(f"{time}  {self._describe(received)}{latency}")

    def _note_changes(self, received: LabelsReceived, time: str) -> None:
        """Print a line for each label that is not what it was."""
        answer = received.answer
        before = self._labels.get(answer.camera, {})
        for name, label in answer.labels.items():
            if name in before and before[name] != label:
                self._screen.note(f"{time}  {name}: {before[name]} → {label}")
        self._labels[answer.camera] = answer.labels

    def _describe(self, received: LabelsReceived) -> str:
        """List the labels, coloured and marked by whether they are right."""
        answer = received.answer
        truth = self._truths.get((answer.camera, answer.stamp_ns))
        told = truth.attributes if truth else {}
        return "  ".join(
            _format_label(label, received.probabilities.get(name), told.get(name))
            for name, label in answer.labels.items()
        )


def cut_to_width(text: str, columns: int) -> str:
    """Cut a text so that at most ``columns`` characters are visible; colours take no room."""
    if len(without_colours(text)) <= columns:
        return text
    return without_colours(text)[: max(columns - 1, 0)] + "…"


def without_colours(text: str) -> str:
    """Remove the colours that this module uses."""
    for code in (GREEN, RED, DIM, RESET):
        text = text.replace(code, "")
    return text


def _format_label(label: str, probability: float | None, truth: str | None) -> str:
    """Write a label with its probability, and with a mark if the truth is known."""
    text = label if probability is None or label == UNKNOWN else f"{label} {probability:.0%}"
    if truth is None:
        return text
    return f"{GREEN}✓{RESET} {text}" if truth == label else f"{RED}✗{RESET} {text}"
