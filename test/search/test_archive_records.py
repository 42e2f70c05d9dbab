from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from archives import reseal

from scene_clip_ros.core.errors import ArchiveError, SourceError
from scene_clip_ros.search.archive_records import (
    ArchiveFormatError,
    CameraRows,
    FinishedSource,
    Manifest,
    SegmentHeader,
    SourceKey,
    SourceRows,
    read_header,
    read_manifest,
    segment_names,
    to_json,
)
from scene_clip_ros.search.durable_files import FileSum, sealed

KEY = SourceKey("/drives/a b é.mcap", 10, 20)
FINISHED = (
    FinishedSource(KEY, (("front", 5), ("rear", 0))),
    FinishedSource(KEY, (), ("rear",)),
)
MANIFEST = Manifest("clip/1", 512, ("000001", "000002"), FINISHED)
HEADER = SegmentHeader(
    model_id="clip/1",
    dim=512,
    rows=5000,
    lists=71,
    probes=8,
    recall_at_10=0.98,
    index=FileSum(100, 2**32 - 1),
    frames=FileSum(200, 0),
    sources=(SourceRows(KEY, (CameraRows("front", ((0, 3), (5, 8))),)),),
    finished=FINISHED,
    replaces=("000001", "000002"),
)


def test_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "archive.json").write_bytes(sealed(to_json(MANIFEST)))

    assert read_manifest(tmp_path) == MANIFEST


def test_header_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "segment.json").write_bytes(sealed(to_json(HEADER)))

    assert read_header(tmp_path) == HEADER


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 0},
        {"rows": 65_537},
        {"rows": "many"},
        {"rows": True},
        {"dim": 10**12},
        {"lists": 5001},
        {"probes": 72},
        {"model_id": None},
        {"index": {"size_bytes": -1, "crc32": 0}},
        {"frames": []},
        {"sources": [{"key": {"path": "/a"}}]},
        {"sources": [{"key": asdict(KEY), "cameras": [{"camera": "front", "runs": [[4, 4]]}]}]},
        {"sources": [{"key": asdict(KEY), "cameras": [{"camera": "front", "runs": [["0", 4]]}]}]},
        {"sources": [{"key": asdict(KEY), "cameras": [{"camera": "front", "runs": [[4]]}]}]},
        {"sources": [{"key": {"path": 3, "size": 1, "mtime_ns": 1}, "cameras": []}]},
        {"finished": {"a": 1}},
        {"recall_at_10": "good"},
        {"replaces": [1]},
    ],
    ids=lambda changes: ",".join(f"{key}={value!r:.24}" for key, value in changes.items()),
)
def test_header_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "segment.json"
    path.write_bytes(sealed(to_json(HEADER)))
    reseal(path, changes)

    with pytest.raises(ArchiveError, match=r"segment.json: expected a complete record"):
        read_header(tmp_path)


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_other_format_is_told_from_damage(tmp_path: Path, version: object) -> None:
    path = tmp_path / "archive.json"
    path.write_bytes(sealed(to_json(MANIFEST)))
    reseal(path, {"format": version})

    with pytest.raises(ArchiveFormatError, match="expected format 1, got"):
        read_manifest(tmp_path)


def test_segments_are_named_in_the_order_of_writing(tmp_path: Path) -> None:
    for name in ("000010", "000002", "1000000", ".000011.partial"):
        (tmp_path / "segments" / name).mkdir(parents=True)
    (tmp_path / "segments" / "note.txt").write_text("no segment", encoding="utf-8")

    assert segment_names(tmp_path) == ["000002", "000010", "1000000"]


def test_archive_without_segments_has_none(tmp_path: Path) -> None:
    assert segment_names(tmp_path / "none") == []


def test_key_of_a_file_tells_its_states_apart(tmp_path: Path) -> None:
    path = tmp_path / "drive.mcap"
    path.write_bytes(b"12345")
    key = SourceKey.of(path, [path])
    path.write_bytes(b"123456")

    assert (key.path, key.size) == (str(path), 5)
    assert SourceKey.of(path, [path]) != key


def test_key_of_a_folder_is_that_of_the_files_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.db3").write_bytes(b"123")
    (tmp_path / "b.db3").write_bytes(b"4567")
    key = SourceKey.of(tmp_path, [tmp_path / "a.db3", tmp_path / "b.db3"])
    (tmp_path / "notes.txt").write_bytes(b"8")

    assert (key.path, key.size) == (str(tmp_path), 7)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.mcap", r"none.mcap: expected a recording, got"), ("\udcff", "a path in Unicode")],
    ids=["gone", "no text"],
)
def test_recording_that_cannot_be_named_has_no_key(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        SourceKey.of(tmp_path / name, [tmp_path / name])
