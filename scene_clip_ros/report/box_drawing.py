"""Draws boxes and their tags; a tag that would hide another one gives way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.report.alert_drawing import level_colours
from scene_clip_ros.report.canvas import PANEL, Canvas, Colour, Rect, Style, overlaps

_PERSON: Colour = (86, 190, 245)
_OTHER: Colour = (206, 214, 222)
_INK: Colour = (10, 14, 18)

_CAUSE, _PEOPLE, _OTHERS = 0, 1, 2
"""Ranks: who causes the level, other people, everything else."""

_MIN_TAGGED = 44
"""Longer side of the smallest thing other than a person that gets a tag, units."""

_TAG_PADDING = 6


@dataclass(frozen=True, slots=True)
class _Look:
    """How a box looks.

    Attributes:
        rank: The lower, the more it matters.
        colour: Of its border, and of its tag's background.
        weight: Thickness of its border, units.
        tag: Style of its tag.
    """

    rank: int
    colour: Colour
    weight: float
    tag: Style


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box on a canvas."""

    box: ScoredBox
    rect: Rect
    look: _Look


def draw_borders(
    canvas: Canvas, boxes: FrameBoxes, *, alert: Alert | None, vulnerable: Collection[str]
) -> list[DrawnBox]:
    """Draw the borders of boxes, what matters most on top.

    Args:
        canvas: What is drawn on; its picture may be scaled.
        boxes: In pixels of their own picture.
        alert: What is held; whoever causes it has the colour of its level.
        vulnerable: Labels of people.

    Returns:
        What was drawn, what matters most first.
    """
    scale_x, scale_y = canvas.width / boxes.size_wh[0], canvas.height / boxes.size_wh[1]
    drawn = []
    for box in boxes.boxes:
        left, top, right, bottom = box.xyxy
        rect = (left * scale_x, top * scale_y, right * scale_x, bottom * scale_y)
        drawn.append(DrawnBox(box, rect, _look(box, alert, vulnerable)))
    drawn.sort(key=lambda each: (each.look.rank, -each.box.score))
    for each in reversed(drawn):
        canvas.outline(each.rect, _INK, weight=each.look.weight + 1.5, opacity=0.4)
        canvas.outline(each.rect, each.look.colour, weight=each.look.weight)
    return drawn


def draw_tags(canvas: Canvas, drawn: Sequence[DrawnBox], *, taken: Iterable[Rect]) -> list[Rect]:
    """Write label, score and track at each box, where there is room for it.

    Args:
        canvas: What is drawn on.
        drawn: As `draw_borders` returned them.
        taken: What must stay readable.

    Returns:
        What the tags cover.
    """
    tags: list[Rect] = []
    occupied = list(taken)
    for each in drawn:
        placed = _find_place(canvas, each, drawn, [*occupied, *tags])
        if placed is None:
            continue
        text, rect = placed
        is_person = each.look.rank < _OTHERS
        canvas.shade(rect, each.look.colour if is_person else PANEL, 0.92)
        baseline = rect[1] + _TAG_PADDING + each.look.tag.size
        canvas.text(text, (rect[0] + _TAG_PADDING, baseline), each.look.tag)
        tags.append(rect)
    return tags


def _find_place(
    canvas: Canvas, each: DrawnBox, drawn: Sequence[DrawnBox], occupied: Sequence[Rect]
) -> tuple[str, Rect] | None:
    """Find a text and a place for a tag; a person may hide people who matter less."""
    people = [other for other in drawn if other is not each and other.look.rank < _OTHERS]
    rank = each.look.rank
    if rank == _OTHERS and not (_is_worth_a_tag(each.rect) and canvas.is_readable(each.look.tag)):
        return None
    placed = _place_tag(canvas, each, [*occupied, *(other.rect for other in people)])
    if placed is None and rank < _OTHERS:
        ahead = [other.rect for other in people if other.look.rank < rank]
        placed = _place_tag(canvas, each, [*occupied, *ahead])
    return placed


def _look(box: ScoredBox, alert: Alert | None, vulnerable: Collection[str]) -> _Look:
    """Choose how a box looks."""
    if alert is not None and any(_is_same(box, cause) for cause in alert.boxes):
        colour, ink = level_colours(alert.level)
        return _Look(_CAUSE, colour, 2.6, Style(12, ink, bold=True))
    if box.label in vulnerable:
        return _Look(_PEOPLE, _PERSON, 2.0, Style(12, _INK, bold=True))
    return _Look(_OTHERS, _OTHER, 1.0, Style(9.5, _OTHER))


def _is_same(box: ScoredBox, other: ScoredBox) -> bool:
    """Tell whether two boxes are of one object."""
    if box.track_id != NO_TRACK:
        return box.track_id == other.track_id
    return box.xyxy == other.xyxy


def _is_worth_a_tag(rect: Rect) -> bool:
    return max(rect[2] - rect[0], rect[3] - rect[1]) >= _MIN_TAGGED


def _place_tag(
    canvas: Canvas, drawn: DrawnBox, occupied: Sequence[Rect]
) -> tuple[str, Rect] | None:
    """Find a text and a place that hide nothing; ``None`` if there is none."""
    for text in _texts(drawn.box):
        for rect in _places(canvas, drawn, text):
            within = rect[0] >= 0 and rect[1] >= 0
            within = within and rect[2] <= canvas.width and rect[3] <= canvas.height
            if within and not any(overlaps(rect, each) for each in occupied):
                return text, rect
    return None


def _texts(box: ScoredBox) -> tuple[str, str]:
    """Return what a tag says, and the short form of it."""
    track = "" if box.track_id == NO_TRACK else f" #{box.track_id}"
    return f"{box.label} {box.score:.0%}{track}", box.label


def _places(canvas: Canvas, drawn: DrawnBox, text: str) -> Iterator[Rect]:
    """Yield where a tag may go, the best place first: above, below, beside, within."""
    style = drawn.look.tag
    width = canvas.text_width(text, style) + 2 * _TAG_PADDING
    height = style.size + 2 * _TAG_PADDING
    border = drawn.look.weight
    left, top = drawn.rect[0] - border, drawn.rect[1] - border
    right, bottom = drawn.rect[2] + border, drawn.rect[3] + border
    starts = (left, min(max((left + right - width) / 2, 0), canvas.width - width), right - width)
    for y in (top - height, bottom):
        for x in starts:
            yield x, y, x + width, y + height
    for x in (right, left - width):
        yield x, top, x + width, top + height
    yield left, top, left + width, top + height
