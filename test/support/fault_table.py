"""What the tests of faults have seen, as the table of docs/reliability.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

PROPERTY = "fault"
"""Under which a test records its row."""

HEADER = ("fault", "what was sent", "how often", "what happened", "how recovery was seen", "test")


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault as a test has seen it; all texts are Markdown.

    Attributes:
        fault: What went wrong.
        sent: What the test did.
        times: How often.
        happened: What the system under test did meanwhile.
        recovery: How the test saw that all is well again.
    """

    fault: str
    sent: str
    times: int
    happened: str
    recovery: str


def recorded(row: FaultRow) -> dict[str, Any]:
    """Return a row as a test records it; it may pass between processes."""
    return asdict(row)


def to_markdown(rows: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """Return the table.

    Args:
        rows: The id of each test and what it recorded.
    """
    lines = [_line(HEADER), _line(["---"] * len(HEADER))]
    for test, record in sorted(rows, key=lambda item: item[1]["fault"]):
        row = FaultRow(**record)
        name = test.rpartition("/")[2].partition("[")[0]
        cells = (row.fault, row.sent, f"{row.times:,}", row.happened, row.recovery, f"`{name}`")
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
