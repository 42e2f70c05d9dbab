"""The outcome of a demo run."""

from __future__ import annotations

import json

import numpy as np
from drives import alert, at, found, scored

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.types import AttributeState, FrameResult
from scene_clip_ros.demo.events import (
    AlertReceived,
    BackendReported,
    BoxesReceived,
    FramePublished,
    LabelsReceived,
)
from scene_clip_ros.demo.journal import Journal
from scene_clip_ros.demo.summary import summarise
from scene_clip_ros.report.drive_scoring import DriveScore, DriveTruth, score_drives
from scene_clip_ros.report.results import record_from_result
from scene_clip_ros.report.scoring import SceneTruth
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes

HERE = at(300, 200)


def make_journal() -> Journal:
    journal = Journal()
    journal.add(FramePublished("front", 1, 0))
    journal.add(FramePublished("front", 2, 0))
    weather = AttributeState("weather", "rain", 0.9, 0.2, 0, ())
    result = FrameResult("front", 1, np.empty(0, np.float32), (weather,), ())
    journal.add(LabelsReceived(result, 4_000_000, "labels", b"", "tiny"))
    journal.add(BackendReported("torch cpu fp32"))
    return journal


def score(journal: Journal) -> DriveScore:
    """Score a journal: it rains, and an adult stands in the zone."""
    adult = TrueBox(1, "adult", HERE, 1.0, 20.0)
    scenes = [SceneTruth("front", i, {"weather": "rain", "road": None}, {}) for i in (0, 1)]
    truths = [DriveTruth(scene, TrueBoxes("front", scene.stamp_ns, (adult,))) for scene in scenes]
    records = (
        record_from_result(result, journal.alerts.get(key))
        for key, result in journal.results.items()
    )
    return score_drives(records, truths)


def test_json_has_the_keys_that_scripts_rely_on() -> None:
    journal = make_journal()
    assert json.loads(summarise(journal, score=score(journal)).to_json()) == {
        "frames_sent": 2,
        "frames_received": 1,
        "frames_dropped": 1,
        "latency_ms": {"p50": 4.0, "p95": 4.0},
        "accuracy": {"weather": 1.0},
        "boxes": None,
        "alerts": None,
        "model": "tiny",
        "backend": "torch cpu fp32",
    }


def test_boxes_and_alerts_are_scored_beside_the_labels() -> None:
    journal = make_journal()
    result = FrameResult("front", 0, np.empty(0, np.float32), (), ())
    journal.add(LabelsReceived(result, 5_000_000, "labels", b"", "tiny"))
    journal.add(BoxesReceived(found(scored("person", HERE)), "boxes", b""))
    journal.add(AlertReceived(alert(AlertLevel.WARNING), "alert", b""))
    summary = summarise(journal, score=score(journal))
    data = json.loads(summary.to_json())
    assert (data["boxes"]["people_recall"], data["boxes"]["map50"]) == (1.0, 1.0)
    assert (data["alerts"]["warnings"], data["alerts"]["false_warnings"]) == (1, 0)
    table = summary.to_table()
    assert "people found" in table
    assert "crossings warned of" in table


def test_footage_without_truth_has_no_accuracy() -> None:
    summary = summarise(make_journal(), score=None)
    assert json.loads(summary.to_json())["accuracy"] == {}


def test_nothing_heard_leaves_latency_open() -> None:
    summary = summarise(Journal(), score=None)
    assert json.loads(summary.to_json())["latency_ms"] == {"p50": None, "p95": None}
    assert "latency p50      –" in summary.to_table()
