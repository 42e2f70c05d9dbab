"""The cameras of a bag are found, iterated over, and copied without a change."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from recordings import plain, write_drive
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.media.bag_messages import (
    camera_info_message,
    compressed_image_message,
    image_message,
    string_message,
)
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE, bag_typestore
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagMessage, BagReader
from scene_clip_ros.media.compressed import encode_png


def write_images(path: Path, *topics: str) -> None:
    """Write a bag with one image per topic, compressed where the name ends so."""
    with BagWriter(path) as writer:
        for index, topic in enumerate(topics):
            if topic.endswith("compressed"):
                message = compressed_image_message(b"", stamp_ns=0, frame_id=topic)
            else:
                message = image_message(plain(index), stamp_ns=0, frame_id=topic)
            writer.write(topic, message, time_ns=index)


def contents(path: Path) -> list[tuple[str, str, int, bytes]]:
    """Read everything in a bag that a copy must keep."""
    with BagReader(path) as reader:
        return [describe(message) for message in reader.messages()]


def describe(message: BagMessage) -> tuple[str, str, int, bytes]:
    """Return a message without the recording it came from."""
    return message.topic.name, message.topic.msgtype, message.time_ns, bytes(message.data)


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3", "drive"])
def test_frames_come_in_time_order_with_their_own_headers(tmp_path: Path, name: str) -> None:
    write_drive(tmp_path / name, frames=2)
    with BagSource(tmp_path / name) as source:
        assert source.cameras == ("front", "rear")
        assert source.frame_count == 4
        frames = list(source)
        again = list(source)
    start = 10**18
    assert [(f.camera, f.stamp_ns - start, f.frame_id) for f in frames] == [
        ("front", 0, "front_optical"),
        ("rear", 1, "rear_optical"),
        ("front", 10**8, "front_optical"),
        ("rear", 10**8 + 1, "rear_optical"),
    ]
    assert [f.received_ns for f in frames[:2]] == [start + 5, start + 6]
    assert [f.stamp_ns for f in again] == [f.stamp_ns for f in frames]


@pytest.mark.parametrize("is_split", [False, True], ids=["one-file", "split"])
@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        pytest.param(StoragePlugin.MCAP, CompressionMode.NONE, id="mcap"),
        pytest.param(StoragePlugin.MCAP, CompressionMode.STORAGE, id="mcap-zstd-chunks"),
        pytest.param(StoragePlugin.MCAP, CompressionMode.MESSAGE, id="mcap-zstd-messages"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.NONE, id="sqlite3"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.MESSAGE, id="sqlite3-zstd-messages"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.FILE, id="sqlite3-zstd-file"),
    ],
)
def test_raw_and_compressed_cameras_are_read_from_every_storage(
    tmp_path: Path, plugin: StoragePlugin, mode: CompressionMode, *, is_split: bool
) -> None:
    write_foreign_drive(tmp_path / "drive", plugin=plugin, mode=mode)
    if is_split:
        split(tmp_path / "drive")
    with BagSource(tmp_path / "drive") as source:
        levels = [(frame.camera, int(frame.decode()[0, 0, 0])) for frame in source]
    assert levels == [
        (camera, level)
        for index in range(4)
        for camera, level in (("front", index), ("left", 50 + index), ("rear", 100 + index))
    ] * (2 if is_split else 1)


def write_foreign_drive(path: Path, *, plugin: StoragePlugin, mode: CompressionMode) -> None:
    """Write a folder of three cameras, raw, PNG and raw again, with rosbags alone."""
    types = bag_typestore()
    writer = Writer(path, version=9, storage_plugin=plugin)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        front, left, rear = (
            writer.add_connection(topic, msgtype, typestore=types)
            for topic, msgtype in (
                ("/front/image_raw", IMAGE_TYPE),
                ("/left/image/compressed", COMPRESSED_IMAGE_TYPE),
                ("/rear/image_rect", IMAGE_TYPE),
            )
        )
        for index in range(4):
            stamp = {"stamp_ns": index, "frame_id": "f"}
            png = encode_png(plain(50 + index))
            for connection, message in (
                (front, image_message(plain(index), **stamp)),
                (left, compressed_image_message(png, format="png", **stamp)),
                (rear, image_message(plain(100 + index), **stamp)),
            ):
                data = types.serialize_cdr(message, message.__msgtype__)
                writer.write(connection, 10 * index + connection.id, data)


def split(path: Path) -> None:
    """Record a folder's only file a second time, as a recorder does that splits by size."""
    metadata = path / "metadata.yaml"
    document = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    information = document["rosbag2_bagfile_information"]
    (name,) = information["relative_file_paths"]
    shutil.copy(path / name, path / f"again_{name}")
    information["relative_file_paths"] = [name, f"again_{name}"]
    information["message_count"] *= 2
    for topic in information["topics_with_message_count"]:
        topic["message_count"] *= 2
    metadata.write_text(yaml.safe_dump(document), encoding="utf-8")


def test_pictures_decode_after_the_bag_is_closed(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap", frames=1)
    with BagSource(tmp_path / "drive.mcap") as source:
        front, rear = source
    np.testing.assert_array_equal(front.decode(), plain(0))
    np.testing.assert_array_equal(rear.decode(), plain(100))


def test_malformed_picture_fails_alone(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        bad = image_message(plain(0), stamp_ns=0, frame_id="f")
        bad.step -= 1
        writer.write("front/image", bad, time_ns=0)
        writer.write("front/image", image_message(plain(1), stamp_ns=1, frame_id="f"), time_ns=1)
    with BagSource(tmp_path / "drive.mcap") as source:
        first, second = source
    with pytest.raises(ImageError, match="step of at least 48"):
        first.decode()
    np.testing.assert_array_equal(second.decode(), plain(1))


@pytest.mark.parametrize(
    ("topics", "cameras", "expected"),
    [
        pytest.param(["/front/image"], None, {"front": "/front/image"}, id="image"),
        pytest.param(["/front/image_raw"], None, {"front": "/front/image_raw"}, id="raw"),
        pytest.param(
            ["/sensing/camera/camera0/image_rect_color/compressed"],
            None,
            {"sensing/camera/camera0": "/sensing/camera/camera0/image_rect_color/compressed"},
            id="autoware",
        ),
        pytest.param(["/cam0"], None, {"cam0": "/cam0"}, id="no-image-in-name"),
        pytest.param(["/image_raw"], None, {"image_raw": "/image_raw"}, id="nothing-else-in-name"),
        pytest.param(["/myimage"], None, {"myimage": "/myimage"}, id="image-within-a-word"),
        pytest.param(
            ["/a/image/compressed", "/a/image"], None, {"a": "/a/image"}, id="raw-before-compressed"
        ),
        pytest.param(
            ["/a/image_raw", "/a/image_rect", "/a/image_rect"],
            None,
            {"a": "/a/image_rect"},
            id="more-messages-first",
        ),
        pytest.param(
            ["/b/image", "/a/image", "/a/scene_clip/overlay", "/a/ground_truth/mask"],
            None,
            {"a": "/a/image", "b": "/b/image"},
            id="results-and-truth-are-no-cameras",
        ),
        pytest.param(["/b/image", "/a/image"], ["b"], {"b": "/b/image"}, id="chosen-by-name"),
        pytest.param(
            ["/a/image_raw", "/a/image_rect"],
            ["/a/image_rect"],
            {"a": "/a/image_rect"},
            id="chosen-by-topic",
        ),
        pytest.param(
            ["/a/image", "/a/scene_clip/overlay"],
            ["a/scene_clip/overlay"],
            {"a/scene_clip/overlay": "/a/scene_clip/overlay"},
            id="result-if-asked-for",
        ),
    ],
)
def test_cameras_are_named_and_chosen(
    tmp_path: Path, topics: list[str], cameras: list[str] | None, expected: dict[str, str]
) -> None:
    write_images(tmp_path / "drive.mcap", *topics)
    with BagSource(tmp_path / "drive.mcap", cameras=cameras) as source:
        assert source.camera_topics == expected


def test_bag_without_images_is_refused_with_the_topics_it_has(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "talk.mcap") as writer:
        writer.write("chatter", string_message("hi"), time_ns=0)
    with pytest.raises(SourceError, match=r"talk\.mcap: expected topics with images, got /chatter"):
        BagSource(tmp_path / "talk.mcap")


def test_missing_camera_is_refused_with_those_there_are(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with pytest.raises(SourceError, match=r"/front/image, /rear/image/compressed; got 'left'"):
        BagSource(tmp_path / "drive.mcap", cameras=["left"])


def test_topic_without_messages_is_no_choice_over_one_with_some(tmp_path: Path) -> None:
    write_images(tmp_path / "drive.mcap", "/a/image", "/a/image/compressed")
    with (
        BagReader(tmp_path / "drive.mcap") as reader,
        BagWriter(tmp_path / "lazy.mcap") as writer,
    ):
        raw, compressed = reader.topics
        writer.declare(raw)
        writer.declare(compressed)
        for message in reader.messages([compressed]):
            writer.copy(message)
    with BagSource(tmp_path / "lazy.mcap") as source:
        assert source.camera_topics == {"a": "/a/image/compressed"}


@pytest.mark.parametrize("origin", ["drive.mcap", "drive.db3", "drive"])
@pytest.mark.parametrize("target", ["copy.mcap", "copy.db3", "copy"])
def test_copy_keeps_every_byte(tmp_path: Path, origin: str, target: str) -> None:
    write_drive(tmp_path / origin)
    with BagSource(tmp_path / origin) as source, BagWriter(tmp_path / target) as writer:
        stamps = [frame.stamp_ns for frame in source.copy_to(writer)]
        assert stamps == [frame.stamp_ns for frame in source]
    assert sorted(contents(tmp_path / target)) == sorted(contents(tmp_path / origin))
    with BagReader(tmp_path / origin) as old, BagReader(tmp_path / target) as new:
        for before, after in zip(old.topics, new.topics, strict=True):
            assert after.connection.msgdef == before.connection.msgdef
            assert after.connection.ext == before.connection.ext


def test_copy_takes_messages_between_frames(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap", frames=2)
    with (
        BagSource(tmp_path / "drive.mcap", cameras=["rear"]) as source,
        BagWriter(tmp_path / "copy.mcap") as writer,
    ):
        for frame in source.copy_to(writer):
            assert frame.received_ns is not None
            note = string_message(f"{frame.camera}")
            writer.write("rear/note", note, time_ns=frame.received_ns)
    added = [entry for entry in contents(tmp_path / "copy.mcap") if entry[0] == "/rear/note"]
    assert [time_ns - 10**18 for _, _, time_ns, _ in added] == [6, 10**8 + 6]
    kept = [entry for entry in contents(tmp_path / "copy.mcap") if entry[0] != "/rear/note"]
    assert sorted(kept) == sorted(contents(tmp_path / "drive.mcap"))


def test_copy_replaces_topics_that_are_left_out(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap", frames=1)
    with BagSource(tmp_path / "drive.mcap") as source, BagWriter(tmp_path / "c.mcap") as writer:
        for frame in source.copy_to(writer, leave_out=["/front/ground_truth"]):
            if frame.camera == "front":
                writer.write("front/ground_truth", string_message("new"), time_ns=frame.stamp_ns)
    texts = [data for name, _, _, data in contents(tmp_path / "c.mcap") if "truth" in name]
    assert len(texts) == 1
    assert b"new" in texts[0]


def test_message_can_be_added_to_a_copied_topic(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap", frames=1)
    with BagSource(tmp_path / "drive.mcap") as source, BagWriter(tmp_path / "c.mcap") as writer:
        list(source.copy_to(writer))
        writer.write("front/ground_truth", string_message("more"), time_ns=2 * 10**18)
    assert [name for name, _, _, _ in contents(tmp_path / "c.mcap")][-1] == "/front/ground_truth"
    with BagReader(tmp_path / "c.mcap") as reader:
        assert len(reader.topics) == 3


def write_calibrated(path: Path, image: str, calibration: str, *focal_px: float) -> None:
    """Write a bag of one picture, and a calibration for each focal length."""
    with BagWriter(path) as writer:
        writer.write(image, image_message(plain(0), stamp_ns=0, frame_id="f"), time_ns=0)
        for time_ns, focal in enumerate(focal_px):
            info = camera_info_message(
                width=640,
                height=360,
                focal_px=focal,
                centre_xy=(320.0, 150.0),
                stamp_ns=0,
                frame_id="f",
            )
            writer.write(calibration, info, time_ns=time_ns)


@pytest.mark.parametrize(
    ("image", "calibration", "camera"),
    [
        pytest.param("/front/image_raw", "/front/camera_info", "front", id="of the camera"),
        pytest.param("/cam0", "/cam0/camera_info", "cam0", id="below the image"),
        pytest.param("/image_raw", "/camera_info", "image_raw", id="beside the image"),
        pytest.param("/a/b/image", "/a/b/camera_info", "a/b", id="of a long name"),
    ],
)
def test_calibration_is_the_first_one_of_the_camera(
    tmp_path: Path, image: str, calibration: str, camera: str
) -> None:
    write_calibrated(tmp_path / "c.mcap", image, calibration, 500.0, 600.0)
    with BagSource(tmp_path / "c.mcap") as source:
        assert source.pinhole_camera(camera) == PinholeCamera(
            (640, 360), (500.0, 500.0), (320.0, 150.0)
        )


@pytest.mark.parametrize(
    ("calibration", "focal_px"),
    [("/front/camera_info", ()), ("/front/camera_info", (0.0,)), ("/rear/camera_info", (500.0,))],
    ids=["none", "uncalibrated", "of another camera"],
)
def test_there_may_be_no_calibration(
    tmp_path: Path, calibration: str, focal_px: tuple[float, ...]
) -> None:
    write_calibrated(tmp_path / "c.mcap", "/front/image", calibration, *focal_px)
    with BagSource(tmp_path / "c.mcap") as source:
        assert source.pinhole_camera("front") is None


def test_a_calibration_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    write_calibrated(tmp_path / "c.mcap", "/front/image", "/front/camera_info", float("nan"))
    with (
        BagSource(tmp_path / "c.mcap") as source,
        pytest.raises(
            SourceError, match=r"c\.mcap: /front/camera_info: camera: expected focal lengths"
        ),
    ):
        source.pinhole_camera("front")


def test_calibration_is_that_of_rectified_pictures(tmp_path: Path) -> None:
    info = camera_info_message(
        width=640, height=360, focal_px=500.0, centre_xy=(320.0, 150.0), stamp_ns=0, frame_id="f"
    )
    info.p[:] = (450, 0, 300, 0, 0, 440, 160, 0, 0, 0, 1, 0)
    with BagWriter(tmp_path / "c.mcap") as writer:
        picture = image_message(plain(0), stamp_ns=0, frame_id="f")
        writer.write("/front/image", picture, time_ns=0)
        writer.write("/front/camera_info", info, time_ns=0)
    with BagSource(tmp_path / "c.mcap") as source:
        assert source.pinhole_camera("front") == PinholeCamera((640, 360), (450, 440), (300, 160))
