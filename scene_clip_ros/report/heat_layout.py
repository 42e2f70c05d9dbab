"""Where the parts of a heat map are: it grows with its labels, so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.page import MUTED, Font, Rect, measure
from scene_clip_ros.report.words import wrap

MAX_SIDE = 60
"""Most rows, and most columns: beyond that nobody finds a cell."""

TITLE, NOTE = Font(12.5, bold=True), Font(8.5, MUTED)
LABEL, VALUE, SCALE = Font(9.0), Font(8.5), Font(8.5, MUTED)

EDGE_IN, GAP_IN = 0.22, 0.08
BAR_IN = 0.17
"""Width of the colour scale."""

_MIN_PAGE_IN = 4.2
_MIN_BAR_HEIGHT_IN = 1.55
_TITLE_GAP_IN = 0.2
_ROW_LABEL_IN, _UPRIGHT_LABEL_IN = 2.5, 2.0
"""Most room for a label."""

_MAX_FLAT_IN = 9.5
"""Widest table whose columns have labels that stand as texts do; wider ones have upright labels."""

_FLAT_CELL_IN = 1.05
_TEXT_ROW_IN, _PICTURE_ROW_IN = 0.34, 0.6
_PICTURE_ASPECT = 16 / 9


@dataclass(frozen=True, slots=True)
class Items:
    """What the rows or the columns of a heat map are.

    Attributes:
        labels: One each; long ones are wrapped, and shortened at last.
        pictures: One each, ``(H, W, 3)`` uint8 RGB, or None where there is none; empty for texts.
    """

    labels: tuple[str, ...]
    pictures: tuple[ImageArray | None, ...] = ()

    def __post_init__(self) -> None:
        """Refuse pictures that are not one for each label.

        Raises:
            ValueError: The numbers differ.
        """
        if self.pictures and len(self.pictures) != len(self.labels):
            message = f"expected {len(self.labels)} pictures, got {len(self.pictures)}"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return how many."""
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class HeatLayout:
    """Places in inches from the upper left corner.

    Attributes:
        size: Width and height of the page.
        grid: The cells.
        cell: Width and height of one.
        title, note: Lines above.
        row_labels, column_labels: Lines of each label.
        is_upright: Whether the labels of the columns read from below.
        thumb_row: Width and height of the pictures left of the rows; zeros if there are none.
        thumb_column: The same above the columns.
        tick_width: Of the widest value.
    """

    size: tuple[float, float]
    grid: Rect
    cell: tuple[float, float]
    title: tuple[str, ...]
    note: tuple[str, ...]
    row_labels: tuple[tuple[str, ...], ...]
    column_labels: tuple[tuple[str, ...], ...]
    is_upright: bool
    thumb_row: tuple[float, float]
    thumb_column: tuple[float, float]
    tick_width: float

    def cell_rect(self, row: int, column: int) -> Rect:
        """Return the place of a cell."""
        left, top = self.grid[0] + column * self.cell[0], self.grid[1] + row * self.cell[1]
        return left, top, left + self.cell[0], top + self.cell[1]

    @property
    def bar(self) -> Rect:
        """Place of the colour scale."""
        left, top = self.grid[2] + 2.5 * GAP_IN, self.grid[1]
        height = min(max(self.grid[3] - top, _MIN_BAR_HEIGHT_IN), 4.5)
        return left, top, left + BAR_IN, top + height


def lay_out(
    rows: Items, columns: Items, *, title: str, note: str, values: Sequence[str]
) -> HeatLayout:
    """Find room for everything.

    Args:
        rows: At least one, at most `MAX_SIDE`.
        columns: The same.
        title: Above the map.
        note: Smaller text below the title; none if empty.
        values: Texts of the cells and of the scale.
    """
    label_width, value_width = measure(LABEL), measure(VALUE)
    row_labels = _wrapped(rows, _ROW_LABEL_IN, max_lines=2 if rows.pictures else 3)
    cell_height = _PICTURE_ROW_IN if rows.pictures else _TEXT_ROW_IN
    lines = max(map(len, row_labels))
    cell_height = max(cell_height, lines * LABEL.pitch_in + GAP_IN)
    thumb_row = _thumb(cell_height - 0.06) if any_picture(rows) else (0.0, 0.0)

    widest = max(map(value_width, values))
    is_upright = len(columns) * _FLAT_CELL_IN > _MAX_FLAT_IN
    narrow = max(widest + 0.14, 0.62 if columns.pictures else 0.0)
    cell_width = narrow if is_upright else max(_FLAT_CELL_IN, narrow)
    column_labels = _column_labels(columns, cell_width, is_upright=is_upright)
    thumb_width = cell_width - 0.06
    thumb_column = (thumb_width, thumb_width / _PICTURE_ASPECT) if any_picture(columns) else (0, 0)

    label_in = max((label_width(line) for label in row_labels for line in label), default=0.0)
    left = EDGE_IN + label_in + GAP_IN + (thumb_row[0] + GAP_IN if thumb_row[0] else 0.0)
    right = left + cell_width * len(columns)
    scale_in = BAR_IN + widest + SCALE.pitch_in + 5 * GAP_IN
    width = max(right + scale_in + EDGE_IN, _MIN_PAGE_IN)
    titles = wrap(title, width=width - 2 * EDGE_IN, measure=measure(TITLE), max_lines=3)
    notes = wrap(note, width=width - 2 * EDGE_IN, measure=measure(NOTE), max_lines=3)
    notes = notes if note.strip() else ()
    top = EDGE_IN + len(titles) * TITLE.pitch_in + len(notes) * NOTE.pitch_in + _TITLE_GAP_IN
    top += _column_height(column_labels, is_upright=is_upright) + GAP_IN
    top += thumb_column[1] + GAP_IN if thumb_column[1] else 0.0
    bottom = top + cell_height * len(rows)
    height = max(bottom, top + _MIN_BAR_HEIGHT_IN) + EDGE_IN
    return HeatLayout(
        size=(width, height),
        grid=(left, top, right, bottom),
        cell=(cell_width, cell_height),
        title=titles,
        note=notes,
        row_labels=row_labels,
        column_labels=column_labels,
        is_upright=is_upright,
        thumb_row=thumb_row,
        thumb_column=thumb_column,
        tick_width=widest,
    )


def any_picture(items: Items) -> bool:
    """Tell whether there is anything to show."""
    return any(picture is not None for picture in items.pictures)


def _thumb(height: float) -> tuple[float, float]:
    return height * _PICTURE_ASPECT, height


def _wrapped(items: Items, width: float, *, max_lines: int) -> tuple[tuple[str, ...], ...]:
    measured = measure(LABEL)
    return tuple(
        wrap(label, width=width, measure=measured, max_lines=max_lines) for label in items.labels
    )


def _column_labels(
    columns: Items, cell_width: float, *, is_upright: bool
) -> tuple[tuple[str, ...], ...]:
    if is_upright:
        lines = max(1, int((cell_width - 0.04) / LABEL.pitch_in))
        return _wrapped(columns, _UPRIGHT_LABEL_IN, max_lines=min(lines, 3))
    return _wrapped(columns, cell_width - GAP_IN, max_lines=5)


def _column_height(labels: Sequence[tuple[str, ...]], *, is_upright: bool) -> float:
    """Return the height of the tallest label of a column."""
    if not is_upright:
        return max(map(len, labels)) * LABEL.pitch_in
    measured = measure(LABEL)
    return max(measured(line) for label in labels for line in label)
