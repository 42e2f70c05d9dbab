"""Truth records of boxes."""

from __future__ import annotations

from typing import Any

import pytest

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes, parse_true_boxes
from scene_clip_ros.sim.truth import FrameTruth, TruthBox


def make_record() -> dict[str, Any]:
    box = TruthBox(4, "child", "red", (10, 20, 30, 90), 0.75, 0.2, 0.4, True, 12.5, -0.5)
    return FrameTruth("front", 7, {}, {}, (box,), (), ()).to_json()


def test_a_record_of_a_rendered_frame_is_read() -> None:
    child = TrueBox(4, "child", (10.0, 20.0, 30.0, 90.0), 0.75, 12.5, truncated=0.2, contrast=0.4)
    assert parse_true_boxes(make_record(), where="t") == TrueBoxes("front", 7, (child,))


def test_what_an_older_record_says_nothing_of_is_clear_to_see() -> None:
    record = make_record()
    del record["boxes"][0]["truncated"], record["boxes"][0]["contrast"]
    parsed = parse_true_boxes(record, where="t")
    assert parsed is not None
    assert (parsed.boxes[0].truncated, parsed.boxes[0].contrast) == (0.0, 1.0)


def test_a_record_without_boxes_tells_nothing() -> None:
    record = make_record()
    del record["boxes"]
    assert parse_true_boxes(record, where="t") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [("xyxy", [1, 2, 3]), ("xyxy", None), ("id", "x"), ("visible", None), ("contrast", "")],
    ids=["three sides", "no sides", "word for an id", "no visible share", "no contrast"],
)
def test_a_damaged_box_is_named_by_its_place(key: str, value: object) -> None:
    record = make_record()
    record["boxes"][0][key] = value
    with pytest.raises(SourceError, match=r"truth\.jsonl:3: expected a truth record with boxes"):
        parse_true_boxes(record, where="truth.jsonl:3")


def test_longer_side_is_the_larger_one() -> None:
    assert TrueBox(1, "dog", (10, 10, 40, 20), 1.0, 5.0).longer_side == 30
