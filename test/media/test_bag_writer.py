"""Bags that are written read back the same, and appear only when they are whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from recordings import plain, write_drive

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import (
    AttributeState,
    FrameResult,
    HazardState,
    ImageArray,
    LabelScore,
)
from scene_clip_ros.media.bag_messages import (
    camera_info_message,
    frame_embedding_message,
    image_message,
    scene_labels_message,
    string_message,
)
from scene_clip_ros.media.bag_writer import RELIABLE, BagWriter
from scene_clip_ros.media.bags import BagReader

TARGETS = [
    pytest.param("drive.mcap", None, id="mcap-file"),
    pytest.param("drive.db3", None, id="sqlite3-file"),
    pytest.param("drive", "mcap", id="mcap-folder"),
    pytest.param("drive", "sqlite3", id="sqlite3-folder"),
]


def result() -> FrameResult:
    """Build a result with one attribute and one hazard."""
    scores = (LabelScore("rain", 0.75, 0.25), LabelScore("snow", 0.25, 0.125))
    return FrameResult(
        camera="front",
        stamp_ns=1_500_000_000,
        embedding=np.array([0.6, 0.8], np.float32),
        attributes=(AttributeState("weather", "rain", 0.75, 0.25, 1_000_000_001, scores),),
        hazards=(HazardState("road_works", True, 0.5, 0.0625, 2),),
    )


def write_half(path: Path, *, storage: str | None) -> None:
    """Fail while replacing a bag, after the first message."""
    with BagWriter(path, storage=storage, overwrite=True) as writer:
        writer.write("text", string_message("new"), time_ns=0)
        writer.write("text", None, time_ns=1)


def read_single(path: Path) -> object:
    """Read the only message of a bag."""
    with BagReader(path) as reader:
        (message,) = reader.messages()
        return reader.deserialize(message)


@pytest.mark.parametrize(
    ("name", "storage", "compress"),
    [
        pytest.param("drive.mcap", None, False, id="mcap-file"),
        pytest.param("drive.mcap", None, True, id="mcap-file-compressed"),
        pytest.param("drive.db3", None, False, id="sqlite3-file"),
        pytest.param("drive", "mcap", True, id="mcap-folder-compressed"),
        pytest.param("drive", "sqlite3", False, id="sqlite3-folder"),
        pytest.param("drive", "sqlite3", True, id="sqlite3-folder-compressed"),
    ],
)
def test_messages_read_back_as_written(
    tmp_path: Path, name: str, storage: str | None, *, compress: bool
) -> None:
    with BagWriter(tmp_path / name, storage=storage, compress=compress) as writer:
        for index in range(3):
            writer.write("a/text", string_message(f"é{index}"), time_ns=index)
            image = image_message(plain(index), stamp_ns=index, frame_id="f")
            writer.write("/a/image", image, time_ns=index)
    with BagReader(tmp_path / name) as reader:
        assert [topic.name for topic in reader.topics] == ["/a/text", "/a/image"]
        read = [(m.topic.name, m.time_ns, reader.deserialize(m)) for m in reader.messages()]
    texts = [(time_ns, message.data) for topic, time_ns, message in read if topic == "/a/text"]
    assert texts == [(0, "é0"), (1, "é1"), (2, "é2")]
    pixels = [message.data.reshape(12, 16, 3) for topic, _, message in read if topic == "/a/image"]
    np.testing.assert_array_equal(pixels, [plain(0), plain(1), plain(2)])


@given(
    pixels=npst.arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 9))
        | st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
    ),
    stamp_ns=st.integers(0, 2**31 * 10**9 - 1),
)
@settings(max_examples=25, deadline=None)
def test_image_message_carries_pixels_and_stamp(pixels: ImageArray, stamp_ns: int) -> None:
    message = image_message(pixels, stamp_ns=stamp_ns, frame_id="f")
    assert message.encoding == ("rgb8" if pixels.ndim == 3 else "mono8")
    assert message.step * message.height == message.data.size
    np.testing.assert_array_equal(message.data.reshape(pixels.shape), pixels)
    assert message.header.stamp.sec * 10**9 + message.header.stamp.nanosec == stamp_ns


def test_scene_labels_carry_the_whole_result(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "r.mcap") as writer:
        message = scene_labels_message(result(), frame_id="optical", model_id="m")
        writer.write("front/scene_clip/labels", message, time_ns=5)
    labels = read_single(tmp_path / "r.mcap")
    assert (labels.header.stamp.sec, labels.header.stamp.nanosec) == (1, 500_000_000)
    assert (labels.header.frame_id, labels.model_id) == ("optical", "m")
    (weather,) = labels.attributes
    assert (weather.name, weather.label, weather.probability) == ("weather", "rain", 0.75)
    assert (weather.since.sec, weather.since.nanosec) == (1, 1)
    assert [(s.label, s.cosine) for s in weather.scores] == [("rain", 0.25), ("snow", 0.125)]
    (works,) = labels.hazards
    assert (works.name, works.active, works.cosine) == ("road_works", True, 0.0625)


def test_embedding_reads_back_exactly(tmp_path: Path) -> None:
    embedding = np.linspace(-1, 1, 7, dtype=np.float32)
    with BagWriter(tmp_path / "e.mcap") as writer:
        message = frame_embedding_message(embedding, stamp_ns=3, frame_id="f", model_id="m")
        writer.write("front/scene_clip/embedding", message, time_ns=3)
    np.testing.assert_array_equal(read_single(tmp_path / "e.mcap").embedding, embedding)


def test_camera_info_is_that_of_an_ideal_camera(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "i.mcap") as writer:
        message = camera_info_message(
            width=640,
            height=480,
            focal_px=500.0,
            centre_xy=(320.0, 200.0),
            stamp_ns=0,
            frame_id="f",
        )
        writer.write("front/camera_info", message, time_ns=0)
    info = read_single(tmp_path / "i.mcap")
    assert info.k.tolist() == [500, 0, 320, 0, 500, 200, 0, 0, 1]
    assert info.p.tolist() == [500, 0, 320, 0, 0, 500, 200, 0, 0, 0, 1, 0]


def test_topics_are_recorded_as_reliable(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with BagReader(tmp_path / "drive.mcap") as reader:
        assert all(t.connection.ext.offered_qos_profiles == [RELIABLE] for t in reader.topics)


@pytest.mark.parametrize(("name", "storage"), TARGETS)
def test_nothing_appears_before_the_bag_is_closed(
    tmp_path: Path, name: str, storage: str | None
) -> None:
    writer = BagWriter(tmp_path / name, storage=storage)
    writer.write("text", string_message("x"), time_ns=0)
    assert not (tmp_path / name).exists()
    writer.close()
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("name", "storage"), TARGETS)
def test_failed_run_leaves_the_old_bag_whole(
    tmp_path: Path, name: str, storage: str | None
) -> None:
    with BagWriter(tmp_path / name, storage=storage) as writer:
        writer.write("text", string_message("old"), time_ns=0)
    with pytest.raises(AttributeError):
        write_half(tmp_path / name, storage=storage)
    assert read_single(tmp_path / name).data == "old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("name", "storage"), TARGETS)
def test_old_bag_is_replaced_only_on_request(
    tmp_path: Path, name: str, storage: str | None
) -> None:
    write_drive(tmp_path / name, storage=storage)
    with pytest.raises(SourceError, match=f"{name}: expected a name that is free"):
        BagWriter(tmp_path / name, storage=storage)
    with BagWriter(tmp_path / name, storage=storage, overwrite=True) as writer:
        writer.write("text", string_message("new"), time_ns=0)
    assert read_single(tmp_path / name).data == "new"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        pytest.param("x", {"storage": "bag"}, "mcap, sqlite3, got 'bag'", id="unknown-storage"),
        pytest.param("x.mcap", {"storage": "sqlite3"}, "expected the storage mcap", id="suffix"),
        pytest.param("x.db3", {"compress": True}, "got a single .db3 file", id="compressed-db3"),
        pytest.param("pictures", {"overwrite": True}, "folder of something else", id="folder"),
        pytest.param("note", {"overwrite": True}, "got that of a file", id="file"),
    ],
)
def test_impossible_target_is_refused_and_left_alone(
    tmp_path: Path, name: str, options: dict[str, object], expected: str
) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "note").write_text("keep")
    with pytest.raises(SourceError, match=expected):
        BagWriter(tmp_path / name, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["note", "pictures"]


def test_missing_folders_on_the_way_are_created(tmp_path: Path) -> None:
    write_drive(tmp_path / "a" / "b" / "drive.mcap")
    assert (tmp_path / "a" / "b" / "drive.mcap").is_file()
