"""Lays pictures out on a sheet, each with the texts that fit it best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.contact_sheet import choose_columns
from scene_clip_ros.report.page import FAINT, LINE_PITCH, MUTED, Font, Page, measure
from scene_clip_ros.report.words import fit, wrap

MAX_PICTURES = 60
"""Pictures that a sheet shows."""

_TITLE, _NOTE = Font(13.0, bold=True), Font(8.5, MUTED)
_NAME, _TEXT, _BEST, _COSINE = Font(9.5, bold=True), Font(8.8), Font(8.8, bold=True), Font(8, MUTED)

_CARD_IN, _PICTURE_IN = 2.9, 2.9 * 9 / 16
"""Width of a picture's place, and its height."""

_EDGE_IN, _GUTTER_IN, _GAP_IN = 0.3, 0.3, 0.07
_BAR_IN = 0.07
_ENTRY_IN = 8.8 / 72 * LINE_PITCH + _BAR_IN + 0.12
"""Height of a text with its bar."""

_BAR, _BEST_BAR = "#8fb3d9", "#0b5394"
_NO_PICTURE = "no picture"


@dataclass(frozen=True, slots=True)
class FittingText:
    """One text below a picture.

    Attributes:
        text: As it was asked.
        probability: That it is the right one among all that were asked, [0, 1].
        cosine: To the picture, [-1, 1].
    """

    text: str
    probability: float
    cosine: float


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of a sheet.

    Attributes:
        name: Above its texts.
        rgb: ``(H, W, 3)`` uint8 RGB; None if there is nothing to show.
        texts: Best first.
    """

    name: str
    rgb: ImageArray | None
    texts: tuple[FittingText, ...]


def draw_label_sheet(pictures: Sequence[LabelledPicture], *, title: str, note: str = "") -> Page:
    """Draw pictures in rows, each with its name, its texts, and a bar for each probability.

    Args:
        pictures: Drawn in their order, the first `MAX_PICTURES` of them; may be empty.
        title: Text above them. What is too long for its place is wrapped or shortened.
        note: Smaller text below the title, or none.
    """
    shown = pictures[:MAX_PICTURES]
    columns = choose_columns(len(shown))
    width = 2 * _EDGE_IN + columns * (_CARD_IN + _GUTTER_IN) - _GUTTER_IN
    room = width - 2 * _EDGE_IN
    titles = wrap(title, width=room, measure=measure(_TITLE), max_lines=2)
    notes = wrap(note, width=room, measure=measure(_NOTE), max_lines=3) if note.strip() else ()
    header = _EDGE_IN + len(titles) * _TITLE.pitch_in + len(notes) * _NOTE.pitch_in + 0.15
    entries = max((len(picture.texts) for picture in shown), default=0)
    card = _PICTURE_IN + _GAP_IN + _NAME.pitch_in + _GAP_IN + entries * _ENTRY_IN + _GUTTER_IN
    page = Page(width, header + math.ceil(len(shown) / columns) * card + _EDGE_IN / 2)
    page.lines(titles, (_EDGE_IN, _EDGE_IN), _TITLE)
    page.lines(notes, (_EDGE_IN, _EDGE_IN + len(titles) * _TITLE.pitch_in), _NOTE)
    for index, picture in enumerate(shown):
        row, column = divmod(index, columns)
        corner = (_EDGE_IN + column * (_CARD_IN + _GUTTER_IN), header + row * card)
        _draw_card(page, picture, corner)
    return page


def _draw_card(page: Page, picture: LabelledPicture, corner_xy: tuple[float, float]) -> None:
    left, top = corner_xy
    right, bottom = left + _CARD_IN, top + _PICTURE_IN
    page.rectangle((left, top, right, bottom), FAINT)
    if picture.rgb is None:
        page.text(_NO_PICTURE, ((left + right) / 2, (top + bottom) / 2), _COSINE, align="center")
    else:
        page.picture(picture.rgb, (left, top, right, bottom))
    name = fit(picture.name, width=_CARD_IN, measure=measure(_NAME))
    page.text(name, (left, bottom + _GAP_IN + _NAME.pitch_in / 2), _NAME)
    y = bottom + 2 * _GAP_IN + _NAME.pitch_in
    for index, entry in enumerate(picture.texts):
        _draw_entry(page, entry, (left, y + index * _ENTRY_IN), is_best=index == 0)


def _draw_entry(
    page: Page, entry: FittingText, corner_xy: tuple[float, float], *, is_best: bool
) -> None:
    """Draw a text, its figures right of it, and the bar of its probability below."""
    left, top = corner_xy
    right, middle = left + _CARD_IN, top + _TEXT.pitch_in / 2
    font = _BEST if is_best else _TEXT
    percent, cosine = format_share(entry.probability), f"{entry.cosine:.3f}"
    cosine_in = measure(_COSINE)("-0.000") + 0.1
    percent_in = measure(_BEST)("100 %") + 0.1
    page.text(cosine, (right, middle), _COSINE, align="right")
    page.text(percent, (right - cosine_in, middle), font, align="right")
    room = _CARD_IN - cosine_in - percent_in
    page.text(fit(entry.text, width=room, measure=measure(font)), (left, middle), font)
    y = top + _TEXT.pitch_in
    page.rectangle((left, y, right, y + _BAR_IN), FAINT)
    if entry.probability > 0:
        end = left + _CARD_IN * min(entry.probability, 1.0)
        page.rectangle((left, y, end, y + _BAR_IN), _BEST_BAR if is_best else _BAR)


def format_share(probability: float) -> str:
    """Write a probability in whole percent; what is neither 0 nor 100 is not rounded to it."""
    if 0 < probability < 0.005:
        return "<1 %"
    if 0.995 <= probability < 1:
        return ">99 %"
    return f"{100 * probability:.0f} %"
