"""Draws masks on pictures as translucent colours, with a legend."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

import cv2
import numpy as np

from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.canvas import (
    GAP,
    MARGIN,
    PADDING,
    PANEL,
    TEXT,
    Canvas,
    Colour,
    Rect,
    Style,
    overlaps,
)
from scene_clip_ros.report.safe_colours import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

BACKGROUND_COLOUR: Colour = (24, 26, 30)

_SAFE: tuple[Colour, ...] = (
    PURPLE,
    VERMILLION,
    BLUE,
    GREEN,
    SKY,
    YELLOW,
    ORANGE,
    (245, 245, 245),
)
"""In an order that gives road, person, vehicle, vegetation and sky about the colours of Cityscapes.
"""

_GOLDEN_TURN = 0.618034
_OPACITY = 0.45
_MAX_ROWS = 12
_ROW_HEIGHT, _SWATCH = 24, 14
_LABEL = Style(11, TEXT)


def label_palette(count: int) -> ImageArray:
    """Return colours of the labels 0 to ``count``: the background, then one for each prompt.

    The first eight are safe for the colour-blind; further ones differ in hue and lightness.

    Returns:
        ``(count + 1, 3)`` uint8 RGB.
    """
    colours = [BACKGROUND_COLOUR, *(_colour(index) for index in range(count))]
    return np.array(colours, np.uint8)


def draw_mask(canvas: Canvas, mask: FrameMask) -> None:
    """Tint every marked pixel in the colour of its label, and draw the borders between labels.

    Args:
        canvas: Drawn on; its picture may be a scaled copy of the frame.
        mask: Of the frame.
    """
    height, width = canvas.rgb.shape[:2]
    labels = mask.labels
    if labels.shape != (height, width):
        labels = np.asarray(
            cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8
        )
    colours = label_palette(len(mask.names))[labels]
    tinted = cv2.addWeighted(canvas.rgb, 1 - _OPACITY, colours, _OPACITY, 0)
    cv2.copyTo(tinted, np.minimum(labels, 1), canvas.rgb)
    cv2.copyTo(colours, _borders(labels), canvas.rgb)


def draw_legend(canvas: Canvas, mask: FrameMask, *, taken: Iterable[Rect] = ()) -> Rect | None:
    """List the prompts that mark anything, with their share of the picture, at a lower corner.

    Args:
        canvas: Drawn on.
        mask: What was drawn.
        taken: What must stay readable.

    Returns:
        What it covers; None if there is nothing to list, or no room.
    """
    rows = _rows(mask)
    if not rows:
        return None
    widest = max(canvas.text_width(text, _LABEL) for _, text in rows)
    width = min(2 * PADDING + _SWATCH + GAP + widest, canvas.width - 2 * MARGIN)
    height = 2 * PADDING + _ROW_HEIGHT * len(rows) - GAP
    panel = _place(canvas, width=width, height=height, taken=list(taken))
    if panel is None:
        return None
    canvas.shade(panel, PANEL, 0.72)
    left, right = panel[0] + PADDING, panel[2] - PADDING
    for row, (colour, text) in enumerate(rows):
        top = panel[1] + PADDING + row * _ROW_HEIGHT
        canvas.shade((left, top, left + _SWATCH, top + _SWATCH), colour, 1.0)
        start = left + _SWATCH + GAP
        fitted = canvas.fitted(text, _LABEL, width=right - start)
        canvas.text(fitted, (start, top + _SWATCH - 1), _LABEL)
    return panel


def draw_masked(rgb: ImageArray, mask: FrameMask) -> ImageArray:
    """Return a picture with its mask and legend.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB, the frame or a scaled copy of it; not written to.
        mask: Of the frame.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.
    """
    canvas = Canvas(np.array(rgb, np.uint8, order="C"))
    draw_mask(canvas, mask)
    draw_legend(canvas, mask)
    return canvas.rgb


def _colour(index: int) -> Colour:
    if index < len(_SAFE):
        return _SAFE[index]
    turn = (index * _GOLDEN_TURN) % 1.0
    red, green, blue = colorsys.hls_to_rgb(turn, (0.35, 0.55, 0.75)[index % 3], 0.75)
    return round(red * 255), round(green * 255), round(blue * 255)


def _rows(mask: FrameMask) -> list[tuple[Colour, str]]:
    """Return colour and text of each prompt that marks anything, the largest if there are many."""
    shown = [index for index, share in enumerate(mask.coverage) if share > 0]
    largest = sorted(shown, key=lambda index: -mask.coverage[index])[:_MAX_ROWS]
    rows = [
        (_colour(index), f"{mask.names[index]}  {_percent(mask.coverage[index])}")
        for index in sorted(largest)
    ]
    if hidden := len(shown) - len(rows):
        rows.append((BACKGROUND_COLOUR, f"{hidden} more"))
    return rows


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "< 1%"


def _place(canvas: Canvas, *, width: float, height: float, taken: list[Rect]) -> Rect | None:
    top = canvas.height - MARGIN - height
    for left in (MARGIN, canvas.width - MARGIN - width):
        panel = (left, top, left + width, top + height)
        if top >= 0 and not any(overlaps(panel, each) for each in taken):
            return panel
    return None


def _borders(labels: ImageArray) -> ImageArray:
    """Return 1 at pixels whose neighbour to the right or below has another label, ``(H, W)``."""
    is_border = np.zeros(labels.shape, np.uint8)
    is_border[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    is_border[:-1] |= labels[:-1] != labels[1:]
    is_border[labels == 0] = 0
    return is_border
