"""Whatever a drive was recorded in opens the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from recordings import plain, write_drive, write_video

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.sources import SERIES_LENGTH, find_recordings, open_source, source_files


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Return a folder that holds a recording of every kind."""
    write_drive(tmp_path / "bag", frames=2)
    write_drive(tmp_path / "bag.mcap", frames=2)
    write_drive(tmp_path / "bag.db3", frames=2)
    write_video(tmp_path / "video.avi", frames=2, rate_hz=10)
    (tmp_path / "pictures").mkdir()
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / "pictures" / name).write_bytes(encode_jpeg(plain(1)))
    (tmp_path / "picture.JPG").write_bytes(encode_jpeg(plain(1)))
    (tmp_path / "notes.txt").write_text("no drive")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "cameras", "frame_count"),
    [
        ("bag", ("front", "rear"), 4),
        ("bag.mcap", ("front", "rear"), 4),
        ("bag.db3", ("front", "rear"), 4),
        ("video.avi", ("front",), 2),
        ("pictures", ("front",), 2),
        ("picture.JPG", ("front",), 1),
    ],
)
def test_every_kind_is_recognised(
    recordings: Path, name: str, cameras: tuple[str, ...], frame_count: int
) -> None:
    with open_source(recordings / name) as source:
        frames = list(source)
        assert source.cameras == cameras
        assert source.frame_count == frame_count == len(frames)
        assert source.name == str(recordings / name)
    assert all(frame.decode().shape[2] == 3 for frame in frames)
    for camera in cameras:
        stamps = [frame.stamp_ns for frame in frames if frame.camera == camera]
        assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("name", ["video.avi", "pictures", "picture.JPG"])
def test_camera_of_other_sources_takes_the_given_name(recordings: Path, name: str) -> None:
    assert open_source(recordings / name, cameras=["dash"]).cameras == ("dash",)
    with pytest.raises(SourceError, match=r"expected one camera name .*, got \['a', 'b'\]"):
        open_source(recordings / name, cameras=["a", "b"])


def test_cameras_of_a_bag_are_chosen(recordings: Path) -> None:
    with open_source(recordings / "bag", cameras=["rear"]) as source:
        assert {frame.camera for frame in source} == {"rear"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nowhere", "nowhere: expected a bag, video, folder or picture, got no such path"),
        ("notes.txt", r"notes\.txt: expected a folder or a file that ends in .*\.db3.*\.mp4"),
    ],
)
def test_anything_else_is_refused(recordings: Path, name: str, expected: str) -> None:
    with pytest.raises(SourceError, match=expected):
        open_source(recordings / name)


def test_a_folder_of_recordings_stands_for_each_of_them(recordings: Path) -> None:
    found = find_recordings(recordings)
    assert [path.name for path in found] == ["bag", "bag.db3", "bag.mcap", "video.avi"]


@pytest.mark.parametrize("names", [["hits.png"], ["hits1.png", "hits2.jpg"]])
def test_pictures_of_what_was_found_beside_drives_change_nothing(
    tmp_path: Path, names: list[str]
) -> None:
    write_drive(tmp_path / "drive.mcap", frames=2)
    before = find_recordings(tmp_path)
    for name in names:
        (tmp_path / name).write_bytes(encode_jpeg(plain(1)))
    assert find_recordings(tmp_path) == before == [tmp_path / "drive.mcap"]


def test_frames_of_a_drive_beside_recordings_are_refused(recordings: Path) -> None:
    for index in range(SERIES_LENGTH):
        (recordings / f"frame{index}.jpg").write_bytes(encode_jpeg(plain(1)))
    with pytest.raises(
        SourceError, match=r"test_.*: expected .* got 4 recordings beside 10 numbered pictures"
    ):
        find_recordings(recordings)


def test_a_recording_without_metadata_has_one_name(tmp_path: Path) -> None:
    write_drive(tmp_path / "drives" / "monday" / "monday_0.mcap", frames=2)
    file = tmp_path / "drives" / "monday" / "monday_0.mcap"
    assert find_recordings(tmp_path / "drives") == find_recordings(file.parent) == [file]


@pytest.mark.parametrize("name", ["bag", "bag.mcap", "pictures", "notes.txt", "gone"])
def test_anything_else_stands_for_itself(recordings: Path, name: str) -> None:
    assert find_recordings(recordings / name) == [recordings / name]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("bag", ["bag/bag.mcap", "bag/metadata.yaml"]),
        ("bag.mcap", ["bag.mcap"]),
        ("killed", ["killed/killed_0.db3"]),
        ("video.avi", ["video.avi"]),
        ("pictures", ["pictures/1.jpg", "pictures/2.jpg"]),
        ("picture.JPG", ["picture.JPG"]),
    ],
)
def test_a_source_says_which_files_it_reads(recordings: Path, name: str, files: list[str]) -> None:
    write_drive(recordings / "killed" / "killed_0.db3", frames=2)
    for folder in ("bag", "killed", "pictures"):
        (recordings / folder / "notes.txt").write_text("no drive")
        (recordings / folder / "more").mkdir()
    for folder in ("bag", "killed"):
        (recordings / folder / "hits.png").write_bytes(b"")
    assert source_files(recordings / name) == tuple(recordings / file for file in files)


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_a_source_of_nothing_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=f"{name}: expected a bag, video"):
        source_files(tmp_path / name)
