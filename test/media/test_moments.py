"""Moments are cut with everything that was recorded in them, as it was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import axis, plain, write_drive, write_embedding, write_picture, write_video
from rosbags.interfaces import Qos, QosDurability
from rosbags.rosbag2 import StoragePlugin, Writer

from scene_clip_ros.core.errors import ImageError, ParameterError, SourceError
from scene_clip_ros.media.bag_messages import (
    build_message,
    header_message,
    image_message,
    string_message,
)
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_types import IMAGE_TYPE, STRING_TYPE, bag_typestore
from scene_clip_ros.media.bag_writer import RELIABLE, BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import stamp_file_name
from scene_clip_ros.media.moments import Moment, cut_moments, merge_moments

START_NS, STEP_NS = 10**18, 10**8
Entry = tuple[str, int, bytes]


def latched(depth: int) -> Qos:
    return RELIABLE._replace(durability=QosDurability.TRANSIENT_LOCAL, depth=depth)


def entries(path: Path) -> list[Entry]:
    """Return topic, time and bytes of every message, in order."""
    with BagReader(path) as reader:
        return [(m.topic.name, m.time_ns, bytes(m.data)) for m in reader.messages()]


def times_ns(path: Path, topic: str) -> list[int]:
    return [time_ns for name, time_ns, _ in entries(path) if name == topic]


def stamps(*indices: int) -> list[tuple[str, int]]:
    """Return keys of frames of `write_drive`."""
    return [("front", START_NS + index * STEP_NS) for index in indices]


TIMES = st.lists(st.integers(0, 200), max_size=8)


@given(times=TIMES, margin=st.integers(0, 20))
def test_moments_cover_the_surroundings_of_every_time_and_nothing_else(
    times: list[int], margin: int
) -> None:
    moments = merge_moments(times, margin_ns=margin)
    covered = [t for moment in moments for t in range(moment.start_ns, moment.end_ns + 1)]
    assert covered == sorted(
        {t for time in times for t in range(max(time - margin, 0), time + margin + 1)}
    )
    assert all(before.end_ns < after.start_ns for before, after in pairwise(moments))


def test_no_times_make_no_moments() -> None:
    assert merge_moments([], margin_ns=5) == ()
    assert merge_moments([3], margin_ns=5) == (Moment(0, 8),)


@pytest.mark.parametrize("origin", ["drive.mcap", "drive.db3", "drive"])
@pytest.mark.parametrize("target", ["hits.mcap", "hits.db3", "hits"])
def test_every_topic_is_kept_byte_for_byte_within_the_moments(
    tmp_path: Path, origin: str, target: str
) -> None:
    write_drive(tmp_path / origin, frames=20)
    wanted = {tmp_path / origin: stamps(3, 4, 12)}
    assert cut_moments(wanted, tmp_path / target, margin_s=0.15) == 2
    kept = [START_NS + index * STEP_NS for index in (2, 3, 4, 5, 11, 12, 13)]
    assert entries(tmp_path / target) == [
        entry for entry in entries(tmp_path / origin) if (entry[1] // 10) * 10 in kept
    ]
    with BagReader(tmp_path / origin) as old, BagReader(tmp_path / target) as new:
        for before, after in zip(old.topics, new.topics, strict=True):
            assert after.connection.msgdef == before.connection.msgdef
            assert after.connection.ext == before.connection.ext


def test_compressed_chunks_are_cut(tmp_path: Path) -> None:
    write_drive(tmp_path / "plain", frames=6)
    with (
        BagReader(tmp_path / "plain") as reader,
        BagWriter(tmp_path / "drive.mcap", compress=True) as writer,
    ):
        for topic in reader.topics:
            writer.declare(topic)
        for message in reader.messages():
            writer.copy(message)
    cut_moments({tmp_path / "drive.mcap": stamps(5)}, tmp_path / "hits.mcap", margin_s=0.01)
    assert entries(tmp_path / "hits.mcap") == entries(tmp_path / "plain")[-3:]


def test_a_cut_bag_can_be_opened_as_the_recording_was(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap", frames=10)
    cut_moments({tmp_path / "drive.mcap": stamps(7)}, tmp_path / "hits.mcap", margin_s=0.0)
    with BagSource(tmp_path / "hits.mcap") as source:
        (frame,) = source
    assert (frame.camera, frame.stamp_ns, frame.decode()[0, 0, 0]) == (*stamps(7)[0], 7)


def write_texts(path: Path, texts: dict[int, str], *, qos: Sequence[Qos]) -> None:
    """Write texts on ``/map`` by time, and a picture every 100 ns."""
    types = bag_typestore()
    writer = Writer(path, version=9, storage_plugin=StoragePlugin.MCAP)
    with writer:
        images = writer.add_connection("/front/image", IMAGE_TYPE, typestore=types)
        map_ = writer.add_connection(
            "/map", STRING_TYPE, typestore=types, offered_qos_profiles=list(qos)
        )
        for time_ns, text in texts.items():
            message = string_message(text)
            writer.write(map_, time_ns, types.serialize_cdr(message, STRING_TYPE))
        for time_ns in range(0, 1000, 100):
            image = image_message(plain(0), stamp_ns=time_ns, frame_id="f")
            writer.write(images, time_ns, types.serialize_cdr(image, IMAGE_TYPE))


@pytest.mark.parametrize(
    ("qos", "expected"),
    [
        pytest.param([latched(1)], [(370, "c"), (770, "e"), (820, "f")], id="one"),
        pytest.param([latched(0)], [(370, "c"), (770, "e"), (820, "f")], id="depth unknown"),
        pytest.param(
            [latched(2)],
            [(370, "b"), (370, "c"), (770, "d"), (770, "e"), (820, "f")],
            id="two",
        ),
        pytest.param(
            [latched(1), RELIABLE, latched(1)],
            [(370, "b"), (370, "c"), (770, "d"), (770, "e"), (820, "f")],
            id="two publishers",
        ),
        pytest.param([RELIABLE], [(820, "f")], id="not latched"),
    ],
)
def test_a_moment_begins_with_what_a_late_subscriber_would_get(
    tmp_path: Path, qos: list[Qos], expected: list[tuple[int, str]]
) -> None:
    texts = {0: "a", 10: "b", 20: "c", 500: "d", 600: "e", 820: "f", 990: "g"}
    write_texts(tmp_path / "drive", texts, qos=qos)
    keys = [("front", 400), ("front", 800)]
    cut_moments({tmp_path / "drive": keys}, tmp_path / "hits.mcap", margin_s=30e-9)
    with BagReader(tmp_path / "hits.mcap") as reader:
        said = [
            (message.time_ns, reader.deserialize(message).data)
            for message in reader.messages()
            if message.topic.name == "/map"
        ]
    assert said == expected


def transforms(*children: str, x: float) -> Any:
    """Return a message that puts frames before the vehicle."""
    parts = [
        build_message(
            "geometry_msgs/msg/TransformStamped",
            header=header_message(0, "base_link"),
            child_frame_id=child,
            transform=build_message(
                "geometry_msgs/msg/Transform",
                translation=build_message("geometry_msgs/msg/Vector3", x=x, y=0.0, z=0.0),
                rotation=build_message("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=0.0, w=1.0),
            ),
        )
        for child in children
    ]
    return build_message("tf2_msgs/msg/TFMessage", transforms=parts)


@pytest.mark.parametrize("topic", ["/tf_static", "/car/tf_static"])
def test_static_transforms_that_still_hold_begin_a_moment(tmp_path: Path, topic: str) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for time_ns, message in enumerate(
            [
                transforms("front", "rear", x=1.0),
                transforms("front", x=2.0),
                transforms("lidar", x=3.0),
                transforms("lidar", x=4.0),
            ]
        ):
            writer.write(topic, message, time_ns=time_ns)
        write_picture(writer, "front", 1000, plain(0))
    wanted = {tmp_path / "drive.mcap": [("front", 1000)]}
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=10e-9)
    with BagReader(tmp_path / "hits.mcap") as reader:
        held = {
            transform.child_frame_id: transform.transform.translation.x
            for message in reader.messages()
            if message.topic.name == topic
            for transform in reader.deserialize(message).transforms
        }
    assert held == {"front": 2.0, "rear": 1.0, "lidar": 4.0}
    assert times_ns(tmp_path / "hits.mcap", topic) == [990] * 3


def test_moments_of_several_bags_become_one(tmp_path: Path) -> None:
    starts_ns = {"b": START_NS, "a": START_NS + 10**12}
    for name, start_ns in starts_ns.items():
        with BagWriter(tmp_path / f"{name}.mcap") as writer:
            for index in range(5):
                write_picture(writer, "front", start_ns + index * STEP_NS, plain(index))
    wanted = {
        tmp_path / f"{name}.mcap": [("front", starts_ns[name] + STEP_NS)] for name in ("a", "b")
    }
    assert cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.0) == 2
    assert times_ns(tmp_path / "hits.mcap", "/front/image") == [
        starts_ns[name] + STEP_NS for name in ("b", "a")
    ]
    with BagReader(tmp_path / "hits.mcap") as reader:
        assert [topic.name for topic in reader.topics] == ["/front/image"]


def test_topics_are_put_below_the_recording_if_moments_overlap(tmp_path: Path) -> None:
    names = ["2024-05-01.mcap", "left/Drive 1.mcap", "right/Drive 1.mcap"]
    for level, name in enumerate(names):
        with BagWriter(tmp_path / name) as writer:
            write_picture(writer, "front", 100, plain(level))
    wanted = {tmp_path / name: [("front", 100)] for name in names}
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=1.0)
    with BagReader(tmp_path / "hits.mcap") as reader:
        levels = {m.topic.name: int(reader.deserialize(m).data[0]) for m in reader.messages()}
    assert levels == {
        "/drive_2024_05_01/front/image": 0,
        "/Drive_1/front/image": 1,
        "/Drive_1_2/front/image": 2,
    }


def test_a_moment_of_a_bag_without_images_is_where_its_embedding_is(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in range(0, 1000, 100):
            write_embedding(writer, "front", stamp_ns, axis(0), late_ns=7)
            writer.write("gps", string_message(f"{stamp_ns}"), time_ns=stamp_ns)
    wanted = {tmp_path / "drive.mcap": [("front", 500)]}
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=50e-9)
    assert times_ns(tmp_path / "hits.mcap", "/gps") == [500]
    assert times_ns(tmp_path / "hits.mcap", "/front/scene_clip/embedding") == [507]


def test_frames_of_a_video_become_compressed_images(tmp_path: Path) -> None:
    write_video(tmp_path / "drive.avi", frames=20, rate_hz=10)
    wanted = {tmp_path / "drive.avi": [("rear", 10 * STEP_NS)]}
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.2)
    with BagSource(tmp_path / "hits.mcap") as source:
        frames = [(f.camera, f.stamp_ns // STEP_NS, f.decode()[0, 0, 0]) for f in source]
    assert [frame[:2] for frame in frames] == [("rear", index) for index in range(8, 13)]
    assert [frame[2] for frame in frames] == pytest.approx(list(range(80, 130, 10)), abs=6)


def test_frames_of_a_folder_become_compressed_images(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    for index in range(5):
        path = tmp_path / "drive" / stamp_file_name(START_NS + index * STEP_NS, ".png")
        path.write_bytes(encode_png(plain(index)))
    wanted = {tmp_path / "drive": stamps(2)}
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.1)
    assert times_ns(tmp_path / "hits.mcap", "/front/image/compressed") == [
        START_NS + index * STEP_NS for index in (1, 2, 3)
    ]


def test_an_old_bag_is_replaced_only_if_told_and_when_the_new_one_is_whole(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    write_drive(tmp_path / "hits.mcap", frames=1)
    old = entries(tmp_path / "hits.mcap")
    broken = tmp_path / "pictures"
    broken.mkdir()
    (broken / stamp_file_name(START_NS, ".png")).write_bytes(b"no picture")
    wanted = {tmp_path / "drive.mcap": stamps(2), broken: stamps(0)}
    with pytest.raises(SourceError, match="expected a name that is free"):
        cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.0)
    with pytest.raises(ImageError, match="pictures"):
        cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.0, overwrite=True)
    assert entries(tmp_path / "hits.mcap") == old
    del wanted[broken]
    cut_moments(wanted, tmp_path / "hits.mcap", margin_s=0.05, overwrite=True)
    assert entries(tmp_path / "hits.mcap") == entries(tmp_path / "drive.mcap")[6:9]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "drive.mcap",
        "hits.mcap",
        "pictures",
    ]


@pytest.mark.parametrize(
    "output",
    ["drive.mcap", "other", "other/hits.mcap", "drives", "link.mcap", "x/../drive.mcap", "gone"],
)
def test_no_recording_is_destroyed_by_a_cut(tmp_path: Path, output: str) -> None:
    write_drive(tmp_path / "drive.mcap")
    write_drive(tmp_path / "other")
    write_drive(tmp_path / "drives" / "third")
    (tmp_path / "drives" / "metadata.yaml").write_text("")
    (tmp_path / "link.mcap").symlink_to(tmp_path / "drive.mcap")
    before = {path: path.stat() for path in tmp_path.rglob("*") if path.is_file()}
    names = ("other", "drives/third", "gone/drive.mcap")
    with pytest.raises(SourceError, match="expected a place apart from the recordings"):
        cut_moments(
            {tmp_path / "drive.mcap": stamps(1)},
            tmp_path / output,
            margin_s=1.0,
            protected=[tmp_path / name for name in names],
            overwrite=True,
        )
    assert {path: path.stat() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("margin_s", [-1.0, 1e300, float("inf"), float("nan")])
def test_a_margin_out_of_range_is_refused(tmp_path: Path, margin_s: float) -> None:
    write_drive(tmp_path / "drive.mcap")
    with pytest.raises(ParameterError, match=r"margin: expected a number in \[0, 86400\]"):
        cut_moments({tmp_path / "drive.mcap": stamps(1)}, tmp_path / "h.mcap", margin_s=margin_s)


def test_a_recording_without_the_frames_is_named(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with pytest.raises(SourceError, match=r"drive\.mcap: expected the frames that were indexed"):
        cut_moments({tmp_path / "drive.mcap": [("front", 5)]}, tmp_path / "h.mcap", margin_s=1.0)
    assert not (tmp_path / "h.mcap").exists()
