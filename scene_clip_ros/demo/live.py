"""What the terminal shows while a drive plays."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Protocol, TextIO

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.types import UNKNOWN, AttributeState, FrameResult
from scene_clip_ros.report.scoring import SceneTruth

GREEN, RED, YELLOW, DIM, RESET = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
CLEAR_LINE = "\r\x1b[2K"


_LEVEL_COLOURS = {
    AlertLevel.CLEAR: GREEN,
    AlertLevel.CAUTION: YELLOW,
    AlertLevel.WARNING: RED,
    AlertLevel.STALE: DIM,
}
_LEVEL_WIDTH = max(len(level.name) for level in AlertLevel)


class Screen(Protocol):
    """Where the demo prints to."""

    def status(self, text: str) -> None:
        """Show what holds right now."""

    def note(self, text: str) -> None:
        """Print a line that stays."""

    def finish(self) -> None:
        """Leave the cursor at the start of a line; more may follow."""

    @property
    def status_period_ns(self) -> int:
        """Least time between two status texts of a camera, nanoseconds of footage."""


class TerminalScreen:
    """A terminal: the status is rewritten in place, notes scroll up above it."""

    status_period_ns = 0

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

    def finish(self) -> None:
        """Take the status away."""
        self._stream.write(CLEAR_LINE)
        self._stream.flush()
        self._status = ""


class PlainScreen:
    """A file or a pipe: every text is a line, without colours."""

    status_period_ns = 1_000_000_000

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

    def finish(self) -> None:
        """Do nothing: every text is a line already."""


def screen_for(stream: TextIO) -> Screen:
    """Choose the screen that suits a stream."""
    return TerminalScreen(stream) if stream.isatty() else PlainScreen(stream)


class LiveView:
    """Follows the results and tells what holds and what changes."""

    def __init__(self, screen: Screen, truths: Mapping[tuple[str, int], SceneTruth]) -> None:
        """Watch from the beginning.

        Args:
            screen: Where to print.
            truths: Truth by camera and stamp; may be empty.
        """
        self._screen = screen
        self._truths = truths
        self._first_ns: int | None = None
        self._shown_ns: dict[str, int] = {}
        self._held: dict[str, dict[str, str]] = {}
        self._alerts: dict[str, Alert] = {}

    def show(self, result: FrameResult, *, latency_ms: float | None) -> None:
        """Show one result: a note per label that changed, and the status when it is due.

        Args:
            result: What is said of a frame.
            latency_ms: How long it took, milliseconds; ``None`` if unknown.
        """
        if self._first_ns is None:
            self._first_ns = result.stamp_ns
        time = self._time(result.camera, result.stamp_ns)
        self._note_changes(result, time)
        if not self._is_due(result):
            return
        self._shown_ns[result.camera] = result.stamp_ns
        latency = "" if latency_ms is None else f"{DIM}{latency_ms:4.0f} ms{RESET}  "
        self._screen.status(f"{time}  {latency}{self._describe(result)}".rstrip())

    def hold(self, alert: Alert) -> None:
        """Take in what is held of the people ahead: a note if the level changed."""
        before = self._alerts.get(alert.camera)
        self._alerts[alert.camera] = alert
        if self._first_ns is None or before is None or before.level == alert.level:
            return
        time = self._time(alert.camera, alert.stamp_ns)
        change = f"{before.level.name} → {alert.level.name}"
        self._screen.note(f"{time}  alert: {change}, {alert.reason}")

    def _time(self, camera: str, stamp_ns: int) -> str:
        """Write seconds since the first result, and the camera."""
        first_ns = stamp_ns if self._first_ns is None else self._first_ns
        return f"{(stamp_ns - first_ns) / 1e9:6.1f} s  {camera}"

    def _is_due(self, result: FrameResult) -> bool:
        """Whether the camera's status was shown long enough ago, or time jumped back."""
        shown_ns = self._shown_ns.get(result.camera)
        return (
            shown_ns is None or not 0 <= result.stamp_ns - shown_ns < self._screen.status_period_ns
        )

    def _note_changes(self, result: FrameResult, time: str) -> None:
        """Print a line for each label or hazard that is not what it was."""
        held = {state.name: state.label for state in result.attributes}
        held |= {hazard.name: "yes" if hazard.active else "no" for hazard in result.hazards}
        before = self._held.get(result.camera, {})
        for name, value in held.items():
            if name in before and before[name] != value:
                self._screen.note(f"{time}  {name}: {before[name]} → {value}")
        self._held[result.camera] = held

    def _describe(self, result: FrameResult) -> str:
        """List alert, labels, marked by whether they are right, and the active hazards."""
        truth = self._truths.get((result.camera, result.stamp_ns))
        told = truth.attributes if truth else {}
        alert = self._alerts.get(result.camera)
        words = [_format_level(alert.level)] if alert else []
        words += [self._aligned(state, told.get(state.name)) for state in result.attributes]
        words += [f"{RED}{hazard.name}{RESET}" for hazard in result.hazards if hazard.active]
        return "  ".join(words)

    def _aligned(self, state: AttributeState, truth: str | None) -> str:
        """Write a label, padded to the longest one that the attribute may have."""
        longest = max((len(score.label) for score in state.scores), default=0)
        width = max(longest + len(" 100%"), len(f"{state.name} ?"))
        return f"{_mark(state, truth)}{_format_label(state):<{width}}"


def cut_to_width(text: str, columns: int) -> str:
    """Cut a text so that at most ``columns`` characters are visible; colours take no room."""
    if len(without_colours(text)) <= columns:
        return text
    return without_colours(text)[: max(columns - 1, 0)] + "…"


def without_colours(text: str) -> str:
    """Remove the colours that this module uses."""
    for code in (GREEN, RED, YELLOW, DIM, RESET):
        text = text.replace(code, "")
    return text


def _format_level(level: AlertLevel) -> str:
    """Write a level in its colour, padded to the longest one."""
    return f"{_LEVEL_COLOURS[level]}{level.name:<{_LEVEL_WIDTH}}{RESET}"


def _mark(state: AttributeState, truth: str | None) -> str:
    """Return a sign for right or wrong; nothing where the truth is not known."""
    if truth is None:
        return ""
    return f"{GREEN}✓{RESET} " if truth == state.label else f"{RED}✗{RESET} "


def _format_label(state: AttributeState) -> str:
    """Write a label with its probability, or the attribute with a question mark if unknown."""
    if state.label == UNKNOWN:
        return f"{state.name} ?"
    return f"{state.label} {state.probability:.0%}"
