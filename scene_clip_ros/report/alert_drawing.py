"""Draws what is held of the people ahead: the zone on the road, and a banner.

The colours can be told apart by colour-blind people, too (after Okabe and Ito, "Color universal
design", 2008), and none stands alone: the level is written, and the more urgent, the more solid.
"""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.report.canvas import (
    MARGIN,
    PADDING,
    PANEL,
    TEXT,
    Canvas,
    Colour,
    Rect,
    Style,
)

BANNER_HEIGHT = 68
_BANNER_WIDTH, _MIN_BANNER_WIDTH = 440, 300
_DARK: Colour = (24, 18, 4)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a level looks.

    Attributes:
        colour: Of the zone, and of the boxes that cause the level.
        opacity: Of the zone.
        banner: Background of the banner.
        level: Colour of the level's name.
        text: Colour of other texts on ``colour``.
    """

    colour: Colour
    opacity: float
    banner: Colour
    level: Colour
    text: Colour


_GREEN: Colour = (26, 176, 136)
_AMBER: Colour = (240, 172, 24)
_RED: Colour = (222, 48, 38)
_VIOLET: Colour = (126, 84, 176)

_LOOKS = {
    AlertLevel.CLEAR: _Look(_GREEN, 0.12, PANEL, (98, 214, 180), TEXT),
    AlertLevel.CAUTION: _Look(_AMBER, 0.22, _AMBER, _DARK, _DARK),
    AlertLevel.WARNING: _Look(_RED, 0.34, _RED, TEXT, TEXT),
    AlertLevel.STALE: _Look(_VIOLET, 0.3, _VIOLET, TEXT, TEXT),
}


def level_colours(level: AlertLevel) -> tuple[Colour, Colour]:
    """Return the colour of a level, and that of a text on it."""
    return _LOOKS[level].colour, _LOOKS[level].text


def draw_zone(canvas: Canvas, alert: Alert) -> None:
    """Draw the zone, translucent in the colour of the level."""
    look = _LOOKS[alert.level]
    corners = [(x * canvas.width, y * canvas.height) for x, y in alert.zone]
    if len(corners) >= 3:
        canvas.polygon(corners, look.colour, opacity=look.opacity)


def place_banner(canvas: Canvas, *, left: float) -> Rect:
    """Return where a banner goes: the upper right, or the bottom of a picture too narrow for it.

    Args:
        canvas: What is drawn on.
        left: What is at the upper left ends here.
    """
    right = canvas.width - MARGIN
    start = max(right - _BANNER_WIDTH, left)
    if right - start >= _MIN_BANNER_WIDTH:
        return start, MARGIN, right, MARGIN + BANNER_HEIGHT
    bottom = canvas.height - MARGIN
    return MARGIN, bottom - BANNER_HEIGHT, right, bottom


def draw_banner(canvas: Canvas, alert: Alert, rect: Rect) -> None:
    """Draw the level, and the reason below it."""
    look = _LOOKS[alert.level]
    left, top, right, _ = rect
    canvas.shade(rect, look.banner, 0.72 if alert.level == AlertLevel.CLEAR else 0.94)
    canvas.shade((left, top, left + 6, rect[3]), look.colour, 1.0)
    start = left + 6 + PADDING
    canvas.text(alert.level.name, (start, top + 29), Style(17, look.level, bold=True))
    style = Style(12, look.text)
    reason = canvas.fitted(alert.reason, style, width=right - PADDING - start)
    canvas.text(reason, (start, top + 54), style)
