"""A page to draw on with matplotlib, in inches from its upper left corner.

Nothing here touches ``matplotlib.pyplot``, a display or settings that threads share, so that any
thread may draw a page of its own. matplotlib is imported when something is drawn, not before.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.words import Measure

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom in inches."""

DPI = 144
"""Pixels of an inch in PNG files."""

INK, MUTED, FAINT = "#14181d", "#59636e", "#e3e7eb"
"""Colours of text, of less important text, and of what is behind something."""

LINE_PITCH = 1.3
"""From line to line, in sizes of the text."""


@dataclass(frozen=True, slots=True)
class Font:
    """How a text looks: size in points, colour, weight."""

    size_pt: float
    colour: str = INK
    bold: bool = False

    @property
    def pitch_in(self) -> float:
        """From line to line, inches."""
        return self.size_pt / 72 * LINE_PITCH

    def properties(self) -> FontProperties:
        """Return it as matplotlib wants it: DejaVu Sans, which comes with matplotlib."""
        from matplotlib.font_manager import FontProperties

        weight = "bold" if self.bold else "normal"
        return FontProperties(family="DejaVu Sans", size=self.size_pt, weight=weight)


def measure(font: Font) -> Measure:
    """Return what tells the width of a text, inches."""
    from matplotlib.backends.backend_agg import RendererAgg

    new_renderer: Any = RendererAgg  # without types of its own
    renderer, properties = new_renderer(1, 1, DPI), font.properties()

    def width_in(text: str) -> float:
        width, _, _ = renderer.get_text_width_height_descent(text, properties, ismath=False)
        return float(width) / DPI

    return width_in


class Page:
    """One picture to be: texts, pictures and shapes at places of their own.

    Attributes:
        figure: Of matplotlib, for who wants to measure what is drawn.

    Args:
        width_in: Inches.
        height_in: Inches.
    """

    def __init__(self, width_in: float, height_in: float) -> None:
        """Start with a white page."""
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
        self._drawn = 0
        self._axes: Any = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_axis_off()
        self._axes.set(xlim=(0.0, width_in), ylim=(height_in, 0.0), autoscale_on=False)

    def text(
        self,
        text: str,
        at_xy: tuple[float, float],
        font: Font,
        *,
        align: Literal["left", "center", "right"] = "left",
        vertical: Literal["top", "center", "bottom"] = "center",
        is_upright: bool = False,
    ) -> Text:
        """Write one line.

        Args:
            text: Printable; nothing in it is taken for mathematics.
            at_xy: Of what ``align`` and ``vertical`` say of the text as it stands.
            font: How it looks.
            align: Horizontally.
            vertical: Vertically.
            is_upright: Turned, so that it reads from below.
        """
        written: Text = self._axes.text(
            *at_xy,
            text,
            fontproperties=font.properties(),
            color=font.colour,
            horizontalalignment=align,
            verticalalignment=vertical,
            rotation=90 if is_upright else 0,
            parse_math=False,
            zorder=self._next(),
        )
        return written

    def lines(
        self,
        lines: tuple[str, ...],
        at_xy: tuple[float, float],
        font: Font,
        *,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write lines below each other, the upper edge of the first at a point."""
        for index, line in enumerate(lines):
            middle = at_xy[1] + (index + 0.5) * font.pitch_in
            self.text(line, (at_xy[0], middle), font, align=align)

    def rectangle(self, rect: Rect, colour: str, *, border_pt: float = 0.0) -> None:
        """Fill a rectangle, or draw its border within it if that has a width."""
        from matplotlib.patches import Rectangle

        inset = border_pt / 144
        left, top, right, bottom = rect
        shape = Rectangle(
            (left + inset, top + inset),
            right - left - 2 * inset,
            bottom - top - 2 * inset,
            facecolor="none" if border_pt else colour,
            edgecolor=colour if border_pt else "none",
            linewidth=border_pt,
            zorder=self._next(),
        )
        self._axes.add_patch(shape)

    def picture(self, rgb: ImageArray, rect: Rect) -> None:
        """Show a picture as large as fits into a rectangle, in the middle of it.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB.
            rect: Where there is room.
        """
        left, top, right, bottom = fit_in(rgb.shape[1] / rgb.shape[0], rect)
        self._axes.imshow(
            rgb,
            extent=(left, right, bottom, top),
            aspect="auto",
            interpolation="antialiased",
            zorder=self._next(),
        )
        self._axes.set(xlim=(0.0, self.width_in), ylim=(self.height_in, 0.0))

    def cells(self, colours: list[list[str]], rect: Rect) -> None:
        """Fill a rectangle with a table of coloured cells.

        Args:
            colours: ``R`` rows of ``C`` colours each, as ``#rrggbb``.
            rect: Divided evenly among them.
        """
        from matplotlib.collections import PolyCollection

        left, top, right, bottom = rect
        xs = np.linspace(left, right, len(colours[0]) + 1)
        ys = np.linspace(top, bottom, len(colours) + 1)
        corners = [
            [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            for y0, y1 in pairwise(ys)
            for x0, x1 in pairwise(xs)
        ]
        faces = [colour for row in colours for colour in row]
        self._axes.add_collection(
            PolyCollection(
                corners,
                facecolors=faces,
                edgecolors="white",
                linewidths=0.8,
                zorder=self._next(),
            ),
            autolim=False,
        )

    @property
    def width_in(self) -> float:
        """Inches."""
        return float(self.figure.get_figwidth())

    @property
    def height_in(self) -> float:
        """Inches."""
        return float(self.figure.get_figheight())

    def to_png(self) -> bytes:
        """Return the page as a PNG file of `DPI` pixels an inch."""
        return self._encode("png")

    def to_svg(self) -> bytes:
        """Return the page as an SVG file; letters are drawn as shapes, so it needs no fonts."""
        return self._encode("svg")

    def to_rgb(self, *, dpi: float = DPI) -> ImageArray:
        """Return the page as ``(H, W, 3)`` uint8 RGB of so many pixels an inch."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self.figure.set_dpi(dpi)
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])

    def _next(self) -> int:
        """Return the layer of what is drawn next, above all that was drawn before."""
        self._drawn += 1
        return self._drawn

    def _encode(self, kind: Literal["png", "svg"]) -> bytes:
        stream = BytesIO()
        metadata = {"Date": None} if kind == "svg" else {}
        self.figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)
        return stream.getvalue()


def fit_in(aspect: float, rect: Rect) -> Rect:
    """Return the largest rectangle of an aspect, width over height, in the middle of another."""
    left, top, right, bottom = rect
    width = min(right - left, (bottom - top) * aspect)
    height = width / aspect
    x, y = (left + right) / 2, (top + bottom) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
