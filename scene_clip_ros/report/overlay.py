"""Draws what is held of a frame on the frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from scene_clip_ros.core.types import UNKNOWN, AttributeState, FrameResult, HazardState, ImageArray

Colour = tuple[int, int, int]

_PANEL: Colour = (14, 20, 28)
_TRACK: Colour = (58, 68, 80)
_BAR: Colour = (64, 196, 170)
_MUTED: Colour = (142, 150, 158)
_HAZARD: Colour = (214, 52, 44)

_CAPITAL_HEIGHT = 21.0
"""Height of a capital of OpenCV's fonts at scale 1, pixels."""

_MARGIN, _PADDING, _GAP = 16, 14, 8
_PANEL_WIDTH, _ROW_HEIGHT, _CHIP_HEIGHT = 330, 50, 38


@dataclass(frozen=True, slots=True)
class _Style:
    """How a text looks: height of its capitals in units, RGB colour, weight."""

    size: float
    colour: Colour
    bold: bool = False

    @property
    def font(self) -> int:
        return cv2.FONT_HERSHEY_DUPLEX if self.bold else cv2.FONT_HERSHEY_SIMPLEX


_CAPTION = _Style(9, (158, 176, 194))
_LABEL = _Style(14, (245, 248, 250), bold=True)
_UNKNOWN_LABEL = _Style(14, _MUTED)
_PERCENT = _Style(12, (245, 248, 250))
_CHIP = _Style(14, (245, 248, 250), bold=True)


def draw_labels(rgb: ImageArray, result: FrameResult) -> ImageArray:
    """Draw the attributes on the upper left and the active hazards on the upper right.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB; not written to.
        result: What is held of it.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.
    """
    canvas = _Canvas(rgb.copy())
    if result.attributes:
        _draw_attributes(canvas, result.attributes)
    top = _MARGIN
    for hazard in result.hazards:
        if hazard.active:
            _draw_hazard(canvas, hazard, top=top)
            top += _CHIP_HEIGHT + _GAP
    return canvas.rgb


class _Canvas:
    """A picture that is drawn on in units; one is a pixel where the picture has 720 lines.

    Units grow with the picture, yet less than it, so that small pictures stay readable.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB, drawn on.
    """

    def __init__(self, rgb: ImageArray) -> None:
        height, width = rgb.shape[:2]
        self.rgb = rgb
        self._pixels: float = 0.35 + 0.65 * min(height, width * 9 / 16) / 720
        self.width = width / self._pixels

    def shade(
        self, xyxy: tuple[float, float, float, float], colour: Colour, opacity: float
    ) -> None:
        """Blend a colour over a rectangle; it is clipped to the picture."""
        left, top, right, bottom = (max(self._px(side), 0) for side in xyxy)
        region = self.rgb[top:bottom, left:right]
        if region.size:
            tint = np.full_like(region, colour)
            cv2.addWeighted(region, 1 - opacity, tint, opacity, 0, dst=region)

    def text(self, text: str, baseline_xy: tuple[float, float], style: _Style) -> None:
        """Write a text whose baseline begins at a point."""
        origin = (self._px(baseline_xy[0]), self._px(baseline_xy[1]))
        scale, weight = self._scale_and_weight(style)
        cv2.putText(self.rgb, text, origin, style.font, scale, style.colour, weight, cv2.LINE_AA)

    def text_width(self, text: str, style: _Style) -> float:
        """Return the width of a text."""
        (width_px, _), _ = cv2.getTextSize(text, style.font, *self._scale_and_weight(style))
        return float(width_px / self._pixels)

    def _scale_and_weight(self, style: _Style) -> tuple[float, int]:
        scale = style.size * self._pixels / _CAPITAL_HEIGHT
        return scale, max(1, self._px(1.6 if style.bold else 1.1))

    def _px(self, units: float) -> int:
        return round(units * self._pixels)


def _draw_attributes(canvas: _Canvas, attributes: tuple[AttributeState, ...]) -> None:
    """Draw one row per attribute on a dark panel: name, label, probability, bar."""
    bottom = _MARGIN + 2 * _PADDING + _ROW_HEIGHT * len(attributes) - _GAP
    canvas.shade((_MARGIN, _MARGIN, _MARGIN + _PANEL_WIDTH, bottom), _PANEL, 0.72)
    for index, state in enumerate(attributes):
        _draw_attribute(canvas, state, top=_MARGIN + _PADDING + index * _ROW_HEIGHT)


def _draw_attribute(canvas: _Canvas, state: AttributeState, *, top: float) -> None:
    left, right = _MARGIN + _PADDING, _MARGIN + _PANEL_WIDTH - _PADDING
    known = state.label != UNKNOWN
    canvas.text(_spelled(state.name), (left, top + 10), _CAPTION)

    percent = f"{state.probability:.0%}"
    percent_style = _PERCENT if known else replace(_PERCENT, colour=_MUTED)
    percent_left = right - canvas.text_width(percent, percent_style)
    canvas.text(percent, (percent_left, top + 31), percent_style)

    label_style = _LABEL if known else _UNKNOWN_LABEL
    label = _fitted(canvas, state.label, label_style, width=percent_left - left - _GAP)
    canvas.text(label, (left, top + 31), label_style)

    filled = left + (right - left) * min(max(state.probability, 0.0), 1.0)
    canvas.shade((left, top + 37, right, top + 41), _TRACK, 1.0)
    canvas.shade((left, top + 37, filled, top + 41), _BAR if known else _MUTED, 1.0)


def _draw_hazard(canvas: _Canvas, hazard: HazardState, *, top: float) -> None:
    """Draw one hazard as a red chip at the right edge."""
    text = f"{_spelled(hazard.name)}  {hazard.probability:.0%}"
    right = canvas.width - _MARGIN
    left = max(right - canvas.text_width(text, _CHIP) - 2 * _PADDING, 0)
    canvas.shade((left, top, right, top + _CHIP_HEIGHT), _HAZARD, 0.9)
    canvas.text(text, (left + _PADDING, top + 26), _CHIP)


def _spelled(name: str) -> str:
    """Return a name of the vocabulary as a caption."""
    return name.replace("_", " ").upper()


def _fitted(canvas: _Canvas, text: str, style: _Style, *, width: float) -> str:
    """Shorten a text that is wider than ``width``."""
    if canvas.text_width(text, style) <= width:
        return text
    while text and canvas.text_width(text + "...", style) > width:
        text = text[:-1]
    return text + "..."
