"""A picture to draw on, in units that suit its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.core.types import ImageArray

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom in units of a `Canvas`."""

PANEL: Colour = (14, 20, 28)
TEXT: Colour = (245, 248, 250)
MUTED: Colour = (142, 150, 158)

MARGIN, PADDING, GAP = 16, 14, 8
"""Units to the picture's edge, within a panel, and between two things."""

_MIN_CAPITAL_PX = 6.0
"""Height of the smallest capital that can be read, pixels."""

_CAPITAL_HEIGHT = 21.0
"""Height of a capital of OpenCV's fonts at scale 1, pixels."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: height of its capitals in units, RGB colour, weight."""

    size: float
    colour: Colour
    bold: bool = False

    @property
    def font(self) -> int:
        """Number of the font in OpenCV."""
        return cv2.FONT_HERSHEY_DUPLEX if self.bold else cv2.FONT_HERSHEY_SIMPLEX


class Canvas:
    """A picture that is drawn on in units; one is a pixel where the picture has 720 lines.

    Units grow with the picture, yet less than it, so that small pictures stay readable.
    """

    def __init__(self, rgb: ImageArray, *, unit_px: float | None = None) -> None:
        """Take a picture.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB, drawn on.
            unit_px: Pixels of a unit, > 0; ``None`` for what suits the picture's size.
        """
        height, width = rgb.shape[:2]
        self.rgb = rgb
        suitable = 0.35 + 0.65 * min(height, width * 9 / 16) / 720
        self._pixels: float = suitable if unit_px is None else unit_px
        self.width = width / self._pixels
        self.height = height / self._pixels

    def shade(self, rect: Rect, colour: Colour, opacity: float) -> None:
        """Blend a colour over a rectangle; it is clipped to the picture."""
        left, top, right, bottom = (self._px(side) for side in rect)
        self._blend((left, top, right, bottom), colour, opacity)

    def outline(self, rect: Rect, colour: Colour, *, weight: float, opacity: float = 1.0) -> None:
        """Draw the border of a rectangle, ``weight`` units thick, just outside of it."""
        left, top, right, bottom = (self._px(side) for side in rect)
        thick = self._weight(weight)
        for side in (
            (left - thick, top - thick, right + thick, top),
            (left - thick, bottom, right + thick, bottom + thick),
            (left - thick, top, left, bottom),
            (right, top, right + thick, bottom),
        ):
            self._blend(side, colour, opacity)

    def polygon(
        self, points: Sequence[tuple[float, float]], colour: Colour, *, opacity: float
    ) -> None:
        """Blend a colour over a polygon, and draw its border."""
        corners = np.array([[self._px(x), self._px(y)] for x, y in points], np.int32)
        left, top, width, height = cv2.boundingRect(corners)
        left, top, right, bottom = max(left, 0), max(top, 0), left + width, top + height
        region = self.rgb[top:bottom, left:right]
        if region.size:
            tint = region.copy()
            cv2.fillPoly(tint, [corners - (left, top)], colour)
            cv2.addWeighted(region, 1 - opacity, tint, opacity, 0, dst=region)
        cv2.polylines(self.rgb, [corners], True, colour, self._weight(2), cv2.LINE_AA)

    def text(self, text: str, baseline_xy: tuple[float, float], style: Style) -> None:
        """Write a text whose baseline begins at a point."""
        origin = (self._px(baseline_xy[0]), self._px(baseline_xy[1]))
        scale, weight = self._scale_and_weight(style)
        cv2.putText(self.rgb, text, origin, style.font, scale, style.colour, weight, cv2.LINE_AA)

    def text_width(self, text: str, style: Style) -> float:
        """Return the width of a text."""
        (width_px, _), _ = cv2.getTextSize(text, style.font, *self._scale_and_weight(style))
        return float(width_px / self._pixels)

    def is_readable(self, style: Style) -> bool:
        """Tell whether a text of a style can be read in this picture."""
        return style.size * self._pixels >= _MIN_CAPITAL_PX

    def fitted(self, text: str, style: Style, *, width: float) -> str:
        """Shorten a text that is wider than ``width``."""
        if self.text_width(text, style) <= width:
            return text
        while text and self.text_width(text + "...", style) > width:
            text = text[:-1]
        return text.rstrip(" ,") + "..."

    def _blend(self, pixels: tuple[int, int, int, int], colour: Colour, opacity: float) -> None:
        left, top, right, bottom = (max(side, 0) for side in pixels)
        region = self.rgb[top:bottom, left:right]
        if region.size:
            tint = np.full_like(region, colour)
            cv2.addWeighted(region, 1 - opacity, tint, opacity, 0, dst=region)

    def _scale_and_weight(self, style: Style) -> tuple[float, int]:
        scale = style.size * self._pixels / _CAPITAL_HEIGHT
        return scale, self._weight(1.6 if style.bold else 1.1)

    def _weight(self, units: float) -> int:
        return max(1, self._px(units))

    def _px(self, units: float) -> int:
        return round(units * self._pixels)


def spelled(name: str) -> str:
    """Return a name of the vocabulary as a caption."""
    return name.replace("_", " ").upper()


def overlaps(first: Rect, second: Rect) -> bool:
    """Tell whether two rectangles have an area in common."""
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )
