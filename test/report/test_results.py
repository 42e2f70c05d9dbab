"""Lines of results files."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.odd import OddLevel
from scene_clip_ros.core.odd_monitor import OddStatus
from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState, LabelScore
from scene_clip_ros.report.results import (
    ResultRecord,
    answer_from_result,
    format_result,
    parse_truth,
    read_results,
)

CHILD = ScoredBox("child", 0.8654321987, 0.93, 0.9, 0.27, (610.254, 300.5, 655.0, 431.75), 4)
CAR = ScoredBox("car", 0.7, 0.8, 0.0, 0.2, (0.0, 0.0, 100.0, 50.0), NO_TRACK)
BOXES = FrameBoxes("front", 7, (1280, 720), (CHILD, CAR))
ALERT = Alert(
    camera="front",
    stamp_ns=7,
    level=AlertLevel.WARNING,
    reason="child in the zone, contact in 1.8 s",
    boxes=(CHILD,),
    zone=((0.1, 1.0), (0.4666667, 0.6), (0.9, 1.0)),
    time_to_contact_s=1.82539,
    since_ns=5,
)


def make_result(boxes: FrameBoxes | None = None) -> FrameResult:
    weather = AttributeState(
        "weather", "rain", 0.971234567, 0.25, 0, (LabelScore("rain", 0.971234567, 0.25),)
    )
    works = HazardState("road_works", active=False, probability=0.02, cosine=0.1, since_ns=0)
    return FrameResult("front", 7, np.ones(1, np.float32), (weather,), (works,), boxes)


def read_back(folder: Path, line: str) -> ResultRecord:
    path = folder / "results.jsonl"
    path.write_text(line + "\n\n", encoding="utf-8")
    (record,) = read_results(path)
    return record


def test_line_has_the_keys_that_scripts_rely_on() -> None:
    assert json.loads(format_result(make_result())) == {
        "camera": "front",
        "stamp_ns": 7,
        "labels": {"weather": {"label": "rain", "probability": 0.971235, "cosine": 0.25}},
        "hazards": {"road_works": {"active": False, "probability": 0.02, "cosine": 0.1}},
        "size_wh": None,
        "boxes": [],
        "alert": None,
        "odd": None,
    }


def test_the_domain_has_the_keys_that_scripts_rely_on() -> None:
    odd = OddStatus(OddLevel.OUTSIDE, ("front: weather is rain (97%)",), 5)

    line = json.loads(format_result(make_result(), odd=odd))

    assert line["odd"] == {
        "level": "OUTSIDE",
        "reasons": ["front: weather is rain (97%)"],
        "since_ns": 5,
    }


def test_boxes_and_alert_have_the_keys_that_scripts_rely_on() -> None:
    child = {
        "label": "child",
        "score": 0.865432,
        "objectness": 0.93,
        "detector_score": 0.9,
        "cosine": 0.27,
        "xyxy": [610.25, 300.5, 655.0, 431.75],
        "track_id": 4,
    }
    line = json.loads(format_result(make_result(BOXES), ALERT))
    assert (line["size_wh"], line["boxes"][0], len(line["boxes"])) == ([1280, 720], child, 2)
    assert line["alert"] == {
        "level": "WARNING",
        "reason": "child in the zone, contact in 1.8 s",
        "boxes": [child],
        "zone": [[0.1, 1.0], [0.46667, 0.6], [0.9, 1.0]],
        "time_to_contact_s": 1.825,
        "since_ns": 5,
    }


def test_written_results_are_read_back(tmp_path: Path) -> None:
    record = read_back(tmp_path, format_result(make_result(BOXES), ALERT))
    assert record.scene == answer_from_result(make_result())
    assert record.boxes == replace(
        BOXES,
        boxes=(replace(CHILD, score=0.865432, xyxy=(610.25, 300.5, 655.0, 431.75)), CAR),
    )
    assert record.alert is not None
    assert (record.alert.level, record.alert.since_ns) == (AlertLevel.WARNING, 5)


def test_nothing_found_is_told_apart_from_boxes_that_are_off(tmp_path: Path) -> None:
    nothing = replace(BOXES, boxes=())
    assert read_back(tmp_path, format_result(make_result(nothing))).boxes == nothing
    assert read_back(tmp_path, format_result(make_result())).boxes is None


def test_nobody_who_approaches_is_null_in_a_line_and_nan_in_a_record(tmp_path: Path) -> None:
    line = format_result(make_result(BOXES), replace(ALERT, time_to_contact_s=math.nan))
    assert json.loads(line)["alert"]["time_to_contact_s"] is None
    alert = read_back(tmp_path, line).alert
    assert alert is not None
    assert math.isnan(alert.time_to_contact_s)


def test_lines_from_before_there_were_boxes_are_read(tmp_path: Path) -> None:
    line = '{"camera": "a", "stamp_ns": 1, "labels": {}, "hazards": {}, "boxes": [], "alert": null}'
    record = read_back(tmp_path, line)
    assert (record.boxes, record.alert) == (None, None)


@given(
    st.tuples(*[st.floats(0, 8192, width=32)] * 4),
    st.floats(0, 1, width=32),
    st.integers(NO_TRACK, 2**31 - 1),
)
def test_boxes_come_back_to_a_hundredth_of_a_pixel(
    tmp_path_factory: pytest.TempPathFactory,
    xyxy: tuple[float, float, float, float],
    score: float,
    track_id: int,
) -> None:
    box = ScoredBox("dog", score, score, score, score, xyxy, track_id)
    line = format_result(make_result(replace(BOXES, boxes=(box,))))
    boxes = read_back(tmp_path_factory.getbasetemp(), line).boxes
    assert boxes is not None
    (read,) = boxes.boxes
    assert read.xyxy == pytest.approx(xyxy, abs=0.0051)
    assert read.score == pytest.approx(score, abs=1e-6)
    assert (read.label, read.track_id) == ("dog", track_id)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '{"camera": "front"}',
        '{"camera": "a", "stamp_ns": "x"}',
        format_result(make_result(BOXES)).replace("[1280, 720]", "[1280]"),
        format_result(make_result(BOXES)).replace("610.25, ", ""),
        format_result(make_result(BOXES), ALERT).replace("WARNING", "PANIC"),
    ],
    ids=[
        "not json",
        "list",
        "null",
        "missing keys",
        "wrong type",
        "size of one side",
        "box of three sides",
        "unknown level",
    ],
)
def test_a_bad_line_is_named_by_file_and_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(f"{format_result(make_result())}\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"results\.jsonl:2: expected a result"):
        list(read_results(path))


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="expected a results file"):
        list(read_results(tmp_path / "none.jsonl"))


def test_binary_data_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(SourceError, match="expected a results file"):
        list(read_results(path))


def test_truth_keeps_what_cannot_be_told_as_none() -> None:
    truth = parse_truth(
        {"camera": "front", "stamp_ns": 1, "attributes": {"weather": None}, "hazards": {}},
        where="truth.jsonl:1",
    )
    assert truth.attributes == {"weather": None}


def test_a_truth_record_without_attributes_is_refused() -> None:
    with pytest.raises(SourceError, match=r"truth\.jsonl:1: expected a truth record"):
        parse_truth({"camera": "front", "stamp_ns": 1, "hazards": {}}, where="truth.jsonl:1")
