"""Lines of results files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState, LabelScore
from scene_clip_ros.report.results import (
    answer_from_result,
    format_result,
    parse_truth,
    read_answers,
)


def make_result() -> FrameResult:
    weather = AttributeState(
        "weather", "rain", 0.971234567, 0.25, 0, (LabelScore("rain", 0.971234567, 0.25),)
    )
    works = HazardState("road_works", active=False, probability=0.02, cosine=0.1, since_ns=0)
    return FrameResult("front", 7, np.ones(1, np.float32), (weather,), (works,))


def test_line_has_the_keys_that_scripts_rely_on() -> None:
    assert json.loads(format_result(make_result())) == {
        "camera": "front",
        "stamp_ns": 7,
        "labels": {"weather": {"label": "rain", "probability": 0.971235, "cosine": 0.25}},
        "hazards": {"road_works": {"active": False, "probability": 0.02, "cosine": 0.1}},
        "boxes": [],
        "alert": None,
    }


def test_written_results_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(format_result(make_result()) + "\n\n", encoding="utf-8")
    assert list(read_answers(path)) == [answer_from_result(make_result())]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "null", '{"camera": "front"}', '{"camera": "a", "stamp_ns": "x"}'],
    ids=["not json", "list", "null", "missing keys", "wrong type"],
)
def test_a_bad_line_is_named_by_file_and_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(f"{format_result(make_result())}\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"results\.jsonl:2: expected a result"):
        list(read_answers(path))


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="expected a results file"):
        list(read_answers(tmp_path / "none.jsonl"))


def test_binary_data_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(SourceError, match="expected a results file"):
        list(read_answers(path))


def test_truth_keeps_what_cannot_be_told_as_none() -> None:
    truth = parse_truth(
        {"camera": "front", "stamp_ns": 1, "attributes": {"weather": None}, "hazards": {}},
        where="truth.jsonl:1",
    )
    assert truth.attributes == {"weather": None}


def test_a_truth_record_without_attributes_is_refused() -> None:
    with pytest.raises(SourceError, match=r"truth\.jsonl:1: expected a truth record"):
        parse_truth({"camera": "front", "stamp_ns": 1, "hazards": {}}, where="truth.jsonl:1")
