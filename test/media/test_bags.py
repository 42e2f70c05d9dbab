"""Recordings of every storage and compression are read message by message, or refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recordings import plain, write_drive
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_messages import image_message, string_message
from scene_clip_ros.media.bag_types import bag_typestore
from scene_clip_ros.media.bags import BagReader, is_bag


def write_foreign(
    path: Path,
    *,
    plugin: StoragePlugin = StoragePlugin.MCAP,
    mode: CompressionMode = CompressionMode.NONE,
) -> None:
    """Write a bag with rosbags alone: five pictures and a topic of a type nobody knows."""
    typestore = bag_typestore()
    writer = Writer(path, version=9, storage_plugin=plugin)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        unknown = writer.add_connection(
            "/odd", "odd_msgs/msg/Odd", msgdef="odd_msgs/Missing field\n", rihs01="RIHS01_00"
        )
        writer.write(unknown, 1, b"\x00\x01\x00\x00\x07")
        images = writer.add_connection(
            "/cam/image_raw", "sensor_msgs/msg/Image", typestore=typestore
        )
        for index in range(5):
            image = image_message(plain(index), stamp_ns=index, frame_id="cam")
            writer.write(images, 10 + index, typestore.serialize_cdr(image, image.__msgtype__))


@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        pytest.param(StoragePlugin.MCAP, CompressionMode.NONE, id="mcap"),
        pytest.param(StoragePlugin.MCAP, CompressionMode.STORAGE, id="mcap-chunks"),
        pytest.param(StoragePlugin.MCAP, CompressionMode.MESSAGE, id="mcap-messages"),
        pytest.param(StoragePlugin.MCAP, CompressionMode.FILE, id="mcap-file"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.NONE, id="sqlite3"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.MESSAGE, id="sqlite3-messages"),
        pytest.param(StoragePlugin.SQLITE3, CompressionMode.FILE, id="sqlite3-file"),
    ],
)
def test_every_storage_and_compression_is_read(
    tmp_path: Path, plugin: StoragePlugin, mode: CompressionMode
) -> None:
    write_foreign(tmp_path / "bag", plugin=plugin, mode=mode)
    with BagReader(tmp_path / "bag") as reader:
        images = [topic for topic in reader.topics if topic.name == "/cam/image_raw"]
        messages = list(reader.messages(images))
        levels = [int(reader.deserialize(message).data[0]) for message in messages]
    assert levels == [0, 1, 2, 3, 4]
    assert [message.time_ns for message in messages] == [10, 11, 12, 13, 14]


def test_topics_tell_type_and_count(tmp_path: Path) -> None:
    write_foreign(tmp_path / "bag")
    with BagReader(tmp_path / "bag") as reader:
        found = {topic.name: (topic.msgtype, topic.message_count) for topic in reader.topics}
    assert found == {
        "/odd": ("odd_msgs/msg/Odd", 1),
        "/cam/image_raw": ("sensor_msgs/msg/Image", 5),
    }


def test_all_topics_are_read_unless_some_are_chosen(tmp_path: Path) -> None:
    write_foreign(tmp_path / "bag")
    with BagReader(tmp_path / "bag") as reader:
        assert len(list(reader.messages())) == 6
        assert list(reader.messages([])) == []


PART_STORAGES = [
    pytest.param(StoragePlugin.MCAP, CompressionMode.NONE, id="mcap"),
    pytest.param(StoragePlugin.MCAP, CompressionMode.STORAGE, id="mcap-chunks"),
    pytest.param(StoragePlugin.SQLITE3, CompressionMode.NONE, id="sqlite3"),
]


@pytest.mark.parametrize(("plugin", "mode"), PART_STORAGES)
@pytest.mark.parametrize(
    ("part_ns", "expected"),
    [
        pytest.param((11, 13), [11, 12], id="both"),
        pytest.param((13, None), [13, 14], id="from"),
        pytest.param((None, 11), [10], id="until"),
        pytest.param((50, 60), [], id="behind"),
        pytest.param((-5, 5), [], id="before"),
    ],
)
def test_a_part_of_a_recording_is_read(
    tmp_path: Path,
    plugin: StoragePlugin,
    mode: CompressionMode,
    *,
    part_ns: tuple[int | None, int | None],
    expected: list[int],
) -> None:
    write_foreign(tmp_path / "bag", plugin=plugin, mode=mode)
    start_ns, stop_ns = part_ns
    with BagReader(tmp_path / "bag") as reader:
        images = [topic for topic in reader.topics if topic.name == "/cam/image_raw"]
        part = reader.messages(images, start_ns=start_ns, stop_ns=stop_ns)
        assert [message.time_ns for message in part] == expected


def test_recording_can_be_read_again_from_the_start(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with BagReader(tmp_path / "drive.mcap") as reader:
        assert [m.data for m in reader.messages()] == [m.data for m in reader.messages()]


def test_arrays_of_a_message_are_views_of_its_data(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with BagReader(tmp_path / "drive.mcap") as reader:
        message = next(reader.messages())
        pixels = reader.deserialize(message).data
    assert np.shares_memory(pixels, np.frombuffer(message.data, np.uint8))


def test_recording_without_metadata_is_read_from_its_only_file(tmp_path: Path) -> None:
    write_drive(tmp_path / "killed")
    (tmp_path / "killed" / "metadata.yaml").unlink()
    with BagReader(tmp_path / "killed") as reader:
        assert sum(topic.message_count for topic in reader.topics) == 12


def test_message_of_an_unknown_type_is_refused_only_when_it_is_asked_for(tmp_path: Path) -> None:
    write_foreign(tmp_path / "bag")
    with BagReader(tmp_path / "bag") as reader:
        odd = next(reader.messages())
        with pytest.raises(SourceError, match=r"/odd at 1 ns: .*got odd_msgs/msg/Odd"):
            reader.deserialize(odd)


def test_damaged_message_is_refused_with_its_topic_and_time(tmp_path: Path) -> None:
    path = tmp_path / "bag"
    with Writer(path, version=9) as writer:
        text = writer.add_connection("/text", "std_msgs/msg/String", typestore=bag_typestore())
        whole = bag_typestore().serialize_cdr(string_message("whole"), "std_msgs/msg/String")
        writer.write(text, 7, bytes(whole)[:9])
    with (
        BagReader(path) as reader,
        pytest.raises(SourceError, match=r"bag: /text at 7 ns: .*damaged"),
    ):
        reader.deserialize(next(reader.messages()))


def read_everything(path: Path) -> None:
    """Read and deserialize every message."""
    with BagReader(path) as reader:
        for message in reader.messages():
            reader.deserialize(message)


def truncate(path: Path) -> None:
    """Cut a file in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite_middle(path: Path) -> None:
    """Overwrite half a file with noise."""
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : -len(data) // 4] = b"\x5a" * (len(data) - len(data) // 4 - len(data) // 4)
    path.write_bytes(bytes(data))


def empty(path: Path) -> None:
    """Leave a file of no bytes."""
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3"])
@pytest.mark.parametrize("damage", [truncate, overwrite_middle, empty, Path.unlink])
def test_damaged_recording_is_refused_with_its_name(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    write_drive(path, frames=40)
    damage(path)
    with pytest.raises(SourceError, match=name):
        read_everything(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{", "ReaderError", id="no-yaml"),
        pytest.param("rosbag2_bagfile_information: {}", "key is missing", id="no-keys"),
        pytest.param("rosbag2_bagfile_information: {version: 99}", "version 99", id="too-new"),
        pytest.param("[]", "bag: expected a whole rosbag2 recording", id="list"),
    ],
)
def test_damaged_metadata_is_refused_with_the_reason(
    tmp_path: Path, text: str, expected: str
) -> None:
    write_foreign(tmp_path / "bag")
    (tmp_path / "bag" / "metadata.yaml").write_text(text)
    with pytest.raises(SourceError, match=expected):
        BagReader(tmp_path / "bag")


def test_folder_with_several_files_and_no_metadata_is_refused(tmp_path: Path) -> None:
    write_drive(tmp_path / "a.mcap")
    shutil.copy(tmp_path / "a.mcap", tmp_path / "b.mcap")
    with pytest.raises(SourceError, match=r"metadata\.yaml or one storage file, got 2 files"):
        BagReader(tmp_path)


def test_recordings_are_told_by_their_looks(tmp_path: Path) -> None:
    write_drive(tmp_path / "folder")
    (tmp_path / "pictures").mkdir()
    assert is_bag(tmp_path / "folder")
    assert is_bag(tmp_path / "drive.mcap")
    assert not is_bag(tmp_path / "pictures")
    assert not is_bag(tmp_path / "drive.mp4")


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    reader = BagReader(tmp_path / "drive.mcap")
    reader.close()
    reader.close()
