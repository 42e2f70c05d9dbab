"""Lays pictures with captions out on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.canvas import MUTED, TEXT, Canvas, Colour, Rect, Style

MAX_PICTURES = 100
"""Pictures that a sheet shows; more make a file that few programs open."""

_TILE_WIDTH, _PICTURE_HEIGHT = 420, 236
"""Of the room for a picture, pixels; pictures keep their proportions in it."""

_EDGE, _GUTTER, _PADDING, _LINE_HEIGHT = 32, 22, 16, 27
"""Around the sheet, between tiles, around a caption, and from line to line, pixels."""

_MAX_COLUMNS = 5

_GROUND: Colour = (9, 13, 18)
_CARD: Colour = (23, 30, 39)
_FRAME: Colour = (3, 5, 8)

_TITLE = Style(20, TEXT, bold=True)
_NOTE = Style(13, MUTED)
_HEADLINE = Style(14.5, TEXT, bold=True)
_LINE = Style(12.5, (186, 196, 206))
_MISSING = Style(12.5, MUTED)


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One picture of a sheet.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 RGB of any size; ``None`` if there is nothing to show.
        lines: Its caption, the most important line first.
    """

    rgb: ImageArray | None
    lines: tuple[str, ...]


def draw_contact_sheet(
    pictures: Sequence[SheetPicture], *, title: str, note: str = ""
) -> ImageArray:
    """Draw pictures in rows, each with its caption below it.

    Args:
        pictures: Drawn in their order, the first `MAX_PICTURES` of them; may be empty.
        title: Text above them. Texts that are too long for their place are shortened.
        note: Smaller text below the title, or none.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.
    """
    shown = pictures[:MAX_PICTURES]
    columns = choose_columns(len(shown))
    rows = math.ceil(len(shown) / columns)
    card_height = _card_height(max((len(picture.lines) for picture in shown), default=0))
    header = _EDGE + 42 + 34 * bool(note)
    width = 2 * _EDGE + columns * (_TILE_WIDTH + _GUTTER) - _GUTTER
    height = header + rows * (card_height + _GUTTER) - _GUTTER * bool(rows) + _EDGE
    canvas = Canvas(np.full((height, width, 3), _GROUND, np.uint8), unit_px=1.0)
    _draw_header(canvas, title, note)
    for index, picture in enumerate(shown):
        row, column = divmod(index, columns)
        left = _EDGE + column * (_TILE_WIDTH + _GUTTER)
        top = header + row * (card_height + _GUTTER)
        _draw_card(canvas, picture, (left, top, left + _TILE_WIDTH, top + card_height))
    return canvas.rgb


def choose_columns(count: int) -> int:
    """Return how many pictures go into a row, so that the last one is as full as can be.

    Args:
        count: Pictures of the sheet, ≥ 0.

    Returns:
        From 2, which leave room for the title, to 5.
    """
    if count <= _MAX_COLUMNS:
        return 2 if count <= 2 or count == 4 else 3
    return min(range(_MAX_COLUMNS, 2, -1), key=lambda columns: -count % columns)


def shrink(rgb: ImageArray) -> ImageArray:
    """Scale a picture to the size that it has on a sheet; one of that size stays as it is.

    Who collects pictures for a sheet holds less if they are shrunk at once.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB of any size.
    """
    height, width = rgb.shape[:2]
    scale = min(_TILE_WIDTH / width, _PICTURE_HEIGHT / height)
    size_wh = (max(round(width * scale), 1), max(round(height * scale), 1))
    if size_wh == (width, height):
        return rgb
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=method), np.uint8)


def _card_height(lines: int) -> int:
    caption = 2 * _PADDING + _LINE_HEIGHT * lines - (_LINE_HEIGHT - 14) if lines else 0
    return _PICTURE_HEIGHT + caption


def _draw_header(canvas: Canvas, title: str, note: str) -> None:
    room = canvas.width - 2 * _EDGE
    canvas.text(canvas.fitted(title, _TITLE, width=room), (_EDGE, _EDGE + 16), _TITLE)
    canvas.text(canvas.fitted(note, _NOTE, width=room), (_EDGE, _EDGE + 48), _NOTE)


def _draw_card(canvas: Canvas, picture: SheetPicture, rect: Rect) -> None:
    """Draw a picture with its caption."""
    left, top, right, _ = rect
    canvas.shade(rect, _CARD, 1.0)
    canvas.shade((left, top, right, top + _PICTURE_HEIGHT), _FRAME, 1.0)
    if picture.rgb is None:
        text = "no picture recorded"
        middle = (left + right - canvas.text_width(text, _MISSING)) / 2
        canvas.text(text, (middle, top + _PICTURE_HEIGHT / 2 + 5), _MISSING)
    else:
        _paste(canvas.rgb, picture.rgb, (round(left), round(top)))
    baseline = top + _PICTURE_HEIGHT + _PADDING + 14
    for index, line in enumerate(picture.lines):
        style = _LINE if index else _HEADLINE
        text = canvas.fitted(line, style, width=right - left - 2 * _PADDING)
        canvas.text(text, (left + _PADDING, baseline + index * _LINE_HEIGHT), style)


def _paste(sheet: ImageArray, rgb: ImageArray, corner_xy: tuple[int, int]) -> None:
    """Put a picture into its room, in the middle of it."""
    small = shrink(rgb)
    height, width = small.shape[:2]
    left = corner_xy[0] + (_TILE_WIDTH - width) // 2
    top = corner_xy[1] + (_PICTURE_HEIGHT - height) // 2
    sheet[top : top + height, left : left + width] = small
