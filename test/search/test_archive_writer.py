from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archives import (
    DIM,
    MODEL,
    Drive,
    draw_vectors,
    files_below,
    make_drive,
    reseal,
    write_archive,
)

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive import Archive
from scene_clip_ros.search.archive_writer import ArchiveWriter

MONDAY = make_drive("monday", frames=25, seed=1)
TUESDAY = make_drive("tuesday", frames=5, seed=2, start_ns=10**12)


def open_writer(path: Path, *, segment_rows: int = 65_536) -> ArchiveWriter:
    return ArchiveWriter(path, model_id=MODEL, dim=DIM, segment_rows=segment_rows)


def stamps_in(path: Path) -> list[int]:
    """Return the stamps of all frames that a search for anything finds."""
    with Archive.open(path, model_id=MODEL) as archive:
        assert archive.problems == ()
        return sorted(hit.stamp_ns for hit in archive.search(draw_vectors(0, 1), top_k=10_000))


def test_finished_source_is_done_for_the_next_writer(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(MONDAY.key)
        assert not writer.is_done(TUESDAY.key)
        assert not writer.is_done(replace(MONDAY.key, mtime_ns=8))


def test_adding_a_drive_leaves_finished_segments_untouched(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])
    before = files_below(tmp_path / "a" / "segments")

    write_archive(tmp_path / "a", [TUESDAY])

    after = files_below(tmp_path / "a" / "segments")
    assert {name: after[name] for name in before} == before
    assert len(after) == 2 * len(before)
    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns + TUESDAY.stamps_ns


def test_full_segments_are_written_as_rows_come(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a", segment_rows=10) as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
        with Archive.open(tmp_path / "a", model_id=MODEL) as archive:
            assert [len(segment) for segment in archive.segments] == [10, 10]
        writer.finish_source(MONDAY.key)

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def kept(writer: ArchiveWriter, drive: Drive, camera: str = "front") -> list[int]:
    """Return the numbers of the frames that are on the disk."""
    return [n for n in range(50) if writer.has_frame(drive.key, camera, n)]


def test_half_done_source_lacks_the_other_half(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a") as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns[:12], MONDAY.vectors[:12])
        writer.append(MONDAY.key, "rear", [0, 0, 0], MONDAY.vectors[:3], numbers=[4, 1, 7])

    with open_writer(tmp_path / "a") as writer:
        assert not writer.is_done(MONDAY.key)
        assert kept(writer, MONDAY) == list(range(12))
        assert kept(writer, MONDAY, "rear") == [1, 4, 7]
        assert kept(writer, MONDAY, "left") == []
        assert kept(writer, TUESDAY) == []


def test_frames_without_numbers_follow_the_last_one(tmp_path: Path) -> None:
    for rows in (slice(0, 3), slice(3, 5)):
        with open_writer(tmp_path / "a") as writer:
            writer.add_source(MONDAY.key)
            for row in range(rows.start, rows.stop):
                writer.append(MONDAY.key, "front", [0], MONDAY.vectors[row : row + 1])

    with open_writer(tmp_path / "a") as writer:
        assert kept(writer, MONDAY) == [0, 1, 2, 3, 4]


def test_source_is_done_for_the_cameras_that_were_asked_for(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a") as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
        writer.finish_source(MONDAY.key, ["front"])

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(MONDAY.key, ["front"])
        assert not writer.is_done(MONDAY.key)
        writer.add_source(MONDAY.key)
        writer.finish_source(MONDAY.key)
        assert writer.is_done(MONDAY.key)


def test_earlier_state_of_a_file_that_comes_back_is_added_again(tmp_path: Path) -> None:
    changed = replace(MONDAY, key=replace(MONDAY.key, mtime_ns=8), stamps_ns=[5, 6, 7] * 3)
    changed = replace(changed, vectors=MONDAY.vectors[:9])
    for drive in (MONDAY, changed):
        write_archive(tmp_path / "a", [drive])

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(changed.key)
        assert not writer.is_done(MONDAY.key)
        assert kept(writer, MONDAY) == []
    write_archive(tmp_path / "a", [MONDAY])

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(MONDAY.key)
        assert not writer.is_done(changed.key)
    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def test_refused_source_does_not_cost_the_rows_of_others(tmp_path: Path) -> None:
    def run() -> None:
        with open_writer(tmp_path / "a") as writer:
            writer.add_source(MONDAY.key)
            writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
            writer.append(TUESDAY.key, "front", TUESDAY.stamps_ns, TUESDAY.vectors)

    with pytest.raises(ArchiveError, match="expected a source that was added"):
        run()

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def test_rows_are_kept_when_the_run_ends_with_an_error(tmp_path: Path) -> None:
    def run() -> None:
        with open_writer(tmp_path / "a") as writer:
            writer.add_source(MONDAY.key)
            writer.append(MONDAY.key, "front", MONDAY.stamps_ns[:12], MONDAY.vectors[:12])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns[:12]


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_rows_that_the_disk_refuses_are_written_once_it_has_room(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a") as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
        with full_disk(), pytest.raises(ArchiveError, match="expected a place that can be written"):
            writer.finish_source(MONDAY.key)
        assert stamps_in(tmp_path / "a") == []
        assert not writer.is_done(MONDAY.key)

        writer.finish_source(MONDAY.key)

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def test_writer_whose_disk_is_full_ends_and_lets_the_next_one_in(tmp_path: Path) -> None:
    def run() -> None:
        with open_writer(tmp_path / "a") as writer:
            writer.add_source(MONDAY.key)
            writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
            writer.finish_source(MONDAY.key)

    with full_disk(), pytest.raises(ArchiveError, match="expected a place that can be written"):
        run()

    run()
    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def test_source_that_ends_without_new_rows_is_done(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a") as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)
        writer.flush()
        writer.finish_source(MONDAY.key)
        writer.add_source(TUESDAY.key)
        writer.append(TUESDAY.key, "front", [], np.empty((0, DIM), np.float32))
        writer.finish_source(TUESDAY.key)

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(MONDAY.key)
        assert writer.is_done(TUESDAY.key)
        assert len(list((tmp_path / "a" / "segments").iterdir())) == 1


def test_second_writer_is_refused_while_the_first_is_at_it(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a"), pytest.raises(ArchiveError, match="got process"):
        open_writer(tmp_path / "a")

    open_writer(tmp_path / "a").close()


def test_other_model_is_refused_with_both_names_and_lets_go_of_the_lock(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])

    with pytest.raises(ArchiveError, match=r"model other/2 \(size 16\), got those of made-up/1"):
        ArchiveWriter(tmp_path / "a", model_id="other/2", dim=DIM)
    with pytest.raises(ArchiveError, match=r"\(size 8\), got those of made-up/1 \(size 16\)"):
        ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=8)

    open_writer(tmp_path / "a").close()


def test_lost_manifest_does_not_open_the_archive_to_other_models(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])
    (tmp_path / "a" / "archive.json").unlink()

    with pytest.raises(ArchiveError, match="other/2"):
        ArchiveWriter(tmp_path / "a", model_id="other/2", dim=DIM)


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_bytes(b"{"), lambda path: path.write_bytes(b"")],
    ids=["lost", "cut off", "empty"],
)
def test_manifest_is_made_anew_from_segments(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    write_archive(tmp_path / "a", [MONDAY, TUESDAY], segment_rows=10)
    manifest = tmp_path / "a" / "archive.json"
    whole = manifest.read_bytes()
    damage(manifest)

    with open_writer(tmp_path / "a") as writer:
        assert writer.is_done(MONDAY.key)
        assert writer.is_done(TUESDAY.key)
        assert "archive.json" in writer.problems[0]

    assert manifest.read_bytes() == whole


def test_other_format_is_not_written_over(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])
    reseal(tmp_path / "a" / "archive.json", {"format": 2})
    before = (tmp_path / "a" / "archive.json").read_bytes()

    with pytest.raises(ArchiveError, match="expected format 1, got 2"):
        open_writer(tmp_path / "a")

    assert (tmp_path / "a" / "archive.json").read_bytes() == before


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])
    leftover = tmp_path / "a" / "segments" / ".000002.partial"
    leftover.mkdir()
    (leftover / "vectors.bin").write_bytes(b"half")
    (tmp_path / "a" / ".archive.json.partial").write_bytes(b"half")

    write_archive(tmp_path / "a", [TUESDAY])

    assert list((tmp_path / "a").rglob("*.partial")) == []
    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns + TUESDAY.stamps_ns


def test_lost_segment_is_told_and_its_frames_are_missing(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY], segment_rows=10)
    shutil.rmtree(tmp_path / "a" / "segments" / "000002")

    with open_writer(tmp_path / "a") as writer:
        assert "000002: expected a segment, got none" in writer.problems[0]
        assert not writer.is_done(MONDAY.key)
        assert kept(writer, MONDAY) == [*range(10), *range(20, 25)]
        writer.add_source(MONDAY.key)
        lost = range(10, 20)
        stamps_ns = MONDAY.stamps_ns[10:20]
        writer.append(MONDAY.key, "front", stamps_ns, MONDAY.vectors[10:20], numbers=lost)
        writer.finish_source(MONDAY.key)
        assert writer.is_done(MONDAY.key)

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


@pytest.mark.parametrize("name", ["segment.json", "index.bin", "vectors.bin", "frames.parquet"])
def test_cut_off_segment_counts_as_lost(tmp_path: Path, name: str) -> None:
    write_archive(tmp_path / "a", [MONDAY, TUESDAY])
    path = tmp_path / "a" / "segments" / "000001" / name
    path.write_bytes(path.read_bytes()[:-3])

    with open_writer(tmp_path / "a") as writer:
        assert name in writer.problems[0]
        assert not writer.is_done(MONDAY.key)
        assert writer.is_done(TUESDAY.key)


def test_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")

    with pytest.raises(ArchiveError, match="got a folder of other things"):
        open_writer(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


FOREIGN: dict[str, dict[str, bytes]] = {
    "lock of something else": {"lock": b"my notes"},
    "segments of something else": {"segments/.video.partial": b"x", "segments/1.ts": b"y"},
    "lock beside other things": {"lock": b"", "photo.jpg": b"x"},
}


@pytest.mark.parametrize("files", FOREIGN.values(), ids=FOREIGN.keys())
def test_folder_with_a_name_or_two_of_an_archive_is_left_alone(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    with pytest.raises(ArchiveError, match=r"expected (an archive or|the lock of)"):
        open_writer(tmp_path)

    assert {name: (tmp_path / name).read_bytes() for name in files} == files


def test_other_things_in_an_archive_are_left_alone(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY])
    (tmp_path / "a" / ".download.partial").write_bytes(b"x")
    (tmp_path / "a" / "segments" / ".video.partial").mkdir()

    open_writer(tmp_path / "a").close()

    assert (tmp_path / "a" / ".download.partial").exists()
    assert (tmp_path / "a" / "segments" / ".video.partial").exists()


def test_archive_whose_writer_was_killed_at_its_start_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "a" / "segments" / ".000001.partial").mkdir(parents=True)
    (tmp_path / "a" / "lock").write_bytes(b"")
    (tmp_path / "a" / ".archive.json.partial").write_bytes(b"{")

    write_archive(tmp_path / "a", [MONDAY])

    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["segment.json", "index.bin", "frames.parquet"])
def test_changed_bytes_count_as_lost(tmp_path: Path, name: str) -> None:
    write_archive(tmp_path / "a", [MONDAY, TUESDAY])
    flip(tmp_path / "a" / "segments" / "000001" / name)

    with open_writer(tmp_path / "a") as writer:
        assert name in writer.problems[0]
        assert not writer.is_done(MONDAY.key)
        assert writer.is_done(TUESDAY.key)


@pytest.mark.parametrize("verify", [False, True], ids=["trusted", "verified"])
def test_changed_embeddings_are_found_when_they_are_verified(
    tmp_path: Path, *, verify: bool
) -> None:
    write_archive(tmp_path / "a", [MONDAY, TUESDAY])
    flip(tmp_path / "a" / "segments" / "000001" / "vectors.bin")

    with ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM, verify=verify) as writer:
        assert writer.is_done(MONDAY.key) != verify
        assert len(writer.problems) == verify


def test_damaged_segment_goes_once_its_frames_are_there_again(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [MONDAY, TUESDAY])
    flip(tmp_path / "a" / "segments" / "000001" / "vectors.bin")

    with ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM, verify=True) as writer:
        writer.add_source(MONDAY.key)
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns[:9], MONDAY.vectors[:9])
        writer.flush()
        assert (tmp_path / "a" / "segments" / "000001").exists()
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns[9:], MONDAY.vectors[9:])
        writer.finish_source(MONDAY.key)
        assert not (tmp_path / "a" / "segments" / "000001").exists()

    with Archive.open(tmp_path / "a") as archive:
        assert archive.verify() == ()
    assert stamps_in(tmp_path / "a") == MONDAY.stamps_ns + TUESDAY.stamps_ns


def test_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")

    with pytest.raises(ArchiveError, match="expected an archive or a free name"):
        open_writer(tmp_path / "a")


@pytest.mark.parametrize(
    ("embeddings", "reason"),
    [
        (np.zeros((2, DIM + 1), np.float32), r"shape \(2, 16\), got \(2, 17\)"),
        (np.zeros((3, DIM), np.float32), r"shape \(2, 16\), got \(3, 16\)"),
        (np.zeros((2, DIM), np.float32), "unit length, got one of length 0"),
        (np.full((2, DIM), np.nan, np.float32), "unit length, got one of length nan"),
        (np.full((2, DIM), np.inf, np.float32), "unit length, got one of length inf"),
    ],
    ids=["size", "number", "zero", "nan", "infinite"],
)
def test_what_is_no_embedding_is_refused(
    tmp_path: Path, embeddings: np.ndarray, reason: str
) -> None:
    with open_writer(tmp_path / "a") as writer:
        writer.add_source(MONDAY.key)
        with pytest.raises(ArchiveError, match=reason):
            writer.append(MONDAY.key, "front", [1, 2], embeddings)

    assert stamps_in(tmp_path / "a") == []


def test_source_must_be_added_before_its_frames(tmp_path: Path) -> None:
    reason = r"monday.mcap: expected a source that was added"
    with open_writer(tmp_path / "a") as writer, pytest.raises(ArchiveError, match=reason):
        writer.append(MONDAY.key, "front", MONDAY.stamps_ns, MONDAY.vectors)


def test_large_segment_states_its_recall(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [make_drive("long", frames=5000)])

    with Archive.open(tmp_path / "a") as archive:
        (segment,) = archive.segments
        assert segment.header.lists > 1
        assert 0.98 <= segment.header.recall_at_10 == archive.recall_at_10
    with open_writer(tmp_path / "a") as writer:
        assert writer.recall_at_10 == segment.header.recall_at_10
