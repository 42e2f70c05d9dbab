"""Writes a report as one page of HTML that needs no other file and no script."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.report.alert_episodes import AlertEpisode
from scene_clip_ros.report.drive_report import (
    MAX_ALERT_PICTURES,
    DriveReport,
    FrameTexts,
    PictureKind,
)
from scene_clip_ros.report.drive_summary import CameraSummary, DriveSummary, TellingFrame
from scene_clip_ros.report.drive_words import tell_drive
from scene_clip_ros.report.heat_colours import HeatScale, ink_on
from scene_clip_ros.report.hits import format_stamp
from scene_clip_ros.report.time_words import (
    count,
    spell_duration,
    spell_moment,
    spell_name,
    spell_number,
)
from scene_clip_ros.report.timeline_looks import UNKNOWN_LOOK, draw_patterns, draw_swatch
from scene_clip_ros.report.timeline_rows import TimelineRow, choose_axis, make_rows
from scene_clip_ros.report.timeline_svg import MAX_BARS, TimeAxis, draw_axis
from scene_clip_ros.resources import REPORT_TEMPLATES

MAX_LISTED_GAPS = 10
"""Stalls of a camera that are listed, the longest."""

MAX_LISTED_ALERTS = 1000

MAX_BARS_OF_ALL, MIN_BARS = 800, 50
"""Most bars of a row: of one row of all cameras together, yet at least so many of each."""

FIRST_DATE_NS = 10**17
"""Stamps from here on, 1973, are times of day."""


@dataclass(frozen=True, slots=True)
class _Timeline:
    """A camera's rows and the axis below them, safe to put into a page."""

    camera: CameraSummary
    start: str
    rows: tuple[TimelineRow, ...]
    axis: str


@dataclass(frozen=True, slots=True)
class _Cell:
    """One number of the heat map: text, background, and whether it is the highest of a frame."""

    value: str
    colour: str
    is_nearest: bool

    @property
    def ink(self) -> str:
        """Colour of the text."""
        return ink_on(self.colour)


def render_report(report: DriveReport) -> str:
    """Write the page.

    Returns:
        HTML 5. Names and texts from the recording and the vocabulary are escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(REPORT_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": count,
        "duration": spell_duration,
        "number": spell_number,
        "spaced": spell_name,
        "stamp": format_stamp,
    }
    summary = report.summary
    axes = {camera.camera: choose_axis(camera, summary) for camera in summary.cameras}
    max_bars = max(MIN_BARS, min(MAX_BARS, MAX_BARS_OF_ALL // len(axes)))
    return environment.get_template("report.html").render(
        report=report,
        summary=summary,
        facts=report.facts,
        sentence=tell_drive(summary),
        start=_spell_start(min(each.stamps.start_ns for each in summary.cameras)),
        patterns=draw_patterns(),
        unknown_swatch=draw_swatch(UNKNOWN_LOOK),
        timelines=[
            _make_timeline(camera, axes[camera.camera], max_bars=max_bars)
            for camera in summary.cameras
        ],
        pictured=choose_pictured(summary.episodes),
        heat_rows=_make_heat_rows(report.frame_texts),
        longest_gaps=_longest_gaps(summary),
        moment=partial(_spell_moment_on, axes),
        picture=partial(_embed, report),
        levels=AlertLevel,
        listed=summary.episodes[:MAX_LISTED_ALERTS],
        telling=_telling,
    )


def choose_pictured(episodes: Sequence[AlertEpisode]) -> tuple[AlertEpisode, ...]:
    """Choose the alerts that are shown with a picture.

    Returns:
        At most ``MAX_ALERT_PICTURES``, in order of time: warnings first, then the longest.
    """

    def rank(index: int) -> tuple[int, int]:
        episode = episodes[index]
        return -episode.level, episode.start_ns - episode.end_ns

    chosen = sorted(range(len(episodes)), key=rank)[:MAX_ALERT_PICTURES]
    return tuple(episodes[index] for index in sorted(chosen))


def _make_timeline(camera: CameraSummary, axis: TimeAxis, *, max_bars: int) -> _Timeline:
    rows = make_rows(camera, axis, max_bars=max_bars)
    return _Timeline(camera, _spell_start(axis.start_ns), rows, draw_axis(axis))


def _spell_start(start_ns: int) -> str:
    """Return the wall time of a stamp, or that there is none."""
    if start_ns >= FIRST_DATE_NS:
        return f"{format_stamp(start_ns)} UTC"
    if start_ns == 0:
        return "the recording's own zero: it has no wall time"
    return f"{spell_moment(start_ns / NS_PER_S)} on the recording's own clock: it has no wall time"


def _spell_moment_on(axes: Mapping[str, TimeAxis], camera: str, stamp_ns: int) -> str:
    """Return the time of a frame as seconds on the axis of its camera."""
    return spell_moment(axes[camera].seconds(stamp_ns))


def _embed(report: DriveReport, kind: PictureKind, camera: str, stamp_ns: int) -> str:
    """Return a picture as an address that holds it; empty if there is none."""
    jpeg = report.pictures.get((kind, camera, stamp_ns))
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""


def _telling(summary: DriveSummary, kind: str) -> list[TellingFrame]:
    """Return the typical or unusual frames of all cameras."""
    return [frame for camera in summary.cameras for frame in getattr(camera, kind)]


def _longest_gaps(summary: DriveSummary) -> dict[str, list[tuple[int, float]]]:
    """Return stamp and length in seconds of each camera's longest stalls, in order of time."""
    longest = {}
    for camera in summary.cameras:
        ranked = sorted(camera.stamps.gaps, key=lambda gap: -gap.length_s)[:MAX_LISTED_GAPS]
        longest[camera.camera] = sorted((gap.start_ns, gap.length_s) for gap in ranked)
    return longest


def _make_heat_rows(frame_texts: FrameTexts | None) -> list[tuple[str, list[_Cell]]]:
    """Colour the numbers of a heat map."""
    if frame_texts is None:
        return []
    cosines = frame_texts.cosines.astype(np.float64)
    scale = HeatScale.of(cosines, np.ones(cosines.shape, np.bool_))
    nearest = cosines == cosines.max(axis=0)
    return [
        (
            text,
            [
                _Cell(*each)
                for each in zip(map(scale.format, row), scale.colours(row), best, strict=True)
            ],
        )
        for text, row, best in zip(frame_texts.texts, cosines, nearest.tolist(), strict=True)
    ]
