"""Frames are found again by camera and stamp, whatever clock the recorder had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import axis, plain, write_drive, write_embedding, write_picture, write_video

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_messages import image_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import stamp_file_name
from scene_clip_ros.media.frame_lookup import FrameKey, find_frames, find_times

START_NS, STEP_NS = 10**18, 10**8
DAY_NS = 86_400 * 10**9


def find(path: Path, *wanted: FrameKey) -> dict[FrameKey, int]:
    """Return the first channel of the first pixel of every frame that is found."""
    return {
        (frame.camera, frame.stamp_ns): int(frame.decode()[0, 0, 0])
        for frame in find_frames(path, wanted)
    }


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3", "drive"])
def test_frames_of_a_bag_are_found(tmp_path: Path, name: str) -> None:
    write_drive(tmp_path / name, frames=6)
    last, first = START_NS + 5 * STEP_NS, START_NS + 1
    found = find(tmp_path / name, ("front", last), ("rear", first), ("rear", 7))
    assert found == {("front", last): 5, ("rear", first): 100}


@pytest.mark.parametrize("offset_ns", [0, -DAY_NS, DAY_NS], ids=["same", "behind", "ahead"])
def test_the_recorder_may_have_another_clock(tmp_path: Path, offset_ns: int) -> None:
    stamps_ns = [START_NS + index * STEP_NS for index in range(5)]
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for level, stamp_ns in enumerate(stamps_ns):
            image = image_message(plain(level), stamp_ns=stamp_ns, frame_id="f")
            writer.write("front/image", image, time_ns=stamp_ns + offset_ns)
    wanted = [("front", stamps_ns[4]), ("front", stamps_ns[1])]
    assert find(tmp_path / "drive.mcap", *wanted) == dict(zip(wanted, (4, 1), strict=True))
    with BagReader(tmp_path / "drive.mcap") as reader:
        times_ns = find_times(reader, wanted)
    assert times_ns == {key: key[1] + offset_ns for key in wanted}


def test_an_embedding_tells_the_time_of_a_frame_without_a_picture(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        write_picture(writer, "front", 10, plain(0))
        for stamp_ns in (10, 20):
            write_embedding(writer, "front", stamp_ns, axis(0), late_ns=3)
    keys = [("front", 10), ("front", 20), ("front", 30)]
    with BagReader(tmp_path / "drive.mcap") as reader:
        assert find_times(reader, keys) == {("front", 10): 10, ("front", 20): 23}
    assert find(tmp_path / "drive.mcap", *keys) == {("front", 10): 0}


@pytest.mark.parametrize(
    ("cameras", "found"), [(["camera0"], {("front", 5): 7}), (["camera0", "camera1"], {})]
)
def test_an_only_camera_may_bear_another_name(
    tmp_path: Path, cameras: list[str], found: dict[FrameKey, int]
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for camera in cameras:
            write_picture(writer, camera, 5, plain(7))
        write_embedding(writer, "front", 5, axis(0))
    assert find(tmp_path / "drive.mcap", ("front", 5)) == found


def test_frames_of_a_video_are_found(tmp_path: Path) -> None:
    write_video(tmp_path / "drive.avi", frames=8, rate_hz=10)
    found = find(tmp_path / "drive.avi", ("rear", 6 * STEP_NS))
    assert found == {("rear", 6 * STEP_NS): pytest.approx(60, abs=4)}


def test_frames_of_a_folder_are_found(tmp_path: Path) -> None:
    for index in range(3):
        name = stamp_file_name(START_NS + index, ".png")
        (tmp_path / name).write_bytes(encode_png(plain(index)))
    (frame,) = find_frames(tmp_path, [("front", START_NS + 2)])
    np.testing.assert_array_equal(frame.decode(), plain(2))


def test_a_recording_that_is_gone_is_named(tmp_path: Path) -> None:
    for name in ("gone.mcap", "gone.mp4"):
        with pytest.raises(SourceError, match=name):
            find(tmp_path / name, ("front", 0))
