"""Plain-text tables."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(rows: Sequence[Sequence[str]], *, header: Sequence[str] = ()) -> str:
    """Align columns: the first one left, the second one right, the others left.

    Args:
        rows: Cells, as many in every row.
        header: Titles of the columns; no title row if empty.

    Returns:
        Lines joined by line breaks; an empty string for no rows and no header.
    """
    titles = [tuple(header)] if header else []
    cells = [*titles, *(tuple(row) for row in rows)]
    if not cells:
        return ""
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [_format_row(row, widths) for row in cells]
    if header:
        lines.insert(1, "─" * max(len(line) for line in lines))
    return "\n".join(lines)


def format_percent(fraction: float | None) -> str:
    """Write a fraction as a percentage; a dash for ``None``."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def _format_row(row: Sequence[str], widths: Sequence[int]) -> str:
    """Pad one row to the columns' widths."""
    padded = [
        cell.rjust(width) if i == 1 else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
