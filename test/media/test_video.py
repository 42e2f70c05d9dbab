"""Videos are read with a stamp per frame and written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import write_video

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.video import VIDEO_CODECS, VideoSource, VideoWriter, steady_stamp_ns


def bright(level: int, *, width: int = 64, height: int = 48) -> ImageArray:
    """Build a reddish picture of some brightness."""
    return np.full((height, width, 3), (level, level // 2, 0), np.uint8)


@pytest.mark.parametrize("suffix", VIDEO_CODECS)
def test_written_video_reads_back_in_order_and_colour(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"drive{suffix}"
    with VideoWriter(path, rate_hz=10.0) as writer:
        for index in range(12):
            writer.write(bright(20 * index))
    with VideoSource(path) as source:
        frames = list(source)
        assert source.frame_count == 12
    assert [frame.stamp_ns for frame in frames] == [index * 10**8 for index in range(12)]
    for index, frame in enumerate(frames):
        means = frame.decode().reshape(-1, 3).mean(axis=0)
        np.testing.assert_allclose(means, bright(20 * index)[0, 0], atol=12)


@pytest.mark.parametrize("rate_hz", [5.0, 24.0, 25.0, 30.0, 60.0])
def test_stamps_are_those_of_a_steady_rate(tmp_path: Path, rate_hz: float) -> None:
    write_video(tmp_path / "v.mp4", frames=9, rate_hz=rate_hz, codec="mp4v")
    stamps = [frame.stamp_ns for frame in VideoSource(tmp_path / "v.mp4")]
    assert stamps == [steady_stamp_ns(index, rate_hz) for index in range(9)]


def test_camera_has_the_given_name(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", frames=1, rate_hz=10)
    source = VideoSource(tmp_path / "v.avi", camera="rear")
    (frame,) = source
    assert source.cameras == ("rear",)
    assert (frame.camera, frame.frame_id) == ("rear", "rear_optical_frame")


def test_video_can_be_iterated_again_and_beside_itself(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", frames=4, rate_hz=10)
    source = VideoSource(tmp_path / "v.avi")
    pairs = [
        (first.stamp_ns, second.stamp_ns) for first, second in zip(source, source, strict=True)
    ]
    assert pairs == [(index * 10**8, index * 10**8) for index in range(4)]


def test_frames_decode_after_the_video_has_moved_on(tmp_path: Path) -> None:
    write_video(tmp_path / "v.avi", frames=4, rate_hz=10)
    frames = list(VideoSource(tmp_path / "v.avi"))
    assert [round(frame.decode().mean(), -1) for frame in frames] == [0, 10, 20, 30]


def test_truncated_video_is_refused_after_its_last_frame(tmp_path: Path) -> None:
    path = tmp_path / "v.avi"
    write_video(path, frames=60, rate_hz=10)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=r"v\.avi: expected"):
        list(VideoSource(path))


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"", id="empty"), pytest.param(b"\0" * 5000, id="zeros")],
)
def test_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=r"v\.mp4: expected a whole video file"):
        VideoSource(tmp_path / "v.mp4")


def test_missing_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"v\.mp4: expected a video file, got no such file"):
        VideoSource(tmp_path / "v.mp4")


def test_video_appears_when_it_is_closed(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "v.avi", rate_hz=10)
    writer.write(bright(1))
    assert not (tmp_path / "v.avi").exists()
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["v.avi"]


def test_failed_run_leaves_the_old_video_whole(tmp_path: Path) -> None:
    (tmp_path / "v.avi").write_bytes(b"old")
    with pytest.raises(SourceError, match=r"\(64, 48\) pixels, got \(32, 48\)"):
        write_uneven(tmp_path / "v.avi")
    assert (tmp_path / "v.avi").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["v.avi"]


def write_uneven(path: Path) -> None:
    """Write two pictures of different sizes."""
    with VideoWriter(path, rate_hz=10, overwrite=True) as writer:
        writer.write(bright(1))
        writer.write(bright(1, width=32))


def test_video_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="at least one picture"):
        VideoWriter(tmp_path / "v.avi", rate_hz=10).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("v.gif", "ends in .mp4, .mkv, .avi, .webm", id="unknown-ending"),
        pytest.param("taken.avi", "expected a name that is free", id="taken"),
        pytest.param("folder.avi", "got that of a folder", id="folder"),
    ],
)
def test_impossible_target_is_refused(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "taken.avi").write_bytes(b"")
    (tmp_path / "folder.avi").mkdir()
    with pytest.raises(SourceError, match=expected):
        VideoWriter(tmp_path / name, rate_hz=10)
