"""Recorded embeddings stand for their frames; only what has none is left to be embedded."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordings import axis, plain, write_drive, write_embedding, write_picture

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.bag_messages import image_message, string_message
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.searchable_bag import (
    RecordedEmbedding,
    SearchableBag,
    embedding_camera,
)

MODEL, DIM = "fake-32", 32
LATE_NS = 7


def open_bag(path: Path, cameras: list[str] | None = None) -> SearchableBag:
    return SearchableBag(path, model_id=MODEL, dim=DIM, cameras=cameras)


def read(path: Path, cameras: list[str] | None = None) -> list[tuple[str, int, bool]]:
    """Return camera, stamp and whether the embedding was recorded, of every frame."""
    with open_bag(path, cameras) as bag:
        frames = list(bag)
        assert bag.frame_count == len(frames)
    return [(f.camera, f.stamp_ns, isinstance(f, RecordedEmbedding)) for f in frames]


@pytest.mark.parametrize(
    ("topic", "camera"),
    [
        ("/front/scene_clip/embedding", "front"),
        ("/vehicle/front/scene_clip/embedding", "vehicle/front"),
        ("/front/embedding", "front"),
        ("/scene_clip/embedding", "scene_clip/embedding"),
        ("/said", "said"),
    ],
)
def test_embeddings_are_called_after_their_camera(topic: str, camera: str) -> None:
    assert embedding_camera(topic) == camera


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3", "drive"])
def test_a_bag_without_images_is_read_from_its_embeddings(tmp_path: Path, name: str) -> None:
    with BagWriter(tmp_path / name) as writer:
        for stamp_ns in range(3):
            write_embedding(writer, "front", stamp_ns, axis(stamp_ns), frame_id="f")
    with open_bag(tmp_path / name) as bag:
        frames = list(bag)
    assert all(isinstance(frame, RecordedEmbedding) for frame in frames)
    assert [(f.camera, f.stamp_ns, f.frame_id) for f in frames] == [
        ("front", stamp_ns, "f") for stamp_ns in range(3)
    ]
    np.testing.assert_array_equal([f.embedding for f in frames], np.eye(3, DIM))


def test_a_bag_without_embeddings_is_read_from_its_images(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with open_bag(tmp_path / "drive.mcap") as bag, BagSource(tmp_path / "drive.mcap") as source:
        frames = list(bag)
        assert [(f.camera, f.stamp_ns) for f in frames] == [(f.camera, f.stamp_ns) for f in source]
    assert isinstance(frames[0], SourceFrame)
    np.testing.assert_array_equal(frames[0].decode(), plain(0))


def test_pictures_whose_embeddings_are_there_are_not_decoded(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in range(3):
            bad = image_message(plain(0), stamp_ns=stamp_ns, frame_id="f")
            bad.encoding = "nothing"
            writer.write("front/image", bad, time_ns=stamp_ns)
            write_embedding(writer, "front", stamp_ns, axis(0))
    assert read(tmp_path / "drive.mcap") == [("front", stamp_ns, True) for stamp_ns in range(3)]


def test_as_many_embeddings_as_images_hide_no_image(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in range(4):
            if stamp_ns > 0:
                write_picture(writer, "front", stamp_ns, plain(0))
            if stamp_ns < 3:
                write_embedding(writer, "front", stamp_ns, axis(0))
    assert set(read_any(tmp_path / "drive.mcap")) == {
        ("front", 0, True),
        ("front", 1, True),
        ("front", 2, True),
        ("front", 3, False),
    }


def write_slowly(path: Path, *, frames: int, damaged_at: int) -> None:
    """Write embeddings and chunks of a megabyte, one of them damaged."""
    filler = string_message("x" * (1 << 20))
    with BagWriter(path) as writer:
        for stamp_ns in range(0, 10 * frames, 10):
            write_picture(writer, "front", stamp_ns, plain(7))
            write_embedding(writer, "front", stamp_ns, axis(stamp_ns))
            writer.write("log", filler, time_ns=stamp_ns + 1)
    data = bytearray(path.read_bytes())
    messages = [m.start() for m in re.finditer(rb"fake-32", data)]
    start = messages[damaged_at] - 200
    data[start : start + 180] = b"\xff" * 180
    path.write_bytes(bytes(data))


def test_of_a_damaged_bag_what_is_before_the_damage_comes(tmp_path: Path) -> None:
    write_slowly(tmp_path / "drive.mcap", frames=8, damaged_at=5)
    with open_bag(tmp_path / "drive.mcap") as bag:
        assert bag.frame_count == 8
        coming = iter(bag)
        frames = [next(coming) for _ in range(5)]
        with pytest.raises(SourceError, match=r"drive\.mcap: expected a whole"):
            next(coming)
    assert all(isinstance(frame, RecordedEmbedding) for frame in frames)
    assert [frame.stamp_ns for frame in frames] == [0, 10, 20, 30, 40]


def test_opening_reads_no_message(tmp_path: Path) -> None:
    write_slowly(tmp_path / "drive.mcap", frames=3, damaged_at=0)
    with open_bag(tmp_path / "drive.mcap") as bag:
        assert bag.cameras == ("front",)
        with pytest.raises(SourceError, match=r"drive\.mcap"):
            list(bag)


def test_cameras_are_those_of_images_and_of_embeddings(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        write_picture(writer, "rear", 0, plain(0))
        write_embedding(writer, "front", 0, axis(0))
        write_embedding(writer, "left", 0, axis(0), model_id="other")
    with open_bag(tmp_path / "drive.mcap") as bag:
        assert bag.cameras == ("front", "left", "rear")
    with open_bag(tmp_path / "drive.mcap", ["/rear/image", "front"]) as bag:
        assert bag.cameras == ("front", "rear")


def test_only_images_without_an_embedding_are_left_to_embed(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in range(0, 60, 10):
            write_picture(writer, "front", stamp_ns, plain(0))
            if stamp_ns % 20 == 0:
                write_embedding(writer, "front", stamp_ns, axis(0), late_ns=LATE_NS)
    assert read(tmp_path / "drive.mcap") == [
        ("front", stamp_ns, stamp_ns % 20 == 0) for stamp_ns in range(0, 60, 10)
    ]


@pytest.mark.parametrize(
    ("embedding", "model_id"),
    [
        pytest.param(axis(0), "other-32", id="other model"),
        pytest.param(axis(0, dim=16), MODEL, id="other size"),
        pytest.param(np.zeros(0, np.float32), MODEL, id="empty"),
        pytest.param(2 * axis(0), MODEL, id="not of unit length"),
        pytest.param(np.full(DIM, np.nan, np.float32), MODEL, id="not a number"),
    ],
)
def test_an_embedding_that_does_not_count_leaves_its_image_to_embed(
    tmp_path: Path, embedding: FloatArray, model_id: str
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in (0, 1):
            write_picture(writer, "front", stamp_ns, plain(0))
        write_embedding(writer, "front", 0, embedding, model_id=model_id)
        write_embedding(writer, "front", 1, axis(0))
    assert read(tmp_path / "drive.mcap") == [("front", 0, False), ("front", 1, True)]


def test_a_frame_whose_embedding_was_recorded_twice_comes_once(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for _ in range(2):
            write_embedding(writer, "front", 3, axis(0))
    assert read(tmp_path / "drive.mcap") == [("front", 3, True)]


def test_images_under_another_name_are_known_by_their_header(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns in (0, 1):
            for camera in ("sensing/camera0", "sensing/camera1"):
                write_picture(writer, camera, stamp_ns, plain(0), frame_id=camera)
        write_embedding(writer, "front", 0, axis(0), frame_id="sensing/camera0")
    frames = set(read_any(tmp_path / "drive.mcap"))
    assert frames == {
        ("front", 0, True),
        ("sensing/camera0", 1, False),
        ("sensing/camera1", 0, False),
        ("sensing/camera1", 1, False),
    }


def read_any(path: Path) -> list[tuple[str, int, bool]]:
    """Read frames of a bag whose count is not known before."""
    with open_bag(path) as bag:
        return [(f.camera, f.stamp_ns, isinstance(f, RecordedEmbedding)) for f in bag]


@pytest.mark.parametrize("cameras", [["rear"], ["/rear/image"], ["front"], ["front", "rear"]])
def test_only_the_cameras_asked_for_are_read(tmp_path: Path, cameras: list[str]) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        write_embedding(writer, "front", 0, axis(0))
        write_picture(writer, "rear", 1, plain(0))
    known = {("front", 0, True), ("rear", 1, False)}
    wanted = {name.strip("/").removesuffix("/image") for name in cameras}
    assert set(read(tmp_path / "drive.mcap", cameras)) == {f for f in known if f[0] in wanted}


def test_a_camera_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write_drive(tmp_path / "drive.mcap")
    with pytest.raises(SourceError, match=r"drive\.mcap: expected a camera .* got 'left'"):
        open_bag(tmp_path / "drive.mcap", ["left"])


@pytest.mark.parametrize(
    ("cameras", "images"),
    [
        pytest.param(None, "images, or", id="all"),
        pytest.param(["front"], "images of front, or", id="named"),
        pytest.param(["front", "rear"], "images of front, or", id="one of two"),
    ],
)
def test_embeddings_of_another_model_alone_are_refused_with_both_names(
    tmp_path: Path, cameras: list[str] | None, images: str
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        write_embedding(writer, "front", 0, axis(0), model_id="other")
        if cameras and "rear" in cameras:
            write_picture(writer, "rear", 0, plain(0))
    problem = rf"expected {images} embeddings of the model fake-32, got those of other"
    with open_bag(tmp_path / "drive.mcap", cameras) as bag:
        with pytest.raises(SourceError, match=problem):
            next(iter(bag))
        with pytest.raises(SourceError, match=problem):
            assert bag.frame_count


def test_a_bag_without_anything_to_search_is_refused(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "talk.mcap") as writer:
        writer.write("chatter", string_message("hi"), time_ns=0)
    with pytest.raises(SourceError, match=r"talk\.mcap: expected topics with images, got /chatter"):
        open_bag(tmp_path / "talk.mcap")


def test_a_damaged_picture_fails_when_it_is_decoded(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        bad = image_message(plain(0), stamp_ns=0, frame_id="f")
        bad.encoding = "nothing"
        writer.write("front/image", bad, time_ns=0)
    with open_bag(tmp_path / "drive.mcap") as bag:
        (frame,) = bag
    assert isinstance(frame, SourceFrame)
    with pytest.raises(ImageError):
        frame.decode()


KINDS = {"picture": (True, False), "embedding": (False, True), "both": (True, True)}
"""What was recorded of a frame: its picture, its embedding."""

FRAMES = st.dictionaries(
    st.integers(0, 30), st.sampled_from(list(KINDS.values())), min_size=1, max_size=12
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(front=FRAMES, rear=FRAMES)
def test_every_frame_comes_once_and_recorded_if_it_can(
    tmp_path: Path, front: dict[int, tuple[bool, bool]], rear: dict[int, tuple[bool, bool]]
) -> None:
    path = tmp_path / "drive.mcap"
    drive = {"front": front, "rear": rear}
    with BagWriter(path, overwrite=True) as writer:
        for camera, frames in drive.items():
            for stamp_ns, (has_picture, has_embedding) in frames.items():
                if has_picture:
                    write_picture(writer, camera, stamp_ns, plain(0))
                if has_embedding:
                    write_embedding(writer, camera, stamp_ns, axis(0), late_ns=LATE_NS)
    expected = {
        (camera, stamp_ns, has_embedding)
        for camera, frames in drive.items()
        for stamp_ns, (_, has_embedding) in frames.items()
    }
    found = read_any(path)
    assert len(found) == len(expected)
    assert set(found) == expected
