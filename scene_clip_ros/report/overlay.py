"""Draws what is held of a frame on the frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.core.types import UNKNOWN, AttributeState, FrameResult, HazardState, ImageArray

Colour = tuple[int, int, int]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_BOLD_FONT = cv2.FONT_HERSHEY_DUPLEX
_CAPITAL_HEIGHT = 21.0
"""Height of a capital of both fonts at scale 1, pixels."""

_PANEL: Colour = (14, 20, 28)
_CAPTION: Colour = (158, 176, 194)
_TEXT: Colour = (245, 248, 250)
_MUTED: Colour = (142, 150, 158)
_TRACK: Colour = (58, 68, 80)
_BAR: Colour = (64, 196, 170)
_HAZARD: Colour = (214, 52, 44)
_PANEL_OPACITY = 0.72


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes in pixels; they grow with the picture, yet less than it, so as to stay readable."""

    unit: float

    @classmethod
    def of(cls, rgb: ImageArray) -> _Layout:
        height, width = rgb.shape[:2]
        return cls(unit=0.35 + 0.65 * min(height, width * 9 / 16) / 720)

    def px(self, size: float) -> int:
        """Return a length that is ``size`` in a picture of 1280 by 720."""
        return max(1, round(size * self.unit))

    def font_scale(self, size: float) -> float:
        """Return OpenCV's scale of a font whose capitals are ``size`` high at 720 lines."""
        return size * self.unit / _CAPITAL_HEIGHT


def draw_labels(rgb: ImageArray, result: FrameResult) -> ImageArray:
    """Draw the attributes on the upper left and the active hazards on the upper right.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB; not written to.
        result: What is held of it.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.
    """
    canvas = rgb.copy()
    layout = _Layout.of(rgb)
    if result.attributes:
        _draw_attributes(canvas, result.attributes, layout)
    top = layout.px(16)
    for hazard in result.hazards:
        if hazard.active:
            top += _draw_hazard(canvas, hazard, layout, top=top) + layout.px(8)
    return canvas


def _draw_attributes(
    canvas: ImageArray, attributes: tuple[AttributeState, ...], layout: _Layout
) -> None:
    """Draw one row per attribute on a dark panel: name, label, probability as a bar."""
    margin, padding, row_height = layout.px(16), layout.px(14), layout.px(50)
    width = layout.px(330)
    height = 2 * padding + row_height * len(attributes) - layout.px(8)
    _shade(canvas, (margin, margin, margin + width, margin + height), _PANEL, _PANEL_OPACITY)
    for index, state in enumerate(attributes):
        origin = (margin + padding, margin + padding + index * row_height)
        _draw_attribute(canvas, state, layout, origin_xy=origin, width=width - 2 * padding)


def _draw_attribute(
    canvas: ImageArray,
    state: AttributeState,
    layout: _Layout,
    *,
    origin_xy: tuple[int, int],
    width: int,
) -> None:
    left, top = origin_xy
    known = state.label != UNKNOWN
    caption_y, label_y, bar_y = top + layout.px(10), top + layout.px(31), top + layout.px(37)
    caption = state.name.replace("_", " ").upper()
    _text(canvas, caption, (left, caption_y), 9, _CAPTION, layout)
    percent = f"{state.probability * 100:.0f}%"
    percent_width = _text_width(percent, 12, layout)
    ink = _TEXT if known else _MUTED
    room = width - percent_width - layout.px(12)
    label = _fitted(state.label, 14, layout, width=room)
    _text(canvas, label, (left, label_y), 14, ink, layout, bold=known)
    _text(canvas, percent, (left + width - percent_width, label_y), 12, ink, layout)
    filled = round(width * min(max(state.probability, 0.0), 1.0))
    bar_end = bar_y + layout.px(4)
    cv2.rectangle(canvas, (left, bar_y), (left + width, bar_end), _TRACK, cv2.FILLED)
    if filled:
        bar = _BAR if known else _MUTED
        cv2.rectangle(canvas, (left, bar_y), (left + filled, bar_end), bar, cv2.FILLED)


def _draw_hazard(canvas: ImageArray, hazard: HazardState, layout: _Layout, *, top: int) -> int:
    """Draw one hazard as a red chip at the right edge; return its height in pixels."""
    text = f"{hazard.name.replace('_', ' ').upper()}  {hazard.probability * 100:.0f}%"
    padding, height = layout.px(14), layout.px(38)
    right = canvas.shape[1] - layout.px(16)
    left = max(right - _text_width(text, 14, layout, bold=True) - 2 * padding, 0)
    _shade(canvas, (left, top, right, top + height), _HAZARD, 0.9)
    _text(canvas, text, (left + padding, top + layout.px(26)), 14, _TEXT, layout, bold=True)
    return height


def _shade(
    canvas: ImageArray, xyxy: tuple[int, int, int, int], colour: Colour, opacity: float
) -> None:
    """Blend a colour over a rectangle that is clipped to the picture."""
    left, top, right, bottom = xyxy
    region = canvas[top:bottom, left:right]
    if region.size:
        tint = np.full_like(region, colour)
        cv2.addWeighted(region, 1 - opacity, tint, opacity, 0, dst=region)


def _text(
    canvas: ImageArray,
    text: str,
    origin_xy: tuple[int, int],
    size: float,
    colour: Colour,
    layout: _Layout,
    *,
    bold: bool = False,
) -> None:
    """Write text whose baseline starts at ``origin_xy``."""
    font = _BOLD_FONT if bold else _FONT
    scale, weight = layout.font_scale(size), _stroke(layout, bold=bold)
    cv2.putText(canvas, text, origin_xy, font, scale, colour, weight, cv2.LINE_AA)


def _text_width(text: str, size: float, layout: _Layout, *, bold: bool = False) -> int:
    """Return the width of a text in pixels."""
    font = _BOLD_FONT if bold else _FONT
    scale, weight = layout.font_scale(size), _stroke(layout, bold=bold)
    (width, _), _ = cv2.getTextSize(text, font, scale, weight)
    return int(width)


def _stroke(layout: _Layout, *, bold: bool) -> int:
    """Return the thickness of a font's lines in pixels."""
    return layout.px(1.6 if bold else 1.1)


def _fitted(text: str, size: float, layout: _Layout, *, width: int) -> str:
    """Shorten a text that is wider than ``width`` pixels."""
    if _text_width(text, size, layout, bold=True) <= width:
        return text
    while text and _text_width(text + "...", size, layout, bold=True) > width:
        text = text[:-1]
    return text + "..."
