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


def write_renamed(
    path: Path, cameras: dict[str, str], *, frame_id: str, others: tuple[str, ...] = ()
) -> None:
    """Write pictures of cameras with the frame ids given, and embeddings of ``front``."""
    with BagWriter(path) as writer:
        for level, (camera, image_frame_id) in enumerate(cameras.items()):
            write_picture(writer, camera, 5, plain(level), frame_id=image_frame_id)
        for camera in ("front", *others):
            write_embedding(writer, camera, 5, axis(0), frame_id=frame_id, late_ns=3)


@pytest.mark.parametrize(
    ("cameras", "level"),
    [
        pytest.param({"camera0": "f"}, 0, id="only camera"),
        pytest.param({"camera0": "g", "camera1": "f"}, 1, id="one of two"),
    ],
)
def test_images_under_another_name_are_found_by_their_header(
    tmp_path: Path, cameras: dict[str, str], level: int
) -> None:
    write_renamed(tmp_path / "drive.mcap", cameras, frame_id="f")
    assert find(tmp_path / "drive.mcap", ("front", 5), ("front", 6)) == {("front", 5): level}
    with BagReader(tmp_path / "drive.mcap") as reader:
        assert find_times(reader, [("front", 5), ("front", 6)]) == {("front", 5): 5}


@pytest.mark.parametrize(
    ("image_frame_id", "frame_id", "others"),
    [
        pytest.param("rear_optical", "front_optical", (), id="other header"),
        pytest.param("", "", (), id="no frame id"),
        pytest.param("f", "f", ("rear",), id="images of another camera"),
    ],
)
def test_a_picture_of_another_camera_is_never_shown(
    tmp_path: Path, image_frame_id: str, frame_id: str, others: tuple[str, ...]
) -> None:
    path = tmp_path / "drive.mcap"
    write_renamed(path, {"rear": image_frame_id}, frame_id=frame_id, others=others)
    assert find(path, ("front", 5)) == {}
    with BagReader(path) as reader:
        assert find_times(reader, [("front", 5)]) == {("front", 5): 8}


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
