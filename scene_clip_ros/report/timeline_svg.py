"""Draws what was held when as rows of SVG that fit any width without scaling their texts.

All horizontal measures are percentages. A text is there if its bar has room for it on a wide
screen; if it has none on a phone, its class ``wide`` tells the page to leave it out there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.report.held_spans import Span
from scene_clip_ros.report.time_words import spell_duration, spell_moment
from scene_clip_ros.report.timeline_looks import Look, fill

MAX_BARS = 300
"""Most bars of a row: more are narrower than can be seen, and make the page large."""

ROW_HEIGHT = 26

_WIDE_PX, _NARROW_PX = 780.0, 300.0
"""Width of a row on a screen and on a phone, at least."""

_CHARACTER_PX, _PADDING_PX = 7.6, 12.0
"""Of a text, at most, and around it."""

_MIN_PERCENT = 0.25
"""Of a bar: what is shorter is drawn as wide as this, so that it can be seen."""

_STEPS_S = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 14400, 28800, 86400),
)
_WIDE_TICKS, _NARROW_TICKS = 9, 4


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """What a row covers: from one time to another, nanoseconds; at least a millisecond."""

    start_ns: int
    end_ns: int

    def percent(self, time_ns: int) -> float:
        """Return where a time is, [0, 100]."""
        length_ns = max(self.end_ns - self.start_ns, 1_000_000)
        return min(max(100 * (time_ns - self.start_ns) / length_ns, 0.0), 100.0)

    def seconds(self, time_ns: int) -> float:
        """Return a time as seconds since the start."""
        return (time_ns - self.start_ns) / NS_PER_S

    @property
    def length_s(self) -> float:
        """Seconds."""
        return max(self.end_ns - self.start_ns, 1_000_000) / NS_PER_S


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a row: a span, what it is called, and how it looks."""

    span: Span
    text: str
    look: Look


def draw_row(
    bars: Sequence[Bar], covered: Sequence[Span], axis: TimeAxis, *, title: str, remark: str = ""
) -> str:
    """Draw one row.

    Args:
        bars: In order of time, not overlapping; at most ``MAX_BARS`` should be given.
        covered: Times of which there are frames; the others get a dashed line.
        axis: What the row covers.
        title: What the row tells, for those who do not see it.
        remark: Text at its left end, for a row without bars; may be empty.
    """
    shapes = [*_draw_grid(axis), _draw_no_frames(), *_draw_covered(covered, axis)]
    shapes += [_draw_bar(bar, axis) for bar in bars]
    if remark:
        shapes.append(f'<text class="remark" x="6" y="{ROW_HEIGHT - 9}">{_escape(remark)}</text>')
    return (
        f'<svg class="row" width="100%" height="{ROW_HEIGHT}" role="img" '
        f'aria-label="{_escape(title)}">{"".join(shapes)}</svg>'
    )


def draw_axis(axis: TimeAxis) -> str:
    """Draw the axis below rows: time since its start, with units."""
    marks = []
    for seconds, is_narrow in _ticks(axis):
        percent = 100 * seconds / axis.length_s
        hidden = "" if is_narrow else ' class="wide"'
        anchor = "start" if percent < 4 else "end" if percent > 96 else "middle"
        marks.append(
            f'<g{hidden}><line x1="{percent:.2f}%" x2="{percent:.2f}%" y1="0" y2="6"/>'
            f'<text x="{percent:.2f}%" y="19" text-anchor="{anchor}">{spell_duration(seconds)}'
            "</text></g>"
        )
    line = '<line x1="0" x2="100%" y1="0.5" y2="0.5"/>'
    length = spell_duration(axis.length_s)
    return (
        f'<svg class="axis" width="100%" height="24" role="img" '
        f'aria-label="time since the start, 0 s to {length}">{line}{"".join(marks)}</svg>'
    )


def cover(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join spans that touch, whatever their values: the times of which there are frames."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end_ns >= span.start_ns:
            joined[-1] = Span(0, joined[-1].start_ns, span.end_ns)
        else:
            joined.append(Span(0, span.start_ns, span.end_ns))
    return tuple(joined)


def _ticks(axis: TimeAxis) -> list[tuple[float, bool]]:
    """Return seconds to be marked, and whether a phone has room for them."""
    fine_s, coarse_s = _step_s(axis, _WIDE_TICKS), _step_s(axis, _NARROW_TICKS)
    count = math.floor(axis.length_s / fine_s + 1e-6)
    seconds = [index * fine_s for index in range(count + 1)]
    return [(each, _is_multiple(each, coarse_s)) for each in seconds]


def _step_s(axis: TimeAxis, max_ticks: int) -> float:
    """Return the finest step that gives no more ticks than there is room for."""
    fitting = (step for step in _STEPS_S if axis.length_s / step <= max_ticks)
    return next(fitting, math.ceil(axis.length_s / max_ticks / 86400) * 86400)


def _is_multiple(seconds: float, step_s: float) -> bool:
    return abs(seconds / step_s - round(seconds / step_s)) < 1e-6


def _draw_grid(axis: TimeAxis) -> list[str]:
    percents = (100 * seconds / axis.length_s for seconds, _ in _ticks(axis))
    return [
        f'<line class="grid" x1="{percent:.2f}%" x2="{percent:.2f}%" y1="0" y2="100%"/>'
        for percent in percents
    ]


def _draw_no_frames() -> str:
    middle = ROW_HEIGHT // 2
    return f'<line class="gap" x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'


def _draw_covered(covered: Sequence[Span], axis: TimeAxis) -> list[str]:
    return [
        f'<rect class="covered" {_place(span, axis)} y="{ROW_HEIGHT // 2 - 2}" height="4"/>'
        for span in covered
    ]


def _draw_bar(bar: Bar, axis: TimeAxis) -> str:
    """Draw a bar with its text, if there is room, and with its times, if a mouse asks."""
    start_s, end_s = axis.seconds(bar.span.start_ns), axis.seconds(bar.span.end_ns)
    times = f"{spell_moment(start_s)} to {spell_moment(end_s)}"
    title = f"{bar.text}: {times} ({spell_duration(end_s - start_s)})"
    return (
        f'<svg {_place(bar.span, axis)} y="1" height="{ROW_HEIGHT - 2}">'
        f"<title>{_escape(title)}</title>{fill(bar.look)}{_draw_text(bar, axis)}</svg>"
    )


def _draw_text(bar: Bar, axis: TimeAxis) -> str:
    share = bar.span.length_ns / NS_PER_S / axis.length_s
    room_px = _CHARACTER_PX * len(bar.text) + _PADDING_PX
    if share * _WIDE_PX < room_px:
        return ""
    hidden = "" if share * _NARROW_PX >= room_px else ' class="wide"'
    return f'<text{hidden} x="6" y="{ROW_HEIGHT - 10}">{_escape(bar.text)}</text>'


def _place(span: Span, axis: TimeAxis) -> str:
    left = axis.percent(span.start_ns)
    width = max(axis.percent(span.end_ns) - left, _MIN_PERCENT)
    return f'x="{min(left, 100 - _MIN_PERCENT):.3f}%" width="{width:.3f}%"'


def _escape(text: str) -> str:
    return escape(text, quote=True)
