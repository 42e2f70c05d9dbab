from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from archives import DIM, MODEL, Drive, draw_vectors, files_below, make_drive, write_archive
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive import Archive
from scene_clip_ros.search.archive_writer import ArchiveWriter
from scene_clip_ros.search.segment_merge import GROWTH, count_merged

CLIPS = [make_drive(f"clip{n}", frames=12 + n % 3, seed=n, start_ns=n * 10**12) for n in range(30)]
EVERY = sorted((drive.key.path, stamp_ns) for drive in CLIPS for stamp_ns in drive.stamps_ns)


def frames_in(path: Path) -> list[tuple[str, int]]:
    """Return source and stamp of every row that counts; nothing may be damaged."""
    with Archive.open(path, model_id=MODEL) as archive:
        assert archive.verify() == ()
        hits = archive.search(draw_vectors(0, 1), top_k=10_000)
        assert len(hits) == len(archive)
    return sorted((hit.source, hit.stamp_ns) for hit in hits)


def names_in(path: Path) -> list[str]:
    return sorted(each.name for each in (path / "segments").iterdir())


@given(st.lists(st.integers(1, 300), max_size=200))
def test_many_small_segments_become_few(rows: list[int]) -> None:
    sizes: list[int] = []
    for count in rows:
        merged = count_merged(sizes, rows=count, most=1000)
        kept = sizes[: len(sizes) - merged]
        sizes = [*kept, count + sum(sizes[len(kept) :])]
        assert sizes[-1] <= 1000

    assert sum(sizes) == sum(rows)
    assert all(one > GROWTH * other or one + other > 1000 for one, other in pairwise(sizes))


def test_full_segments_are_left_alone() -> None:
    assert count_merged([10, 1000], rows=600, most=1000) == 0


def test_clips_that_are_added_one_by_one_end_up_in_few_segments(tmp_path: Path) -> None:
    for drive in CLIPS:
        write_archive(tmp_path / "a", [drive], segment_rows=150)

    assert len(names_in(tmp_path / "a")) <= 5
    assert frames_in(tmp_path / "a") == EVERY
    with ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM) as writer:
        assert writer.problems == ()
        assert all(writer.is_done(drive.key) for drive in CLIPS)


def test_embeddings_stay_with_their_frames(tmp_path: Path) -> None:
    long = make_drive("long", frames=4500, seed=1)
    write_archive(tmp_path / "a", [*CLIPS[:3], long, *CLIPS[3:]], segment_rows=65_536)

    with Archive.open(tmp_path / "a") as archive:
        assert len(archive.segments) == 3
        assert archive.segments[0].header.lists > 1
        for drive in (long, CLIPS[0], CLIPS[20]):
            (hit,) = archive.search(drive.vectors[7:8], top_k=1)
            assert (hit.source, hit.stamp_ns) == (drive.key.path, drive.stamps_ns[7])
            assert hit.score == pytest.approx(1.0, abs=1e-3)


def changed(drive: Drive, mtime_ns: int) -> Drive:
    key = replace(drive.key, mtime_ns=mtime_ns)
    return replace(drive, key=key, stamps_ns=[mtime_ns, mtime_ns + 1], vectors=drive.vectors[:2])


def test_what_a_changed_file_has_replaced_is_left_out_for_good(tmp_path: Path) -> None:
    other = replace(CLIPS[0], stamps_ns=CLIPS[0].stamps_ns[:2], vectors=CLIPS[0].vectors[:2])
    again = changed(other, 99)
    write_archive(tmp_path / "a", [CLIPS[1], other, again, CLIPS[2]])

    (name,) = names_in(tmp_path / "a")
    with Archive.open(tmp_path / "a") as archive:
        assert [len(segment) for segment in archive.segments] == [len(archive)]
    assert name == "000004"
    assert frames_in(tmp_path / "a") == sorted(
        (drive.key.path, stamp_ns)
        for drive in (CLIPS[1], again, CLIPS[2])
        for stamp_ns in drive.stamps_ns
    )
    with ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM) as writer:
        assert writer.is_done(again.key)
        assert not writer.is_done(other.key)


def test_replaced_segments_that_a_kill_left_do_not_count(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", CLIPS[:1])
    shutil.copytree(path / "segments" / "000001", tmp_path / "kept")
    manifest = (path / "archive.json").read_bytes()
    write_archive(path, CLIPS[1:2])
    shutil.copytree(tmp_path / "kept", path / "segments" / "000001")
    (path / "archive.json").write_bytes(manifest)

    two = sorted((drive.key.path, stamp) for drive in CLIPS[:2] for stamp in drive.stamps_ns)
    assert names_in(path) == ["000001", "000002"]
    assert frames_in(path) == two
    (path / "segments" / "000001" / "vectors.bin").write_bytes(b"half removed")
    assert frames_in(path) == two

    with ArchiveWriter(path, model_id=MODEL, dim=DIM) as writer:
        assert writer.problems == ()
        assert all(writer.is_done(drive.key) for drive in CLIPS[:2])
    assert names_in(path) == ["000002"]
    assert frames_in(path) == two


def test_damaged_segment_is_not_taken_over(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", CLIPS[:1])
    vectors = path / "segments" / "000001" / "vectors.bin"
    vectors.write_bytes(bytes(len(vectors.read_bytes())))
    before = files_below(path / "segments")

    with ArchiveWriter(path, model_id=MODEL, dim=DIM) as writer:
        writer.add_source(CLIPS[1].key)
        writer.append(CLIPS[1].key, "front", CLIPS[1].stamps_ns, CLIPS[1].vectors)
        writer.finish_source(CLIPS[1].key)
        assert "000001/vectors.bin: expected list 0" in writer.problems[0]

    assert names_in(path) == ["000001", "000002"]
    after = files_below(path / "segments")
    assert {name: after[name] for name in before} == before


def test_reader_goes_on_with_segments_that_were_replaced(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", CLIPS[:1])
    with Archive.open(path) as before:
        write_archive(path, CLIPS[1:])

        hits = before.search(draw_vectors(0, 1), top_k=100)

        assert sorted(hit.stamp_ns for hit in hits) == CLIPS[0].stamps_ns


def test_full_disk_leaves_what_was_to_be_merged(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", CLIPS[:1])
    writer = ArchiveWriter(path, model_id=MODEL, dim=DIM)
    writer.add_source(CLIPS[1].key)
    writer.append(CLIPS[1].key, "front", CLIPS[1].stamps_ns, CLIPS[1].vectors)
    (path / "segments" / ".000002.partial").write_bytes(b"in the way")

    with pytest.raises(ArchiveError, match="expected a place that can be written"):
        writer.finish_source(CLIPS[1].key)

    assert [name for _, name in frames_in(path)] == CLIPS[0].stamps_ns
    with pytest.raises(ArchiveError):
        writer.close()
