"""The detector that is shipped: what it must find, and how small it must stay."""

from __future__ import annotations

import pytest

from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.models.proposer_source import EMBEDDED_REGIONS, load_proposer
from scene_clip_ros.report.drive_scoring import DriveScore
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training.evaluate_boxes import BoxDrives, boxes_alone, measure_boxes

LIMIT_MB = 8.0
# Few frames, so that the test is quick: a floor, while the model card has the figures.
SEED = 940_000_000


@pytest.fixture(scope="module")
def score() -> DriveScore:
    pipeline = boxes_alone(load_open_clip(), load_proposer(), load_vocabulary(DRIVING_VOCABULARY))
    drives = BoxDrives(
        scenarios=("crossing-adult", "crossing-cyclist", "road-works", "city-day"),
        seconds=6.0,
        rate_hz=2.0,
        first_seed=SEED,
    )
    return measure_boxes(pipeline, drives)


def test_it_is_small_and_comes_with_its_card() -> None:
    sizes = {path.name: path.stat().st_size for path in EMBEDDED_REGIONS.iterdir()}
    assert sum(sizes.values()) <= LIMIT_MB * 1e6
    assert "MODEL_CARD.md" in sizes


def test_the_card_states_the_size_of_what_lies_beside_it() -> None:
    card = (EMBEDDED_REGIONS / "MODEL_CARD.md").read_text(encoding="utf-8")
    size = sum(p.stat().st_size for p in EMBEDDED_REGIONS.iterdir() if p.suffix != ".md")
    assert f"{size / 1e6:.1f} MB" in card


def test_it_finds_people_in_drives_it_was_not_trained_on(score: DriveScore) -> None:
    assert score.boxes is not None
    assert score.boxes.people_limit is not None
    assert score.boxes.people.counted >= 20
    assert score.boxes.people_limit.recall >= 0.75


def test_it_tells_the_groups_apart(score: DriveScore) -> None:
    assert score.boxes is not None
    assert score.boxes.map50 is not None
    assert score.boxes.map50 >= 0.7
