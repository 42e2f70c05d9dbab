"""The operational design domain over recordings: real code, with a model that knows colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from color_drives import START_NS, STEP_NS, write_colors
from colors import color_vocabulary

from scene_clip_ros.cli.labelling import ODD_TOPIC, Labelling
from scene_clip_ros.core.odd import OddLevel, parse_odd
from scene_clip_ros.core.odd_monitor import OddMonitor, OddSettings
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.settings import LabelSettings

AT_ONCE = LabelSettings(tau_s=0.0, dwell_s=0.0)
RED_THEN_BLUE = ["red"] * 3 + ["blue"] * 2
ONLY_RED = parse_odd("color: red", source="test")


def make_pipeline(rates: RateLimits | None = None) -> Pipeline:
    return Pipeline(FakeEncoder(), color_vocabulary(), settings=AT_ONCE, rates=rates)


def make_labelling(*cameras: str, rates: RateLimits | None = None) -> Labelling:
    """Return a run that finds everything but red outside of the domain."""
    settings = OddSettings(hold_s=0.0, stale_after_s=10.0)
    return Labelling(
        make_pipeline(rates), odd=OddMonitor(ONLY_RED, cameras or ("front",), settings)
    )


def domains(labelling: Labelling, bag: Path, path: Path) -> list[dict[str, Any] | None]:
    """Label a bag and return what its lines say of the domain."""
    with BagSource(bag) as source:
        labelling.write_lines(source, path)
    return [json.loads(line)["odd"] for line in path.read_text(encoding="utf-8").splitlines()]


def levels(told: list[dict[str, Any] | None]) -> list[str | None]:
    return [each and each["level"] for each in told]


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    return write_colors(tmp_path / "drive.mcap", {"front": RED_THEN_BLUE})


def test_lines_tell_where_the_drive_leaves_the_domain_and_why(drive: Path, tmp_path: Path) -> None:
    labelling = make_labelling()

    told = domains(labelling, drive, tmp_path / "results.jsonl")

    assert levels(told) == ["INSIDE"] * 3 + ["OUTSIDE"] * 2
    assert told[-1] is not None
    assert told[-1]["since_ns"] == START_NS + 3 * STEP_NS
    assert told[-1]["reasons"][0].startswith("front: color is blue (")
    assert labelling.odd_levels == {OddLevel.INSIDE: 3, OddLevel.OUTSIDE: 2}


def test_a_copy_of_a_bag_has_the_domain_added_once(drive: Path, tmp_path: Path) -> None:
    for source_path, name in ((drive, "copy.mcap"), (tmp_path / "copy.mcap", "again.mcap")):
        with BagSource(source_path) as source:
            make_labelling().write_copy(source, tmp_path / name)

    with BagReader(tmp_path / "again.mcap") as reader:
        topics = [topic for topic in reader.topics if topic.name == ODD_TOPIC]
        statuses = [reader.deserialize(message) for message in reader.messages(topics)]

    assert [OddLevel(status.level).name for status in statuses] == ["INSIDE"] * 3 + ["OUTSIDE"] * 2
    last = statuses[-1]
    assert last.reasons[0].startswith("front: color is blue (")
    assert last.since.sec * 10**9 + last.since.nanosec == START_NS + 3 * STEP_NS
    assert last.header.frame_id == "front"


def test_what_a_bag_says_of_the_domain_stays_unless_it_is_judged_anew(
    drive: Path, tmp_path: Path
) -> None:
    with BagSource(drive) as source:
        make_labelling().write_copy(source, tmp_path / "copy.mcap")
    with BagSource(tmp_path / "copy.mcap") as source:
        Labelling(make_pipeline()).write_copy(source, tmp_path / "again.mcap")

    with BagReader(tmp_path / "again.mcap") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}

    assert counts[ODD_TOPIC] == len(RED_THEN_BLUE)


def test_all_cameras_are_judged_together(tmp_path: Path) -> None:
    colours = {"front": ["red"] * 3, "rear": ["red", "red", "green"]}
    drive = write_colors(tmp_path / "drive.mcap", colours)

    told = domains(make_labelling(*colours), drive, tmp_path / "results.jsonl")

    assert levels(told)[:2] == ["UNKNOWN", "INSIDE"]
    assert told[-1] is not None
    assert told[-1]["reasons"][0].startswith("rear: color is green (")


def test_frames_of_cameras_that_are_left_out_say_nothing(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "drive.mcap", {"front": ["red"], "rear": ["blue"]})

    told = domains(make_labelling("front"), drive, tmp_path / "results.jsonl")

    assert sorted(levels(told), key=str) == ["INSIDE", None]


def test_frames_without_labels_say_nothing(drive: Path, tmp_path: Path) -> None:
    rates = RateLimits(labels=5.0)

    told = domains(make_labelling(rates=rates), drive, tmp_path / "results.jsonl")

    assert levels(told) == ["INSIDE", None, "INSIDE", None, "OUTSIDE"]
