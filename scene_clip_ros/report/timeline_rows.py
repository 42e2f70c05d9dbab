"""The rows of a camera's timeline: attributes, hazards, alerts, each with its legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.report.drive_records import UNKNOWN_INDEX
from scene_clip_ros.report.drive_summary import (
    AttributeSummary,
    CameraSummary,
    DriveSummary,
    HazardSummary,
)
from scene_clip_ros.report.held_spans import Span, drop_brief, join_near, total_ns
from scene_clip_ros.report.time_words import count, spell_duration, spell_name
from scene_clip_ros.report.timeline_looks import (
    CAUTION_LOOK,
    HAZARD_LOOK,
    UNKNOWN_LOOK,
    WARNING_LOOK,
    Look,
    draw_swatch,
    label_look,
)
from scene_clip_ros.report.timeline_svg import MAX_BARS, Bar, TimeAxis, cover, draw_row

_LEVEL_LOOKS = {AlertLevel.CAUTION: CAUTION_LOOK, AlertLevel.WARNING: WARNING_LOOK}


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What a look means: an SVG of it, and a text that may need escaping."""

    swatch: str
    text: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One row.

    Attributes:
        name: What it is about; may need escaping.
        svg: Its bars, safe to put into a page.
        legend: What they mean.
        note: What else there is to say of it; may be empty.
    """

    name: str
    svg: str
    legend: tuple[LegendEntry, ...]
    note: str


def choose_axis(camera: CameraSummary, drive: DriveSummary) -> TimeAxis:
    """Return the axis of a camera: that of all cameras, if one has room for all."""
    cameras = drive.cameras if drive.share_a_clock else (camera,)
    start_ns = min(each.stamps.start_ns for each in cameras)
    return TimeAxis(start_ns, max(each.stamps.end_ns for each in cameras))


def make_rows(
    camera: CameraSummary, axis: TimeAxis, *, max_bars: int = MAX_BARS
) -> tuple[TimelineRow, ...]:
    """Return every row of a camera: attributes, hazards, then alerts if they were judged."""
    rows = [_attribute_row(attribute, axis, max_bars) for attribute in camera.attributes]
    rows += [_hazard_row(hazard, axis, max_bars) for hazard in camera.hazards]
    if camera.levels:
        rows.append(_alert_row(camera, axis, max_bars))
    return tuple(rows)


def _attribute_row(attribute: AttributeSummary, axis: TimeAxis, max_bars: int) -> TimelineRow:
    shares = attribute.shares()
    drawn = drop_brief(attribute.spans, max_count=max_bars)
    bars = [Bar(span, attribute.label(span.value), _label_look(span.value)) for span in drawn]
    legend = tuple(
        LegendEntry(
            draw_swatch(_label_look(value)), f"{attribute.label(value)} {100 * share:.0f} %"
        )
        for value, share in shares.items()
    )
    told = ", ".join(entry.text for entry in legend) or "nothing judged"
    return TimelineRow(
        name=spell_name(attribute.name),
        svg=draw_row(bars, cover(attribute.spans), axis, title=f"{attribute.name}: {told}"),
        legend=legend,
        note=_note(len(attribute.spans) - len(drawn), "short span", "not drawn"),
    )


def _hazard_row(hazard: HazardSummary, axis: TimeAxis, max_bars: int) -> TimelineRow:
    drawn = join_near(hazard.spans, values=(1,), max_count=max_bars)
    bars = [Bar(span, "present", HAZARD_LOOK) for span in drawn]
    length = spell_duration(total_ns(hazard.spans, 1) / NS_PER_S)
    entry = LegendEntry(draw_swatch(HAZARD_LOOK), f"present {length}")
    told = f"{hazard.name}: {entry.text if drawn else 'never present'}"
    active = sum(span.value == 1 for span in hazard.spans)
    return TimelineRow(
        name=spell_name(hazard.name),
        svg=draw_row(bars, cover(hazard.spans), axis, title=told, remark=_absent(hazard.spans)),
        legend=(entry,) if drawn else (),
        note=_note(active - len(drawn), "bar", "joined with the next"),
    )


def _alert_row(camera: CameraSummary, axis: TimeAxis, max_bars: int) -> TimelineRow:
    drawn = join_near(camera.levels, values=tuple(_LEVEL_LOOKS), max_count=max_bars)
    bars = [
        Bar(span, AlertLevel(span.value).name, _LEVEL_LOOKS[AlertLevel(span.value)])
        for span in drawn
    ]
    legend = tuple(
        LegendEntry(
            draw_swatch(look),
            f"{level.name} {spell_duration(total_ns(camera.levels, level) / NS_PER_S)}",
        )
        for level, look in _LEVEL_LOOKS.items()
        if total_ns(camera.levels, level)
    )
    told = ", ".join(entry.text for entry in legend) or "never more than CLEAR"
    loud = sum(span.value in _LEVEL_LOOKS for span in camera.levels)
    return TimelineRow(
        name="pedestrian alert",
        svg=draw_row(
            bars,
            cover(camera.levels),
            axis,
            title=f"pedestrian alert: {told}",
            remark="" if legend else "CLEAR throughout",
        ),
        legend=legend,
        note=_note(loud - len(drawn), "bar", "joined with the next"),
    )


def _label_look(value: int) -> Look:
    return UNKNOWN_LOOK if value == UNKNOWN_INDEX else label_look(value)


def _absent(spans: Sequence[Span]) -> str:
    return "" if not spans or any(span.value for span in spans) else "never present"


def _note(number: int, what: str, fate: str) -> str:
    return f"{count(number, what)} {fate}" if number > 0 else ""
