"""Fits texts into the room that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""Tells the width of a text, in any unit."""

ELLIPSIS = "…"

_JOINTS = "/_-."
"""Where names of files are best broken."""


def printable(text: str) -> str:
    """Return a text on one line, without what no font can draw."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())


def wrap(text: str, *, width: float, measure: Measure, max_lines: int) -> tuple[str, ...]:
    """Break a text into lines, between words where that is possible.

    Args:
        text: Of any length; made printable.
        width: Most that a line may have, in the unit of ``measure``.
        measure: Tells the width of a text.
        max_lines: ≥ 1; the last line ends in an ellipsis if there would be more.

    Returns:
        At least one line, none wider than ``width`` unless a single letter is.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(printable(text), width, measure):
        joined = f"{line}{piece}"
        if line and measure(joined.rstrip()) > width:
            lines.append(line.rstrip())
            line = piece
        else:
            line = joined
        if len(lines) == max_lines:
            return (*lines[:-1], _shorten(f"{lines[-1]}{ELLIPSIS}", width, measure))
    return (*lines, line.rstrip())


def fit(text: str, *, width: float, measure: Measure) -> str:
    """Return a text on one line, with an ellipsis if it is too wide."""
    (line,) = wrap(text, width=width, measure=measure, max_lines=1)
    return line


def _pieces(text: str, width: float, measure: Measure) -> Iterator[str]:
    """Yield the words with the space behind each; those that are too wide in parts."""
    for word in text.split(" "):
        rest = word
        while len(rest) > 1 and measure(rest) > width:
            count = _letters_that_fit(rest, width, measure)
            yield rest[:count]
            rest = rest[count:]
        yield f"{rest} "


def _letters_that_fit(word: str, width: float, measure: Measure) -> int:
    count = max(1, int(len(word) * width / measure(word)))
    while count > 1 and measure(word[:count]) > width:
        count -= 1
    while count + 1 < len(word) and measure(word[: count + 1]) <= width:
        count += 1
    joint = max(word.rfind(mark, 0, count) for mark in _JOINTS) + 1
    return joint if joint > count // 2 else count


def _shorten(text: str, width: float, measure: Measure) -> str:
    """Take letters from before the ellipsis until a text fits."""
    kept = text.removesuffix(ELLIPSIS)
    while len(kept) > 1 and measure(f"{kept}{ELLIPSIS}") > width:
        kept = kept[:-1].rstrip()
    return f"{kept}{ELLIPSIS}"
