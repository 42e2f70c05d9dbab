"""What a fit says of itself now and then, as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

RECALL_DEPTHS = (1, 5)


@dataclass(frozen=True, slots=True)
class FitRow:
    """How a contrastive fit stands after a step.

    Attributes:
        step: Steps done.
        epoch: How often every pair has been used.
        loss: Mean over the steps since the last row; None before the first step.
        rate: Learning rate of the step; None before the first.
        logit_scale: Multiplier of a cosine before the softmax.
        val_loss: Loss of the pairs that are held out; None where they were not looked at.
        image_to_text_1: Share of held-out pictures whose nearest caption is right, in [0, 1].
        image_to_text_5: … one of whose five nearest captions is.
        text_to_image_1: Share of held-out captions whose nearest picture is right.
        text_to_image_5: … one of whose five nearest pictures is.
        seconds: That the fit has taken, over all its runs.
        images_per_s: Pictures a second since the last row.
    """

    step: int
    epoch: float
    loss: float | None
    rate: float | None
    logit_scale: float
    val_loss: float | None
    image_to_text_1: float | None
    image_to_text_5: float | None
    text_to_image_1: float | None
    text_to_image_5: float | None
    seconds: float
    images_per_s: float | None


def write_rows(path: Path, rows: Iterable[FitRow]) -> None:
    """Write rows, replacing the file in one step."""
    aside = path.with_suffix(".part")
    aside.write_text("".join(_line(row) for row in rows), encoding="utf-8")
    aside.replace(path)


def append_row(path: Path, row: FitRow) -> None:
    """Add a row at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(row))


def read_rows(path: Path) -> tuple[FitRow, ...]:
    """Read the rows of a file, none if there is no file; a line that is cut off is left out."""
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return tuple(_row(line) for line in lines if line.endswith("\n"))


def _line(row: FitRow) -> str:
    return json.dumps(asdict(row)) + "\n"


def _row(line: str) -> FitRow:
    entries = json.loads(line)
    return FitRow(**{each.name: entries[each.name] for each in fields(FitRow)})
