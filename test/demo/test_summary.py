"""The outcome of a demo run."""

from __future__ import annotations

import json

import numpy as np

from scene_clip_ros.core.types import AttributeState, FrameResult
from scene_clip_ros.demo.events import BackendReported, FramePublished, LabelsReceived
from scene_clip_ros.demo.journal import Journal
from scene_clip_ros.demo.summary import summarise
from scene_clip_ros.report.results import answer_from_result
from scene_clip_ros.report.scoring import SceneTruth, score_scenes


def make_journal() -> Journal:
    journal = Journal()
    journal.add(FramePublished("front", 1, 0))
    journal.add(FramePublished("front", 2, 0))
    weather = AttributeState("weather", "rain", 0.9, 0.2, 0, ())
    result = FrameResult("front", 1, np.empty(0, np.float32), (weather,), ())
    journal.add(LabelsReceived(result, 4_000_000, "labels", b"", "tiny"))
    journal.add(BackendReported("torch cpu fp32"))
    return journal


def test_json_has_the_keys_that_scripts_rely_on() -> None:
    journal = make_journal()
    truths = [SceneTruth("front", 1, {"weather": "rain", "road": None}, {})]
    score = score_scenes(map(answer_from_result, journal.results.values()), truths)
    assert json.loads(summarise(journal, score=score).to_json()) == {
        "frames_sent": 2,
        "frames_received": 1,
        "frames_dropped": 1,
        "latency_ms": {"p50": 4.0, "p95": 4.0},
        "accuracy": {"weather": 1.0},
        "model": "tiny",
        "backend": "torch cpu fp32",
    }


def test_footage_without_truth_has_no_accuracy() -> None:
    summary = summarise(make_journal(), score=None)
    assert json.loads(summary.to_json())["accuracy"] == {}


def test_nothing_heard_leaves_latency_open() -> None:
    summary = summarise(Journal(), score=None)
    assert json.loads(summary.to_json())["latency_ms"] == {"p50": None, "p95": None}
    assert "latency p50      –" in summary.to_table()
