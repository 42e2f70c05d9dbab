"""What has held during the last minutes, as the moments at which something changed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

RowKind = Literal["alert", "attribute", "hazard"]

MAX_ROWS = 64
"""Rows of one camera; those of a vocabulary are fewer, and nobody reads more."""

MAX_CHANGES = 400
"""Changes kept of one row, the newest ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the timeline tells: the alert, an attribute's label, or a hazard."""

    kind: RowKind
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """From a moment on, something else holds.

    Attributes:
        number: Counts the changes of the timeline from 1 on.
        time_s: When, on the monotonic clock of the timeline.
        row: Of what.
        value: What holds from then on; None: nothing is known.
    """

    number: int
    time_s: float
    row: Row
    value: str | None


class Timeline:
    """The changes of one camera. Not thread-safe.

    Args:
        history_s: How far back it reaches, seconds.
    """

    def __init__(self, history_s: float) -> None:
        """Start with nothing known."""
        self._history_s = history_s
        self._number = 0
        self._rows: dict[Row, deque[Change]] = {}

    def hold(self, row: Row, value: str | None, *, now_s: float) -> None:
        """Take in what holds now; nothing happens if it held before.

        A row that is one too many is left out.
        """
        changes = self._rows.get(row)
        if changes is None:
            if value is None or len(self._rows) >= MAX_ROWS:
                return
            changes = self._rows[row] = deque(maxlen=MAX_CHANGES)
        if changes and changes[-1].value == value:
            return
        self._number += 1
        changes.append(Change(self._number, now_s, row, value))

    def lose(self, kind: RowKind, *, now_s: float, besides: frozenset[str] = frozenset()) -> None:
        """Take in that of rows of a kind nothing is known any more, but for those named."""
        for row in self._rows:
            if row.kind == kind and row.name not in besides:
                self.hold(row, None, now_s=now_s)

    def since(self, number: int) -> tuple[Change, ...]:
        """Return the changes after that with a number, oldest first; 0: all."""
        found: list[Change] = []
        for changes in self._rows.values():
            for change in reversed(changes):
                if change.number <= number:
                    break
                found.append(change)
        return tuple(sorted(found, key=lambda change: change.number))

    def forget(self, now_s: float) -> None:
        """Drop what no longer shows: ends before the history, and rows without anything in it."""
        begin_s = now_s - self._history_s
        for row, changes in list(self._rows.items()):
            while len(changes) > 1 and changes[1].time_s <= begin_s:
                changes.popleft()
            if changes[-1].value is None and changes[-1].time_s <= begin_s:
                del self._rows[row]
