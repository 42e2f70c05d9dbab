"""Records of ground truth."""

from __future__ import annotations

import json

import pytest
from rendered import make_drive

from scene_clip_ros.sim.truth import FrameTruth, TruthBox


@pytest.mark.parametrize("name", ["crossing-baby", "tunnel", "weather-turns", "road-works"])
def test_a_record_comes_back_whole_from_json(name: str) -> None:
    drive = make_drive(name)
    record = drive.render(len(drive) - 1).truth.to_json()
    assert json.loads(json.dumps(record)) == record


def test_a_record_says_all_that_is_known() -> None:
    box = TruthBox(
        id=4,
        kind="child",
        colour="blue",
        xyxy=(1, 2, 3, 4),
        visible=0.51234,
        truncated=0.25,
        contrast=0.31249,
        on_road=True,
        distance_m=7.126,
        across_m=-0.333,
    )
    truth = FrameTruth(
        camera="front",
        stamp_ns=5,
        attributes={"weather": None, "road": "tunnel"},
        hazards={"person_on_road": True},
        boxes=(box,),
        captions=("a tunnel",),
        events=(("child steps out", 3),),
    )
    assert truth.to_json() == {
        "camera": "front",
        "stamp_ns": 5,
        "attributes": {"weather": None, "road": "tunnel"},
        "hazards": {"person_on_road": True},
        "boxes": [
            {
                "id": 4,
                "class": "child",
                "colour": "blue",
                "xyxy": [1, 2, 3, 4],
                "visible": 0.512,
                "truncated": 0.25,
                "contrast": 0.312,
                "on_road": True,
                "distance_m": 7.13,
                "across_m": -0.33,
                "parked": False,
            }
        ],
        "captions": ["a tunnel"],
        "events": [{"name": "child steps out", "stamp_ns": 3}],
    }


@pytest.mark.parametrize("name", ["crossing-baby", "parking-lot", "road-works"])
def test_boxes_come_back_from_their_records(name: str) -> None:
    drive = make_drive(name)
    boxes = drive.render(len(drive) - 1).truth.boxes
    assert boxes
    for box in boxes:
        record = box.to_json()
        assert TruthBox.from_json(record).to_json() == record
        assert TruthBox.from_json(record).kind == box.kind
