"""Boxes and alerts of recordings: real code, with models that understand colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from colors import RED

from scene_clip_ros.cli.labelling import Labelling
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.core.zone import Corridor, PinholeCamera
from scene_clip_ros.media.bag_messages import camera_info_message, image_message
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import FolderSource, stamp_file_name
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.results import read_results

FRAMES, STEP_NS = 5, 100_000_000
SIZE_WH = (160, 90)
RED_AT = (70, 50, 90, 85)
CAMERA = PinholeCamera(SIZE_WH, (120.0, 120.0), (80.0, 40.0))
SETTINGS = AlertSettings(labels=("red thing",))


def picture() -> ImageArray:
    """Return something red before the vehicle."""
    rgb = np.full((SIZE_WH[1], SIZE_WH[0], 3), 90, np.uint8)
    left, top, right, bottom = RED_AT
    rgb[top:bottom, left:right] = RED
    return rgb


def make_pipeline(*, boxes: bool = True, rates: RateLimits | None = None) -> Pipeline:
    queries = (QuerySpec("red thing", ("a red thing",)),)
    vocabulary = Vocabulary(queries=queries, background=("a white wall",))
    proposer = FakeProposer() if boxes else None
    return Pipeline(FakeEncoder(), vocabulary, proposer=proposer, rates=rates)


def write_bag(path: Path, camera: PinholeCamera | None = CAMERA) -> Path:
    """Write a bag of equal pictures, with a calibration if there is one."""
    with BagWriter(path) as writer:
        for stamp_ns in range(0, FRAMES * STEP_NS, STEP_NS):
            if camera is not None:
                info = camera_info_message(
                    width=camera.size_wh[0],
                    height=camera.size_wh[1],
                    focal_px=camera.focal_xy[0],
                    centre_xy=camera.centre_xy,
                    stamp_ns=stamp_ns,
                    frame_id="f",
                )
                writer.write("front/camera_info", info, time_ns=stamp_ns)
            image = image_message(picture(), stamp_ns=stamp_ns, frame_id="f")
            writer.write("front/image", image, time_ns=stamp_ns + 5)
    return path


def write_lines(bag: Path, path: Path, **options: Any) -> list[dict[str, Any]]:
    """Label a bag into a results file and return its lines."""
    with BagSource(bag) as source:
        Labelling(make_pipeline(**options), alerts=SETTINGS).write_lines(source, path)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_lines_tell_what_was_found_and_what_is_held_of_it(tmp_path: Path) -> None:
    lines = write_lines(write_bag(tmp_path / "drive.mcap"), tmp_path / "results.jsonl")
    assert [line["boxes"][0]["xyxy"] for line in lines] == [list(map(float, RED_AT))] * FRAMES
    assert [line["size_wh"] for line in lines] == [list(SIZE_WH)] * FRAMES
    assert lines[0]["alert"]["level"] == "CAUTION"
    assert lines[-1]["alert"]["level"] == "WARNING"
    assert lines[-1]["alert"]["boxes"] == lines[-1]["boxes"]
    assert len(list(read_results(tmp_path / "results.jsonl"))) == FRAMES


def test_nothing_is_told_while_boxes_are_off(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / "drive.mcap")
    line, *_ = write_lines(bag, tmp_path / "results.jsonl", boxes=False)
    assert (line["size_wh"], line["boxes"], line["alert"]) == (None, [], None)


def test_the_zone_is_the_corridor_as_the_camera_sees_it(tmp_path: Path) -> None:
    line, *_ = write_lines(write_bag(tmp_path / "drive.mcap"), tmp_path / "results.jsonl")
    np.testing.assert_allclose(line["alert"]["zone"], Corridor().zone(CAMERA).points, atol=1e-5)


def test_a_calibration_that_does_not_show_the_corridor_is_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up = PinholeCamera(SIZE_WH, (120.0, 120.0), (80.0, 4000.0))
    plain = write_lines(write_bag(tmp_path / "plain.mcap", None), tmp_path / "plain.jsonl")
    lines = write_lines(write_bag(tmp_path / "drive.mcap", up), tmp_path / "results.jsonl")
    assert lines[0]["alert"]["zone"] == plain[0]["alert"]["zone"]
    assert "camera front: calibration not used: corridor: expected" in capsys.readouterr().err


def test_a_folder_is_judged_with_the_usual_zone(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    for stamp_ns in range(0, FRAMES * STEP_NS, STEP_NS):
        path = tmp_path / "drive" / stamp_file_name(stamp_ns, ".png")
        path.write_bytes(encode_png(picture()))
    with FolderSource(tmp_path / "drive", camera="front") as source:
        labelling = Labelling(make_pipeline(), alerts=SETTINGS)
        labelling.write_lines(source, tmp_path / "results.jsonl")
    *_, last = read_results(tmp_path / "results.jsonl")
    assert last.alert is not None
    assert last.alert.level.name == "WARNING"


def test_a_copy_of_a_bag_has_boxes_and_alerts_added(tmp_path: Path) -> None:
    bag, copy = write_bag(tmp_path / "drive.mcap"), tmp_path / "copy.mcap"
    for source_path, target in ((bag, copy), (copy, tmp_path / "again.mcap")):
        with BagSource(source_path) as source:
            Labelling(make_pipeline(), alerts=SETTINGS).write_copy(source, target)
    with BagReader(tmp_path / "again.mcap") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
        alerts = [t for t in reader.topics if t.name == "/front/scene_clip/alert"]
        messages = [(m.time_ns, reader.deserialize(m)) for m in reader.messages(alerts)]
    names = ("image", "camera_info", *(f"scene_clip/{n}" for n in ("labels", "embedding")))
    names += ("scene_clip/boxes", "scene_clip/alert")
    assert counts == {f"/front/{name}": FRAMES for name in names}
    time_ns, last = messages[-1]
    assert time_ns == (FRAMES - 1) * STEP_NS + 5
    assert (last.level, last.header.frame_id, len(last.boxes)) == (last.WARNING, "f", 1)


def test_limited_functions_add_to_a_copy_what_they_got(tmp_path: Path) -> None:
    rates = RateLimits(labels=5.0, embedding=2.5, boxes=5.0, memory=1.0)
    with BagSource(write_bag(tmp_path / "drive.mcap")) as source:
        labelling = Labelling(make_pipeline(rates=rates), alerts=SETTINGS)
        labelling.write_copy(source, tmp_path / "copy.mcap")
    with BagReader(tmp_path / "copy.mcap") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
    assert counts["/front/image"] == FRAMES
    assert labelling.labelled == counts["/front/scene_clip/labels"] == 3
    assert counts["/front/scene_clip/boxes"] == counts["/front/scene_clip/alert"] == 3
    assert counts["/front/scene_clip/embedding"] == 2


def test_a_line_is_written_for_each_frame_that_a_function_got(tmp_path: Path) -> None:
    rates = RateLimits(labels=2.5, embedding=2.5, boxes=5.0, memory=2.5)
    bag = write_bag(tmp_path / "drive.mcap")
    first, second = (write_lines(bag, tmp_path / "results.jsonl", rates=rates) for _ in range(2))
    assert first == second
    assert [line["stamp_ns"] // STEP_NS for line in first] == [0, 2, 4]
    assert [bool(line["size_wh"]) for line in first] == [True] * 3
