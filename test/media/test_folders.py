"""Folders of pictures come in the order that people expect, with stamps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import plain

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import FolderSource, stamp_file_name


def write_pictures(folder: Path, *names: str) -> None:
    """Write a picture per name, of the level of its index."""
    for index, name in enumerate(names):
        (folder / name).write_bytes(encode_png(plain(index)))


def test_numbers_in_names_are_sorted_by_value(tmp_path: Path) -> None:
    write_pictures(tmp_path, "f9.png", "f10.png", "f100.png", "f1.PNG", "g.jpeg", "notes.png.txt")
    source = FolderSource(tmp_path)
    levels = [int(frame.decode()[0, 0, 0]) for frame in source]
    assert levels == [3, 0, 1, 2, 4]
    names = [frame.file_name for frame in source]
    assert names == ["f1.PNG", "f9.png", "f10.png", "f100.png", "g.jpeg"]
    assert source.frame_count == 5


@pytest.mark.parametrize(("rate_hz", "period_ns"), [(10.0, 10**8), (25.0, 4 * 10**7)])
def test_stamps_count_at_the_rate(tmp_path: Path, rate_hz: float, period_ns: int) -> None:
    write_pictures(tmp_path, "20260101.png", "20260102.png", "20260103.png")
    stamps = [frame.stamp_ns for frame in FolderSource(tmp_path, rate_hz=rate_hz)]
    assert stamps == [0, period_ns, 2 * period_ns]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=4, unique=True))
def test_names_written_for_stamps_read_back(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder, *(stamp_file_name(stamp_ns, ".png") for stamp_ns in stamps))
    assert [frame.stamp_ns for frame in FolderSource(folder)] == sorted(stamps)


def test_one_name_that_is_no_stamp_makes_all_count_at_the_rate(tmp_path: Path) -> None:
    write_pictures(tmp_path, "1700000000000000000.png", "cover.png")
    assert [frame.stamp_ns for frame in FolderSource(tmp_path)] == [0, 10**8]


def test_single_picture_is_a_source_of_one_frame(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.png", "b.png")
    (frame,) = FolderSource(tmp_path / "b.png", camera="rear")
    assert (frame.camera, frame.stamp_ns) == ("rear", 0)
    np.testing.assert_array_equal(frame.decode(), plain(1))


def test_damaged_picture_fails_alone_and_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.png", "b.png", "c.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:-5])
    first, second, third = FolderSource(tmp_path)
    (tmp_path / "c.png").unlink()
    with pytest.raises(ImageError, match=r"a\.png: expected more data"):
        first.decode()
    np.testing.assert_array_equal(second.decode(), plain(1))
    with pytest.raises(ImageError, match=r"c\.png: expected a picture, got No such file"):
        third.decode()


def test_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write_pictures(tmp_path / "sub", "a.png")
    with pytest.raises(SourceError, match=r"pictures that end in \.jpeg, \.jpg, \.png, got none"):
        FolderSource(tmp_path)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: expected a folder of pictures"):
        FolderSource(tmp_path / "nowhere")
