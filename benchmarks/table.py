"""Shows rows to people: a line on the terminal, a table in a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from row import Outcome, Row

BEGIN = "<!-- written by `make bench`: begin -->"
END = "<!-- written by `make bench`: end -->"
HEADINGS = ("row", "value", "baseline", "ratio", "limit", "of limit", "goal", "met")


def print_outcome(outcome: Outcome) -> None:
    """Print a row and what it is about in one line."""
    row = outcome.row
    if row.value is None:
        print(f"{row.name:18} failed: {outcome.words}", flush=True)
        return
    parts = [f"{row.name:18} {number(row.value)} {row.unit}"]
    if row.baseline is not None:
        parts.append(f"baseline {number(row.baseline)}")
    if row.ratio is not None:
        parts.append(f"{row.ratio:.1f}x")
    if row.limit is not None and row.fraction_of_limit is not None:
        parts.append(f"{row.fraction_of_limit:.0%} of limit {number(row.limit)}")
    parts.append(f"{'met' if row.met else 'MISSED'}: {row.goal}")
    print(f"{' | '.join(parts)} | {outcome.words}", flush=True)


def markdown(outcomes: Sequence[Outcome], machine: str) -> str:
    """Return a table for a document, with the machine above and the words below it.

    Args:
        outcomes: The rows.
        machine: What they were measured on, in words.
    """
    lines = [machine, "", _line(HEADINGS), _line(["---"] * len(HEADINGS))]
    lines += [_line(_cells(outcome.row)) for outcome in outcomes]
    lines += ["", *(f"- `{outcome.row.name}`: {outcome.words}" for outcome in outcomes)]
    return "\n".join(lines) + "\n"


def replace_part(document: Path, part: str) -> None:
    """Replace what is between the two markers of a document.

    Raises:
        ValueError: The document does not have each marker once, in their order.
    """
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"{document}: expected {BEGIN!r} and then {END!r}, got none or one of them"
        raise ValueError(message)
    document.write_text(f"{before}{BEGIN}\n\n{part}\n{END}{after}", encoding="utf-8")


def number(value: float) -> str:
    """Return a number with three digits that count, e.g. ``0.0123`` or ``1234``."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cells(row: Row) -> list[str]:
    if row.value is None:
        return [f"`{row.name}`", "failed", "", "", "", "", row.goal, "no"]
    return [
        f"`{row.name}`",
        f"{number(row.value)} {row.unit}",
        "" if row.baseline is None else number(row.baseline),
        "" if row.ratio is None else f"{row.ratio:.1f}×",
        "" if row.limit is None else number(row.limit),
        "" if row.fraction_of_limit is None else f"{row.fraction_of_limit:.0%}",
        row.goal.replace(">=", "≥").replace("<=", "≤"),
        "yes" if row.met else "no",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
