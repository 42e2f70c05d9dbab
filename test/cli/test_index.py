"""Recordings become searchable: embedded once, continued after a kill, one by one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from color_drives import START_NS, STEP_NS, CountingEncoder, index, write_colors
from recordings import axis, plain, write_drive, write_embedding, write_picture, write_video

from scene_clip_ros.cli.indexing import SAVE_EVERY_S, Indexing
from scene_clip_ros.core.errors import ArchiveError, ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.models.fake_encoder import NAN_COLOR, FakeEncoder
from scene_clip_ros.search.archive import Archive
from scene_clip_ros.search.archive_writer import ArchiveWriter

MODEL, DIM = "fake-32", 32


def frames_of(archive: Path) -> set[tuple[str, str, int]]:
    """Return name of the recording, camera and stamp of every frame."""
    with Archive.open(archive, model_id=MODEL) as opened:
        hits = opened.search(axis(0)[None], top_k=10_000)
    frames = {(Path(hit.source).name, hit.camera, hit.stamp_ns) for hit in hits}
    assert len(frames) == len(hits)
    return frames


def stamps(name: str, camera: str, count: int) -> set[tuple[str, str, int]]:
    return {(name, camera, START_NS + i * STEP_NS) for i in range(count)}


def test_bags_videos_and_folders_are_indexed_together(tmp_path: Path) -> None:
    write_colors(tmp_path / "bag.mcap", {"front": ["red"] * 3, "rear": ["blue"] * 2})
    write_video(tmp_path / "video.avi", frames=4, rate_hz=10)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.jpg").write_bytes(encode_jpeg(plain(5)))
    inputs = [tmp_path / name for name in ("bag.mcap", "video.avi", "pictures")]
    assert index(tmp_path / "drives.archive", *inputs) == 0
    assert frames_of(tmp_path / "drives.archive") == {
        *stamps("bag.mcap", "front", 3),
        *stamps("bag.mcap", "rear", 2),
        *(("video.avi", "front", i * STEP_NS) for i in range(4)),
        ("pictures", "front", 0),
    }


def test_recordings_are_added_later_and_not_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_colors(tmp_path / "first.mcap", {"front": ["red"] * 9})
    second = write_colors(tmp_path / "second.mcap", {"front": ["blue"] * 2})
    encoder = CountingEncoder()
    archive = tmp_path / "drives.archive"
    assert index(archive, first, encoder=encoder) == 0
    assert index(archive, first, second, first, encoder=encoder) == 0
    assert encoder.pictures == 11
    assert frames_of(archive) == stamps("first.mcap", "front", 9) | stamps(
        "second.mcap", "front", 2
    )
    printed = capsys.readouterr().out
    assert f"{first}: 9 frames\n" in printed
    assert f"{first}: indexed before\n" in printed
    assert f"{archive}: 2 of 2 recordings indexed\n" in printed
    assert "finds 100.0% or more of the ten best frames (recall@10)" in printed


def test_recordings_bear_absolute_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drive = write_colors(tmp_path / "drive.mcap", {"front": ["red"]})
    monkeypatch.chdir(tmp_path)
    index(tmp_path / "a", f".{os.sep}drive.mcap", "drive.mcap")
    with Archive.open(tmp_path / "a", model_id=MODEL) as archive:
        (hit,) = archive.search(axis(0)[None])
    assert hit.source == str(drive)


def test_recorded_embeddings_are_taken_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for i in range(5):
            write_embedding(writer, "front", i, axis(i))
        write_picture(writer, "rear", 0, plain(0))
    encoder = CountingEncoder()
    assert index(tmp_path / "a", tmp_path / "drive.mcap", encoder=encoder) == 0
    assert encoder.pictures == 1
    with Archive.open(tmp_path / "a", model_id=MODEL) as archive:
        best = [archive.search(axis(i)[None], cameras=("front",), top_k=1)[0] for i in range(5)]
    assert [hit.stamp_ns for hit in best] == list(range(5))
    assert [hit.score for hit in best] == pytest.approx([1.0] * 5, abs=1e-3)
    assert "6 frames, 5 of them with recorded embeddings" in capsys.readouterr().out


def test_frames_without_a_recorded_embedding_are_embedded(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for i in range(40):
            write_picture(writer, "front", i, plain(0))
            if i % 3:
                write_embedding(writer, "front", i, axis(0), late_ns=5)
    encoder = CountingEncoder()
    index(tmp_path / "a", tmp_path / "drive.mcap", encoder=encoder)
    assert {stamp_ns for *_, stamp_ns in frames_of(tmp_path / "a")} == set(range(40))
    assert encoder.pictures == 14


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "drive.mcap", {"front": ["red"] * 20, "rear": ["blue"] * 20})
    archive = tmp_path / "a"
    with (
        ArchiveWriter(archive, model_id=MODEL, dim=DIM, segment_rows=8) as writer,
        pytest.raises(RuntimeError, match="out of power"),
    ):
        Indexing(FailingEncoder(after=24), writer).add(drive, label="drive")
    known = frames_of(archive)
    encoder = CountingEncoder()
    assert index(archive, drive, encoder=encoder) == 0
    assert frames_of(archive) == stamps("drive.mcap", "front", 20) | stamps(
        "drive.mcap", "rear", 20
    )
    assert encoder.pictures == 40 - len(known)


class FailingEncoder(CountingEncoder):
    """Ends the run after some pictures, as a kill would."""

    def __init__(self, *, after: int) -> None:
        super().__init__()
        self._after = after

    def encode_images(self, images: list[np.ndarray]) -> np.ndarray:
        if self.pictures >= self._after:
            message = "out of power"
            raise RuntimeError(message)
        return super().encode_images(images)


STAMPS: dict[str, list[int]] = {
    "rising": list(range(30)),
    "jumping back": [*range(10, 22), *range(18)],
    "constant": [7] * 30,
}


def rows_of(archive: Path) -> list[tuple[str, int]]:
    """Return camera and stamp of every row, sorted; frames may have the same stamp."""
    with Archive.open(archive, model_id=MODEL) as opened:
        assert opened.problems == ()
        tables = [segment.frames for segment in opened.segments]
    return sorted(
        (table.camera_names[camera], stamp_ns)
        for table in tables
        for camera, stamp_ns in zip(table.cameras, table.stamps_ns.tolist(), strict=True)
    )


@pytest.mark.parametrize("stamps_ns", STAMPS.values(), ids=STAMPS.keys())
def test_a_run_that_was_cut_off_loses_no_frame_whatever_its_stamps(
    tmp_path: Path, stamps_ns: list[int]
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as bag:
        for number, stamp_ns in enumerate(stamps_ns):
            picture = plain(0)
            picture[:] = NAN_COLOR if number == 3 else (number, 0, 0)
            write_picture(bag, "front", stamp_ns, picture)
            write_embedding(bag, "rear", number, axis(number))
    archive, encoder = tmp_path / "a", CountingEncoder()
    with (
        pytest.raises(RuntimeError, match="out of power"),
        ArchiveWriter(archive, model_id=MODEL, dim=DIM) as writer,
    ):
        Indexing(FailingEncoder(after=20), writer).add(tmp_path / "drive.mcap", label="")
    known = [row for row in rows_of(archive) if row[0] == "front"]

    assert index(archive, tmp_path / "drive.mcap", encoder=encoder) == 0

    assert 0 < len(known) < 29
    assert encoder.pictures >= 29 - len(known)
    assert rows_of(archive) == sorted(
        [("front", stamp_ns) for number, stamp_ns in enumerate(stamps_ns) if number != 3]
        + [("rear", number) for number in range(30)]
    )


def test_what_was_embedded_is_kept_when_the_run_is_interrupted(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "drive.mcap", {"front": ["red"] * 20})

    class Interrupted(CountingEncoder):
        def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
            if self.pictures == 16:
                raise KeyboardInterrupt
            return super().encode_images(images)

    with (
        pytest.raises(KeyboardInterrupt),
        ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM) as writer,
    ):
        Indexing(Interrupted(), writer).add(drive, label="")
    assert frames_of(tmp_path / "a") == stamps("drive.mcap", "front", 16)


def test_a_kill_costs_no_more_than_the_time_between_two_saves(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as bag:
        for i in range(40):
            write_embedding(bag, "front" if i % 2 else "rear", i, axis(0))
    now_s, on_disk = 0.0, list[int]()

    def clock_s() -> float:
        nonlocal now_s
        if (tmp_path / "a").exists():
            with Archive.open(tmp_path / "a", model_id=MODEL) as archive:
                on_disk.append(len(archive))
        now_s += SAVE_EVERY_S / 2
        return now_s

    with ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM) as writer:
        Indexing(FakeEncoder(), writer, clock_s=clock_s).add(tmp_path / "drive.mcap", label="")
    assert on_disk == [0, 0, 0, 16, 16, 32, 40]


def test_a_bad_recording_is_named_and_the_others_are_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.mcap").write_bytes(b"no bag")
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    good = write_colors(tmp_path / "good.mcap", {"front": ["red"] * 2})
    names = ["bad.mcap", "gone.mcap", "bad.mp4", "good.mcap"]
    assert index(tmp_path / "a", *(tmp_path / name for name in names)) == 2
    printed = capsys.readouterr()
    errors = printed.err.splitlines()
    assert [line.startswith("scene-clip: error: ") for line in errors] == [True] * 3
    assert all(str(tmp_path / name) in line for name, line in zip(names[:3], errors, strict=True))
    assert "1 of 4 recordings indexed" in printed.out
    assert frames_of(tmp_path / "a") == stamps(good.name, "front", 2)


def test_what_can_be_read_of_a_damaged_recording_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_video(tmp_path / "drive.avi", frames=60, rate_hz=10)
    content = (tmp_path / "drive.avi").read_bytes()
    (tmp_path / "drive.avi").write_bytes(content[: len(content) // 2])
    for _ in range(2):
        assert index(tmp_path / "a", tmp_path / "drive.avi") == 2
        assert "expected 60 frames" in capsys.readouterr().err
    found = {stamp_ns // STEP_NS for *_, stamp_ns in frames_of(tmp_path / "a")}
    assert found == set(range(len(found)))
    assert 10 < len(found) < 60


def test_bad_frames_are_reported_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for i in range(12):
            rgb = plain(0)
            rgb[:] = NAN_COLOR if i % 2 else (255, 0, 0)
            write_picture(writer, "front", i, rgb)
    assert index(tmp_path / "a", tmp_path / "drive.mcap") == 0
    printed = capsys.readouterr()
    assert "skipped front at 1 ns: expected finite embeddings" in printed.err
    assert len(printed.err.splitlines()) == 5
    assert printed.err.rstrip().endswith("(further ones are only counted)")
    assert "6 frames, 6 skipped" in printed.out
    assert {stamp_ns for *_, stamp_ns in frames_of(tmp_path / "a")} == set(range(0, 12, 2))


def test_a_folder_of_recordings_stands_for_them(tmp_path: Path) -> None:
    for name in ("b.mcap", "a.db3", "c"):
        write_drive(tmp_path / "drives" / name, frames=1)
    write_video(tmp_path / "drives" / "d.avi", frames=1, rate_hz=10)
    (tmp_path / "drives" / "notes.txt").touch()
    assert index(tmp_path / "a", tmp_path / "drives") == 0
    names = {name for name, *_ in frames_of(tmp_path / "a")}
    assert names == {"b.mcap", "a.db3", "c", "d.avi"}


def test_one_bad_name_among_the_recordings_does_not_cost_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [write_colors(tmp_path / name, {"front": ["red"]}) for name in ("a.mcap", "z.mcap")]
    (tmp_path / "b\udcff.mcap").write_bytes(good[0].read_bytes())
    assert index(tmp_path / "a", tmp_path) == 2
    assert "expected a path in Unicode" in capsys.readouterr().err
    assert {name for name, *_ in frames_of(tmp_path / "a")} == {"a.mcap", "z.mcap"}


def test_one_unclear_folder_does_not_cost_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write_colors(tmp_path / "good.mcap", {"front": ["red"]})
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    write_colors(mixed / "drive.mcap", {"front": ["red"]})
    for number in range(12):
        (mixed / f"{number:03d}.jpg").write_bytes(encode_jpeg(plain(number)))

    assert index(tmp_path / "drives.archive", mixed, good) == 2

    printed = capsys.readouterr()
    assert "1 of 2 recordings indexed" in printed.out
    assert f"{mixed}: expected recordings or a folder of pictures" in printed.err
    assert frames_of(tmp_path / "drives.archive") == stamps("good.mcap", "front", 1)


def test_a_recording_of_bad_frames_alone_is_not_done_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(FakeEncoder):
        def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
            message = f"expected {len(images)} vectors, got NaN"
            raise ModelError(message)

    drive = write_colors(tmp_path / "drive.mcap", {"front": ["red"] * 3})

    assert index(tmp_path / "drives.archive", drive, encoder=Broken()) == 2
    assert "expected frames that can be embedded, got 3 bad ones" in capsys.readouterr().err
    assert index(tmp_path / "drives.archive", drive) == 0

    assert frames_of(tmp_path / "drives.archive") == stamps("drive.mcap", "front", 3)


def test_an_earlier_state_of_a_file_that_comes_back_is_found_again(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 3})
    first = drive.read_bytes(), drive.stat().st_mtime_ns
    index(tmp_path / "a", drive)
    drive.unlink()
    write_colors(drive, {"rear": ["red"] * 2})
    index(tmp_path / "a", drive)
    assert frames_of(tmp_path / "a") == stamps("d.mcap", "rear", 2)
    drive.write_bytes(first[0])
    os.utime(drive, ns=(first[1], first[1]))
    index(tmp_path / "a", drive)
    assert frames_of(tmp_path / "a") == stamps("d.mcap", "front", 3)


def test_what_is_damaged_is_embedded_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_colors(tmp_path / "first.mcap", {"front": ["red"] * 30})
    second = write_colors(tmp_path / "second.mcap", {"front": ["red"] * 4})
    for drive in (first, second):
        index(tmp_path / "a", drive)
    path = sorted((tmp_path / "a" / "segments").iterdir())[0] / "vectors.bin"
    path.write_bytes(bytes(len(path.read_bytes())))
    encoder = CountingEncoder()
    index(tmp_path / "a", first, second, encoder=encoder)
    assert encoder.pictures == 0
    index(tmp_path / "a", first, second, "--verify", encoder=encoder)
    assert encoder.pictures == 30
    assert "000001/vectors.bin: expected list 0" in capsys.readouterr().err
    assert len(frames_of(tmp_path / "a")) == 34
    index(tmp_path / "a", first, second, "--verify", encoder=encoder)
    assert encoder.pictures == 30
    assert capsys.readouterr().err == ""


def test_what_lies_beside_pictures_does_not_change_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.jpg").write_bytes(encode_jpeg(plain(5)))
    index(tmp_path / "a", tmp_path / "pictures")
    (tmp_path / "pictures" / "notes.txt").touch()
    index(tmp_path / "a", tmp_path / "pictures")
    assert "indexed before" in capsys.readouterr().out


def test_cameras_that_were_left_out_are_added_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 2, "rear": ["red"] * 2})
    encoder = CountingEncoder()
    for words in (["--camera", "rear"], ["--camera", "rear"], [], [], ["--camera", "front"]):
        index(tmp_path / "a", drive, *words, encoder=encoder)
    assert frames_of(tmp_path / "a") == stamps("d.mcap", "front", 2) | stamps("d.mcap", "rear", 2)
    assert encoder.pictures == 4
    assert capsys.readouterr().out.count("indexed before") == 3


def test_only_the_cameras_asked_for_are_indexed(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 2, "rear": ["red"] * 2})
    index(tmp_path / "a", drive, "--camera", "rear")
    assert frames_of(tmp_path / "a") == stamps("d.mcap", "rear", 2)


def test_another_model_is_refused_with_both_names(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"]})
    index(tmp_path / "a", drive)
    with pytest.raises(ArchiveError, match=r"fake-32.*fake-16|fake-16.*fake-32"):
        index(tmp_path / "a", drive, encoder=FakeEncoder(dim=16))
