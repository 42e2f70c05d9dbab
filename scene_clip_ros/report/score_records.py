"""Scores of boxes and alerts as JSON objects for scripts, and as rows of a table for people."""

from __future__ import annotations

from typing import Any

from scene_clip_ros.report.alert_scoring import PROMPT_S, AlertScore, CrossingOutcome, Warned
from scene_clip_ros.report.box_scoring import BoxScore
from scene_clip_ros.report.table import format_percent

Row = tuple[str, str, str]
"""What was measured, the value, and what more there is to say."""


def box_score_record(score: BoxScore) -> dict[str, Any]:
    """Return everything known about boxes; groups of which nothing counts are left out."""
    limit = score.people_limit
    counted = [group for group in score.groups if group.counted]
    return {
        "people_recall": score.people.recall,
        "false_per_frame": score.false_per_frame,
        "ap50": {group.name: group.average_precision for group in counted},
        "map50": score.map50,
        "frames": score.frames,
        "groups": {
            group.name: {"counted": group.counted, "found": group.found, "false": group.false}
            for group in score.groups
        },
        "recall": {
            kind.kind: kind.found / kind.counted for group in counted for kind in group.kinds
        },
        "people_limit": limit
        and {
            "min_score": limit.min_score,
            "recall": limit.recall,
            "false_per_frame": limit.false_per_frame,
        },
    }


def alert_score_record(score: AlertScore) -> dict[str, Any]:
    """Return everything known about alerts; times in seconds, stamps in nanoseconds."""
    return {
        "events": len(score.crossings),
        "warned": score.warned,
        "median_delay_s": score.median_delay_s,
        "false_warnings": len(score.false_warnings),
        "ttc_relative_error": score.ttc_relative_error,
        "max_delay_s": score.max_delay_s,
        "within_0_6_s": score.prompt,
        "warned_of_person": score.warned_of_person,
        "warnings": score.warnings,
        "frames": score.frames,
        "ttc_frames": len(score.ttc_errors),
        "crossings": [_crossing_record(outcome) for outcome in score.crossings],
        "false": [_warned_record(warned) for warned in score.false_warnings],
    }


def box_score_rows(score: BoxScore) -> list[Row]:
    """Lay a score of boxes out; groups of which nothing counts are left out."""
    people = score.people
    missing = ", ".join(
        f"{kind.kind} {kind.found}/{kind.counted}"
        for kind in people.kinds
        if kind.found < kind.counted
    )
    rows = [
        ("people found", format_percent(people.recall), missing),
        (
            "false people",
            _format(score.false_per_frame, "{:.3f}"),
            f"a frame, {people.false} in {score.frames} frames",
        ),
    ]
    rows += [
        (
            f"AP50 {group.name}",
            format_percent(group.average_precision),
            f"{group.counted} counted, {group.found} found, {group.false} false",
        )
        for group in score.groups
        if group.counted
    ]
    return [*rows, ("AP50 mean", format_percent(score.map50), "")]


def alert_score_rows(score: AlertScore) -> list[Row]:
    """Lay a score of alerts out."""
    late = [
        f"{outcome.crossing.kind} at {outcome.crossing.entered_ns / 1e9:.1f} s"
        for outcome in score.crossings
        if not outcome.warned
    ]
    return [
        (
            "crossings warned of",
            f"{score.warned}/{len(score.crossings)}",
            f"{score.warned_of_person} of the very person; "
            + (f"not before contact: {', '.join(late)}" if late else "before contact"),
        ),
        (
            "delay of warnings",
            _format(score.median_delay_s, "{:.2f} s"),
            f"median; at most {_format(score.max_delay_s, '{:.2f} s')}, "
            f"{score.prompt} within {PROMPT_S:g} s",
        ),
        ("false warnings", str(len(score.false_warnings)), f"of {score.warnings}"),
        (
            "time to contact off by",
            format_percent(score.ttc_relative_error),
            f"median of {len(score.ttc_errors)} frames",
        ),
    ]


def _crossing_record(outcome: CrossingOutcome) -> dict[str, Any]:
    crossing = outcome.crossing
    return {
        "camera": crossing.camera,
        "id": crossing.id,
        "class": crossing.kind,
        "entered_ns": crossing.entered_ns,
        "contact_ns": crossing.contact_ns,
        "left_ns": crossing.left_ns,
        "delay_s": outcome.delay_s,
        "warned": outcome.warned,
        "warned_of_person": outcome.warned_of_person,
    }


def _warned_record(warned: Warned) -> dict[str, Any]:
    return {"camera": warned.camera, "first_ns": warned.first_ns, "last_ns": warned.last_ns}


def _format(value: float | None, pattern: str) -> str:
    """Write a number, or a dash for what is not known."""
    return "–" if value is None else pattern.format(value)
