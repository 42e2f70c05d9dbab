"""Ground truth of rendered frames."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import groupby, pairwise

import numpy as np
import pytest
from rendered import make_drive

from scene_clip_ros.sim.annotation import find_hazards
from scene_clip_ros.sim.scenario import scenario_names
from scene_clip_ros.sim.semantics import BOX_CLASSES, SemanticClass
from scene_clip_ros.sim.truth import ATTRIBUTES, HAZARDS, RenderedFrame, TruthBox

ON_ROAD = TruthBox(
    id=0,
    kind="adult",
    colour="red",
    xyxy=(40, 20, 60, 80),
    visible=1.0,
    truncated=0.0,
    contrast=0.5,
    on_road=True,
    distance_m=12.0,
    across_m=0.5,
)
HEIGHT = 100
SIZE_WH = (200, 112)


def hazards_of(*boxes: TruthBox) -> set[str]:
    found = find_hazards(boxes, height=HEIGHT)
    assert tuple(found) == HAZARDS
    return {name for name, present in found.items() if present}


@lru_cache
def frames_of(name: str) -> tuple[RenderedFrame, ...]:
    """Return the first frame of a drive, and one after seven seconds."""
    drive = make_drive(name, seconds=12.0, size_wh=SIZE_WH)
    return drive.render(0), drive.render(70)


@pytest.mark.parametrize("name", scenario_names())
def test_every_pixel_has_a_known_class(name: str) -> None:
    for frame in frames_of(name):
        assert set(np.unique(frame.labels_mask).tolist()) <= {int(each) for each in SemanticClass}


@pytest.mark.parametrize("name", scenario_names())
def test_boxes_fit_what_the_mask_shows(name: str) -> None:
    width, height = SIZE_WH
    for frame in frames_of(name):
        for box in frame.truth.boxes:
            x0, y0, x1, y1 = box.xyxy
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height
            of_class = frame.labels_mask[y0:y1, x0:x1] == BOX_CLASSES[box.kind]
            for edge in (of_class[0], of_class[-1], of_class[:, 0], of_class[:, -1]):
                assert edge.any(), f"expected pixels of {box} at each edge"


@pytest.mark.parametrize("name", scenario_names())
def test_every_frame_answers_every_question(name: str) -> None:
    for frame in frames_of(name):
        truth = frame.truth
        assert tuple(truth.attributes) == ATTRIBUTES
        assert tuple(truth.hazards) == HAZARDS
        assert all(0 < box.visible <= 1 for box in truth.boxes)
        assert all(0 <= box.truncated < 1 for box in truth.boxes)
        assert all(0 <= box.contrast <= 1 for box in truth.boxes)
        assert all(box.distance_m > 0 for box in truth.boxes)


@pytest.mark.parametrize("name", ["city-day", "highway-day", "road-works"])
def test_an_id_stays_with_one_thing(name: str) -> None:
    drive = make_drive(name, seconds=6.0)
    seen: dict[int, set[tuple[str, str]]] = {}
    for index in range(0, len(drive), 6):
        for box in drive.render(index).truth.boxes:
            seen.setdefault(box.id, set()).add((box.kind, box.colour))
    assert max(len(looks) for looks in seen.values()) == 1
    assert len(seen) > 1


def test_what_is_nearer_hides_what_is_behind() -> None:
    boxes = [b for i in range(0, 80, 10) for b in make_drive("city-day").render(i).truth.boxes]
    assert min(box.visible for box in boxes) < 0.9
    assert max(box.visible for box in boxes) == 1.0


@pytest.mark.parametrize("seed", [1, 3])
def test_a_person_is_on_the_road_once_the_child_has_stepped_out(seed: int) -> None:
    drive = make_drive("crossing-child", seed=seed, seconds=10.0)
    steps_out_ns = round(drive.scenario.events[0].at_s * 1e9)
    frames = [drive.render(index).truth for index in range(0, len(drive), 5)]
    before = [t.hazards["person_on_road"] for t in frames if t.stamp_ns < steps_out_ns]
    after = [t.hazards["person_on_road"] for t in frames if t.stamp_ns >= steps_out_ns]
    assert not any(before)
    assert sum(after) >= 2


@pytest.mark.parametrize("seed", [1, 2])
def test_events_are_told_from_when_they_begin(seed: int) -> None:
    drive = make_drive("weather-turns", seed=seed, seconds=20.0)
    event = drive.scenario.events[0]
    first = round(event.at_s * drive.rate_hz)
    told = (event.name, round(event.at_s * 1e9))
    assert told not in drive.render(first - 1).truth.events
    assert told in drive.render(first).truth.events


@pytest.mark.parametrize("seed", [1, 2])
def test_truth_turns_with_the_weather(seed: int) -> None:
    drive = make_drive("weather-turns", seed=seed, seconds=20.0)
    assert len(drive.scenario.conditions) == 4
    for before, after in pairwise(drive.scenario.conditions):
        first = round(after.since_s * drive.rate_hz)
        for index, conditions in ((first - 1, before), (first, after)):
            told = drive.render(index).truth.attributes
            assert told["weather"] == conditions.weather
            assert told["surface"] == conditions.surface
            assert told["time_of_day"] == conditions.time_of_day


def test_only_the_road_can_be_told_in_a_tunnel() -> None:
    told = make_drive("tunnel").render(10).truth.attributes
    assert told == {"weather": None, "time_of_day": None, "road": "tunnel", "surface": None}


def test_the_tour_passes_through_the_tunnel() -> None:
    drive = make_drive("demo-tour", seconds=60.0, rate_hz=1.0)
    roads = [drive.render(index).truth.attributes["road"] for index in range(0, 60, 4)]
    turns = [road for road, _ in groupby(roads)]
    assert turns == ["highway", "tunnel", "city street", "residential", "highway"]


@pytest.mark.parametrize(
    ("kind", "hazard"),
    [
        ("adult", "person_on_road"),
        ("baby", "person_on_road"),
        ("wheelchair user", "person_on_road"),
        ("cyclist", "person_on_road"),
        ("cow", "animal_on_road"),
        ("debris", "debris_on_road"),
    ],
)
def test_what_is_on_the_road_is_a_hazard(kind: str, hazard: str) -> None:
    assert hazards_of(replace(ON_ROAD, kind=kind)) == {hazard}


@pytest.mark.parametrize(
    "change",
    [{"on_road": False}, {"visible": 0.1}, {"xyxy": (40, 20, 42, 22)}, {"kind": "car"}],
    ids=["beside", "hidden", "tiny", "vehicle"],
)
def test_what_is_no_hazard(change: dict[str, object]) -> None:
    assert hazards_of(replace(ON_ROAD, **change)) == set()


def test_road_works_take_two_signs_of_them() -> None:
    cone, worker = replace(ON_ROAD, kind="traffic cone"), replace(ON_ROAD, kind="worker")
    assert hazards_of(cone) == set()
    assert hazards_of(cone, worker) == {"road_works"}


def test_masks_keep_what_stands_still_apart() -> None:
    mask = make_drive("city-day", seed=5).render(0).labels_mask
    assert len(np.unique(mask)) >= 6
