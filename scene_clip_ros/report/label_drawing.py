"""Draws the labels of a scene: a panel of attributes, and a chip for each hazard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scene_clip_ros.core.types import UNKNOWN, AttributeState, HazardState
from scene_clip_ros.report.canvas import (
    GAP,
    MARGIN,
    MUTED,
    PADDING,
    PANEL,
    TEXT,
    Canvas,
    Colour,
    Rect,
    Style,
    spelled,
)
from scene_clip_ros.report.time_words import spell_name

_TRACK: Colour = (58, 68, 80)
_BAR: Colour = (64, 196, 170)
_HAZARD: Colour = (214, 52, 44)

_PANEL_WIDTH, _ROW_HEIGHT, _CHIP_HEIGHT = 330, 50, 38
_SMALL_WIDTH, _SMALL_ROW_HEIGHT, _SMALL_PADDING = 200, 26, 8

_MAX_PANEL_SHARE = 0.4
"""Share of the picture's height above which the panel is drawn small."""

_CAPTION = Style(9, (158, 176, 194))
_LABEL = Style(14, TEXT, bold=True)
_UNKNOWN_LABEL = Style(14, MUTED)
_PERCENT = Style(12, TEXT)
_SMALL_LABEL = Style(12, TEXT, bold=True)
_CHIP = Style(14, TEXT, bold=True)


def draw_attributes(canvas: Canvas, attributes: tuple[AttributeState, ...]) -> Rect | None:
    """Draw one row per attribute on a dark panel at the upper left: name, label, share, bar.

    Returns:
        What it covers; ``None`` if there are no attributes.
    """
    if not attributes:
        return None
    height = 2 * PADDING + _ROW_HEIGHT * len(attributes) - GAP
    if height > _MAX_PANEL_SHARE * canvas.height:
        return _draw_small(canvas, attributes)
    panel = (MARGIN, MARGIN, MARGIN + _PANEL_WIDTH, MARGIN + height)
    canvas.shade(panel, PANEL, 0.72)
    for index, state in enumerate(attributes):
        _draw_attribute(canvas, state, top=MARGIN + PADDING + index * _ROW_HEIGHT)
    return panel


def draw_hazards(
    canvas: Canvas, hazards: Iterable[HazardState], *, top: float, left: float
) -> list[Rect]:
    """Draw the active hazards as red chips at the right edge, one below the other.

    Args:
        canvas: What is drawn on.
        hazards: Active or not.
        top: Where the first one begins.
        left: None reaches farther left.

    Returns:
        What they cover.
    """
    chips = []
    for hazard in hazards:
        if hazard.active:
            chips.append(_draw_hazard(canvas, hazard, top=top, left=left))
            top += _CHIP_HEIGHT + GAP
    return chips


def _draw_attribute(canvas: Canvas, state: AttributeState, *, top: float) -> None:
    left, right = MARGIN + PADDING, MARGIN + _PANEL_WIDTH - PADDING
    known = state.label != UNKNOWN
    canvas.text(spelled(state.name), (left, top + 10), _CAPTION)

    percent = f"{state.probability:.0%}"
    percent_style = _PERCENT if known else replace(_PERCENT, colour=MUTED)
    percent_left = right - canvas.text_width(percent, percent_style)
    canvas.text(percent, (percent_left, top + 31), percent_style)

    label_style = _LABEL if known else _UNKNOWN_LABEL
    label = canvas.fitted(state.label, label_style, width=percent_left - left - GAP)
    canvas.text(label, (left, top + 31), label_style)

    filled = left + (right - left) * min(max(state.probability, 0.0), 1.0)
    canvas.shade((left, top + 37, right, top + 41), _TRACK, 1.0)
    canvas.shade((left, top + 37, filled, top + 41), _BAR if known else MUTED, 1.0)


def _draw_small(canvas: Canvas, attributes: tuple[AttributeState, ...]) -> Rect:
    """Draw labels and shares only."""
    height = 2 * _SMALL_PADDING + _SMALL_ROW_HEIGHT * len(attributes) - GAP
    panel = (MARGIN, MARGIN, MARGIN + _SMALL_WIDTH, MARGIN + height)
    canvas.shade(panel, PANEL, 0.72)
    left, right = MARGIN + _SMALL_PADDING, MARGIN + _SMALL_WIDTH - _SMALL_PADDING
    for index, state in enumerate(attributes):
        baseline = MARGIN + _SMALL_PADDING + index * _SMALL_ROW_HEIGHT + _SMALL_LABEL.size + 2
        known = state.label != UNKNOWN
        percent = f"{state.probability:.0%}" if known else "?"
        percent_left = right - canvas.text_width(percent, _PERCENT)
        canvas.text(percent, (percent_left, baseline), _PERCENT)
        style = _SMALL_LABEL if known else replace(_PERCENT, colour=MUTED)
        text = state.label if known else spell_name(state.name)
        label = canvas.fitted(text, style, width=percent_left - left - GAP)
        canvas.text(label, (left, baseline), style)
    return panel


def _draw_hazard(canvas: Canvas, hazard: HazardState, *, top: float, left: float) -> Rect:
    right = canvas.width - MARGIN
    text = f"{spelled(hazard.name)}  {hazard.probability:.0%}"
    text = canvas.fitted(text, _CHIP, width=right - left - 2 * PADDING)
    start = max(right - canvas.text_width(text, _CHIP) - 2 * PADDING, left)
    chip = (start, top, right, top + _CHIP_HEIGHT)
    canvas.shade(chip, _HAZARD, 0.9)
    canvas.text(text, (start + PADDING, top + 26), _CHIP)
    return chip
