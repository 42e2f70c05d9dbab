"""What the demo ends with: a table for people, a JSON file for scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass

from scene_clip_ros.demo.journal import Journal
from scene_clip_ros.report.drive_scoring import DriveScore
from scene_clip_ros.report.score_records import (
    Row,
    alert_score_record,
    alert_score_rows,
    box_score_record,
    box_score_rows,
)
from scene_clip_ros.report.table import format_percent, format_table


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """The outcome of one run.

    Attributes:
        frames_sent: Images the player published.
        frames_received: Images about which labels came back.
        latency_p50_ms: Median time from an image's publication to the arrival of its labels,
            milliseconds; ``None`` if nothing was measured.
        latency_p95_ms: 95th percentile of the same.
        score: Comparison with the truth; ``None`` for footage without truth.
        model: Architecture, weights and digest.
        backend: Runtime that executed the model.
    """

    frames_sent: int
    frames_received: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    score: DriveScore | None
    model: str
    backend: str

    @property
    def frames_dropped(self) -> int:
        """Images about which no labels came back."""
        return self.frames_sent - self.frames_received

    def to_json(self) -> str:
        """Write the summary as indented JSON; accuracies that nobody can tell are left out."""
        attributes = self.score.scenes.attributes if self.score else ()
        boxes, alerts = (self.score.boxes, self.score.alerts) if self.score else (None, None)
        return json.dumps(
            {
                "frames_sent": self.frames_sent,
                "frames_received": self.frames_received,
                "frames_dropped": self.frames_dropped,
                "latency_ms": {
                    "p50": _rounded(self.latency_p50_ms),
                    "p95": _rounded(self.latency_p95_ms),
                },
                "accuracy": {a.name: _rounded(a.fraction) for a in attributes if a.counted},
                "boxes": box_score_record(boxes) if boxes else None,
                "alerts": alert_score_record(alerts) if alerts else None,
                "model": self.model,
                "backend": self.backend,
            },
            indent=2,
            ensure_ascii=False,
        )

    def to_table(self) -> str:
        """Lay the summary out for a terminal."""
        rows = _score_rows(self.score) if self.score else []
        rows += [
            ("frames sent", str(self.frames_sent), ""),
            ("frames received", str(self.frames_received), ""),
            ("frames dropped", str(self.frames_dropped), ""),
            ("latency p50", _format_ms(self.latency_p50_ms), "image out → labels in"),
            ("latency p95", _format_ms(self.latency_p95_ms), ""),
            ("model", self.model, self.backend),
        ]
        return format_table(rows)


def summarise(journal: Journal, *, score: DriveScore | None) -> DemoSummary:
    """Draw up the outcome of a run.

    Args:
        journal: Everything that was heard.
        score: Comparison with the truth, if there is one.
    """
    return DemoSummary(
        frames_sent=journal.frames_heard,
        frames_received=journal.frames_answered,
        latency_p50_ms=journal.latency_percentile_ms(50),
        latency_p95_ms=journal.latency_percentile_ms(95),
        score=score,
        model=journal.model,
        backend=journal.backend,
    )


def _score_rows(score: DriveScore) -> list[Row]:
    """Lay a comparison with the truth out."""
    rows: list[Row] = [
        (a.name, format_percent(a.fraction), f"{a.counted} frames") for a in score.scenes.attributes
    ]
    if score.boxes:
        rows += box_score_rows(score.boxes)
    if score.alerts:
        rows += alert_score_rows(score.alerts)
    return rows


def _rounded(value: float | None) -> float | None:
    """Keep three digits: microseconds of milliseconds, tenths of a percent."""
    return None if value is None else round(value, 3)


def _format_ms(value: float | None) -> str:
    """Write milliseconds, or a dash for what was not measured."""
    return "–" if value is None else f"{value:.1f} ms"
