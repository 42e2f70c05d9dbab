"""Draws cosines as a heat map: values in the cells, pictures and texts along the sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.report.heat_colours import NEUTRAL, HeatScale, ink_on
from scene_clip_ros.report.heat_layout import (
    EDGE_IN,
    GAP_IN,
    LABEL,
    MAX_SIDE,
    NOTE,
    SCALE,
    TITLE,
    VALUE,
    HeatLayout,
    Items,
    lay_out,
)
from scene_clip_ros.report.page import INK, Font, Page

UNIT = "cosine similarity"
"""What the values are; it has no unit."""

Best = Literal["row", "column"]

_TICKS = 5
_STEPS = 64
"""Shades of the drawn colour scale."""


def draw_heat_map(
    values: Float64Array,
    *,
    rows: Items,
    columns: Items,
    title: str,
    note: str = "",
    best_of_each: Best | None = None,
    skip_diagonal: bool = False,
) -> Page:
    """Draw a heat map.

    Args:
        values: ``(R, C)`` cosines, finite.
        rows: R of them, 1 to `MAX_SIDE`.
        columns: C of them, 1 to `MAX_SIDE`.
        title: Above the map.
        note: Smaller text below the title; none if empty.
        best_of_each: Put a frame around the best value of each row, or of each column.
        skip_diagonal: Leave the diagonal out of the colours: there, everything is compared with
            itself. Only of a square matrix.

    Raises:
        ValueError: The numbers do not fit together, there are none or too many, or one is not
            finite.
    """
    _check(values, rows, columns)
    on_scale = np.ones(values.shape, np.bool_)
    if skip_diagonal:
        np.fill_diagonal(on_scale, val=False)
    scale = HeatScale.of(values, on_scale)
    ticks = np.linspace(scale.high, scale.low, _TICKS)
    texts = [scale.format(value) for value in (*values.flat, *ticks)]
    layout = lay_out(rows, columns, title=title, note=note, values=texts)
    page = Page(*layout.size)
    page.lines(layout.title, (EDGE_IN, EDGE_IN), TITLE)
    page.lines(layout.note, (EDGE_IN, EDGE_IN + len(layout.title) * TITLE.pitch_in), NOTE)
    _draw_cells(page, layout, values, scale=scale, on_scale=on_scale)
    for row, column in _find_best(values, on_scale, best_of_each):
        page.rectangle(layout.cell_rect(row, column), INK, border_pt=1.8)
    _draw_rows(page, layout, rows)
    _draw_columns(page, layout, columns)
    _draw_scale(page, layout, scale, ticks.tolist())
    return page


def require_drawable(name: str, count: int) -> None:
    """Refuse numbers of rows or columns that no map can have, before anything is computed.

    Raises:
        ValueError: None, or more than `MAX_SIDE`.
    """
    if not 1 <= count <= MAX_SIDE:
        message = f"expected 1 to {MAX_SIDE} {name} in a heat map, got {count}"
        raise ValueError(message)


def _check(values: Float64Array, rows: Items, columns: Items) -> None:
    require_drawable("rows", len(rows))
    require_drawable("columns", len(columns))
    if values.shape != (len(rows), len(columns)):
        message = f"expected values of shape {(len(rows), len(columns))}, got {values.shape}"
        raise ValueError(message)
    if not np.isfinite(values).all():
        message = "expected finite values, got NaN or infinity"
        raise ValueError(message)


def _draw_cells(
    page: Page, layout: HeatLayout, values: Float64Array, *, scale: HeatScale, on_scale: BoolArray
) -> None:
    """Draw the colours and the values in them."""
    colours = [scale.colours(row) for row in values]
    for row, column in np.argwhere(~on_scale).tolist():
        colours[row][column] = NEUTRAL
    page.cells(colours, layout.grid)
    for (row, column), value in np.ndenumerate(values):
        left, top, right, bottom = layout.cell_rect(row, column)
        ink = Font(VALUE.size_pt, ink_on(colours[row][column]))
        middle = ((left + right) / 2, (top + bottom) / 2)
        page.text(scale.format(value), middle, ink, align="center")


def _find_best(
    values: Float64Array, on_scale: BoolArray, best_of_each: Best | None
) -> Sequence[tuple[int, int]]:
    """Return row and column of the cells that get a frame."""
    candidates = np.where(on_scale, values, -np.inf)
    if best_of_each == "row":
        return list(enumerate(candidates.argmax(axis=1).tolist()))
    if best_of_each == "column":
        return [(row, column) for column, row in enumerate(candidates.argmax(axis=0).tolist())]
    return ()


def _draw_rows(page: Page, layout: HeatLayout, rows: Items) -> None:
    """Draw labels and pictures left of the cells."""
    width, height = layout.thumb_row
    right = layout.grid[0] - GAP_IN
    for index, lines in enumerate(layout.row_labels):
        _, top, _, bottom = layout.cell_rect(index, 0)
        middle = (top + bottom) / 2
        if width and (picture := rows.pictures[index]) is not None:
            box = (right - width, middle - height / 2, right, middle + height / 2)
            page.picture(picture, box)
        x = right - width - GAP_IN if width else right
        page.lines(lines, (x, middle - len(lines) * LABEL.pitch_in / 2), LABEL, align="right")


def _draw_columns(page: Page, layout: HeatLayout, columns: Items) -> None:
    """Draw labels and pictures above the cells."""
    width, height = layout.thumb_column
    for index, lines in enumerate(layout.column_labels):
        left, top, right, _ = layout.cell_rect(0, index)
        x, bottom = (left + right) / 2, top - GAP_IN
        if height:
            if (picture := columns.pictures[index]) is not None:
                page.picture(picture, (x - width / 2, bottom - height, x + width / 2, bottom))
            bottom -= height + GAP_IN
        if not layout.is_upright:
            page.lines(lines, (x, bottom - len(lines) * LABEL.pitch_in), LABEL, align="center")
            continue
        for number, line in enumerate(lines):
            at = x + (number - (len(lines) - 1) / 2) * LABEL.pitch_in
            page.text(line, (at, bottom), LABEL, align="center", vertical="bottom", is_upright=True)


def _draw_scale(page: Page, layout: HeatLayout, scale: HeatScale, ticks: Sequence[float]) -> None:
    """Draw which colour stands for which value."""
    left, top, right, bottom = layout.bar
    shades = scale.colours(np.linspace(scale.high, scale.low, _STEPS))
    height = (bottom - top) / _STEPS
    for index, shade in enumerate(shades):
        lower = min(top + (index + 1.5) * height, bottom)
        page.rectangle((left, top + index * height, right, lower), shade)
    for index, value in enumerate(ticks):
        y = top + (bottom - top) * index / (len(ticks) - 1)
        page.text(scale.format(value), (right + GAP_IN, y), SCALE)
    x = right + layout.tick_width + 2.5 * GAP_IN + SCALE.pitch_in / 2
    page.text(UNIT, (x, (top + bottom) / 2), SCALE, align="center", is_upright=True)
