"""Scores of whole drives, and what scripts and people get to read of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from drives import alert, at, found, scored

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.report.drive_scoring import DriveScore, parse_drive_truth, score_drives
from scene_clip_ros.report.results import ResultRecord
from scene_clip_ros.report.score_records import (
    alert_score_record,
    alert_score_rows,
    box_score_record,
    box_score_rows,
)
from scene_clip_ros.report.scoring import SceneAnswer

FRAMES = 5
INSIDE = at(300, 200)
PERSON = scored("person", INSIDE)


def truth_record(number: int, *, with_boxes: bool = True) -> Mapping[str, Any]:
    """Return a frame in which an adult stands in the zone."""
    box = {"id": 1, "class": "adult", "xyxy": INSIDE, "visible": 1.0, "distance_m": 20.0}
    return {
        "camera": "front",
        "stamp_ns": number * 100_000_000,
        "attributes": {"weather": "rain"},
        "hazards": {},
        **({"boxes": [box]} if with_boxes else {}),
    }


def record(number: int, boxes: FrameBoxes | None, alert_: Alert | None) -> ResultRecord:
    scene = SceneAnswer("front", number * 100_000_000, {"weather": "rain"}, {})
    return ResultRecord(scene, boxes, alert_)


def score(
    *, with_boxes: bool = True, with_alerts: bool = True, with_truth: bool = True
) -> DriveScore:
    results = [
        record(
            i,
            found(PERSON, frame=i) if with_boxes else None,
            alert(AlertLevel.WARNING, frame=i, boxes=[PERSON]) if with_alerts else None,
        )
        for i in range(FRAMES)
    ]
    truths = [
        parse_drive_truth(truth_record(i, with_boxes=with_truth), where="t") for i in range(FRAMES)
    ]
    return score_drives(results, truths)


def test_boxes_have_the_keys_that_scripts_rely_on() -> None:
    boxes = score().boxes
    assert boxes is not None
    data = json.loads(json.dumps(box_score_record(boxes)))
    assert data | {"groups": {}} == {
        "people_recall": 1.0,
        "false_per_frame": 0.0,
        "ap50": {"people": 1.0},
        "map50": 1.0,
        "frames": FRAMES,
        "groups": {},
        "recall": {"adult": 1.0},
        "people_limit": {"min_score": 0.9, "recall": 1.0, "false_per_frame": 0.0},
    }
    assert data["groups"]["people"] == {"counted": FRAMES, "found": FRAMES, "false": 0}


def test_alerts_have_the_keys_that_scripts_rely_on() -> None:
    alerts = score().alerts
    assert alerts is not None
    data = json.loads(json.dumps(alert_score_record(alerts)))
    assert data | {"crossings": []} == {
        "events": 1,
        "warned": 1,
        "median_delay_s": 0.0,
        "false_warnings": 0,
        "ttc_relative_error": None,
        "max_delay_s": 0.0,
        "within_0_6_s": 1,
        "warned_of_person": 1,
        "warnings": 1,
        "frames": FRAMES,
        "ttc_frames": 0,
        "crossings": [],
        "false": [],
    }
    assert data["crossings"][0]["class"] == "adult"


@pytest.mark.parametrize(
    ("missing", "has_boxes", "has_alerts"),
    [("with_boxes", 0, 0), ("with_alerts", 1, 0), ("with_truth", 0, 0)],
)
def test_what_is_missing_on_one_side_is_not_scored(
    missing: str, has_boxes: int, has_alerts: int
) -> None:
    partial = score(**{missing: False})
    assert (partial.boxes is not None, partial.alerts is not None) == (has_boxes, has_alerts)
    assert partial.scenes.matched == FRAMES


def test_tables_tell_the_numbers() -> None:
    whole = score()
    assert whole.boxes is not None
    assert whole.alerts is not None
    rows = {
        row[0]: row[1] for row in (*box_score_rows(whole.boxes), *alert_score_rows(whole.alerts))
    }
    assert rows == {
        "people found": "100.0 %",
        "false people": "0.000",
        "AP50 people": "100.0 %",
        "AP50 mean": "100.0 %",
        "crossings warned of": "1/1",
        "delay of warnings": "0.00 s",
        "false warnings": "0",
        "time to contact off by": "–",
    }
