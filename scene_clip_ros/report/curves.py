"""Draws how a contrastive fit went: losses, and how often the nearest is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.report.fit_rows import FitRow
from scene_clip_ros.report.safe_colours import BLUE, GREEN, VERMILLION, to_html

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_IN = (10.0, 4.2)
_DPI = 150
_INK, _GRID = "#22292f", "#d9dee2"
_BLUE, _ORANGE, _GREEN = map(to_html, (BLUE, VERMILLION, GREEN))

Value = Callable[[FitRow], float | None]


@dataclass(frozen=True, slots=True)
class _Line:
    """One curve: its name, what it shows of a row, colour, style and marker."""

    name: str
    value: Value
    colour: str
    style: str = "-"
    marker: str = ""


_LOSSES = (
    _Line("training", lambda row: row.loss, _BLUE),
    _Line("held out", lambda row: row.val_loss, _ORANGE, marker="o"),
)
_RECALLS = (
    _Line("picture → caption, first", lambda row: _percent(row.image_to_text_1), _BLUE, marker="o"),
    _Line("… among 5", lambda row: _percent(row.image_to_text_5), _BLUE, "--", "o"),
    _Line(
        "caption → picture, first", lambda row: _percent(row.text_to_image_1), _GREEN, marker="s"
    ),
    _Line("… among 5", lambda row: _percent(row.text_to_image_5), _GREEN, "--", "s"),
)


def draw_curves(rows: Sequence[FitRow], path: Path, *, title: str) -> None:
    """Draw the rows of a fit.

    Args:
        rows: In the order of their steps; recalls are left out where nothing was held out.
        path: ``.png`` or ``.svg``; replaced.
        title: What was fitted.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    has_recalls = any(row.val_loss is not None for row in rows)
    figure = Figure(figsize=_SIZE_IN, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, color=_INK, fontweight="bold", parse_math=False)
    axes = figure.subplots(1, 2 if has_recalls else 1, squeeze=False)[0]
    _draw_lines(axes[0], rows, _LOSSES)
    axes[0].set_ylabel("loss (nats per pair)", color=_INK)
    if has_recalls:
        _draw_lines(axes[1], rows, _RECALLS)
        axes[1].set_ylabel("right among held-out pairs (%)", color=_INK)
        axes[1].set_ylim(0, 102)
    figure.savefig(path)


def _draw_lines(axes: Axes, rows: Sequence[FitRow], lines: Sequence[_Line]) -> None:
    from matplotlib.ticker import MaxNLocator

    for line in lines:
        points = [(row.step, value) for row in rows if (value := line.value(row)) is not None]
        if points:
            steps, values = zip(*points, strict=True)
            axes.plot(
                steps,
                values,
                line.style,
                color=line.colour,
                label=line.name,
                marker=line.marker,
                markersize=4,
                linewidth=1.6,
            )
    axes.set_xlabel("step", color=_INK)
    axes.grid(color=_GRID, linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=_INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2,
        frameon=False,
        labelcolor=_INK,
        fontsize=9,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
