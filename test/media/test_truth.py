"""Ground truth is found where each kind of recording keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest
from recordings import write_drive

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_messages import string_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.truth import TruthWriter, read_truth, truth_file

RECORDS = [{"camera": "front", "stamp_ns": 0, "captions": ["Nässe"]}, {"camera": "front"}]


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3", "drive"])
def test_truth_in_a_bag_is_read(tmp_path: Path, name: str) -> None:
    write_drive(tmp_path / name, frames=2)
    records = list(read_truth(tmp_path / name))
    assert [record.data["stamp_ns"] - 10**18 for record in records] == [0, 10**8]
    assert records[0].where == f"{tmp_path / name}: /front/ground_truth at {10**18 + 5} ns"


def test_truth_lies_beside_a_video_and_inside_a_folder(tmp_path: Path) -> None:
    assert truth_file(tmp_path / "drive.mp4") == tmp_path / "drive.mp4.truth.jsonl"
    assert truth_file(tmp_path) == tmp_path / "truth.jsonl"


@pytest.mark.parametrize("asked", ["drive.mp4", "drive.mp4.truth.jsonl"])
def test_written_truth_reads_back(tmp_path: Path, asked: str) -> None:
    with TruthWriter(truth_file(tmp_path / "drive.mp4")) as writer:
        for record in RECORDS:
            writer.write(record)
    read = list(read_truth(tmp_path / asked))
    assert [record.data for record in read] == RECORDS
    assert read[1].where.endswith("drive.mp4.truth.jsonl:2")


def test_failed_run_leaves_the_old_truth_whole(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"old": true}\n')
    with pytest.raises(TypeError), TruthWriter(path, overwrite=True) as writer:
        writer.write({"new": object()})
    assert [record.data for record in read_truth(tmp_path)] == [{"old": True}]
    assert [entry.name for entry in tmp_path.iterdir()] == ["truth.jsonl"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b'{"a": 1}\n{"a"', r"truth\.jsonl:2: expected a JSON object", id="cut"),
        pytest.param(b"[1]", r"truth\.jsonl:1: expected a JSON object, got list", id="list"),
        pytest.param(b"\xff\xfe", r"truth\.jsonl: expected a file of ground truth", id="binary"),
    ],
)
def test_damaged_truth_is_refused_with_its_line(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    (tmp_path / "truth.jsonl").write_bytes(content)
    with pytest.raises(SourceError, match=expected):
        list(read_truth(tmp_path))


def test_damaged_truth_in_a_bag_is_refused_with_its_topic(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "d.mcap") as writer:
        writer.write("front/ground_truth", string_message("{"), time_ns=3)
    with pytest.raises(SourceError, match=r"d\.mcap: /front/ground_truth at 3 ns: expected a JSON"):
        list(read_truth(tmp_path / "d.mcap"))


def test_recording_without_truth_is_refused(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "d.mcap") as writer:
        writer.write("chatter", string_message("{}"), time_ns=3)
    with pytest.raises(SourceError, match=r"expected a topic <camera>/ground_truth, got none"):
        list(read_truth(tmp_path / "d.mcap"))
    with pytest.raises(SourceError, match=r"v\.mp4\.truth\.jsonl: expected a file of ground truth"):
        list(read_truth(tmp_path / "v.mp4"))
