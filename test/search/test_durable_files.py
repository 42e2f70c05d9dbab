from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.durable_files import (
    FileSum,
    partial_path,
    publish,
    read_file,
    read_sealed,
    remove_partials,
    sealed,
    write_file,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(content=st.dictionaries(st.text(), values, max_size=4))
def test_record_comes_back_as_it_was(folder: Path, content: dict[str, Any]) -> None:
    path = folder / "record.json"
    path.write_bytes(sealed(content))

    assert read_sealed(path, max_bytes=1 << 20) == content


@given(place=st.integers(0, 60), flip=st.integers(1, 255))
def test_changed_record_is_never_taken_for_another(folder: Path, place: int, flip: int) -> None:
    content = {"rows": 1234, "model": "abc", "dims": [1, 2, 3]}
    written = bytearray(sealed(content))
    written[place % len(written)] ^= flip
    path = folder / "changed.json"
    path.write_bytes(written)

    try:
        came = read_sealed(path, max_bytes=1 << 20)
    except ArchiveError:
        return
    assert came == content


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "a record with its checksum"),
        (b"[]", "a record with its checksum"),
        (b'{"crc32": 1}', "a record with its checksum"),
        (b'{"crc32": 1, "content": {}}', "the content of checksum 1"),
        (b"\xff\xfe", "a record with its checksum"),
        (b"[" * 5000, "a record with its checksum"),
        (b" " * 70_000, "at most 65536 bytes"),
    ],
    ids=["empty", "list", "no content", "wrong checksum", "no text", "deep", "long"],
)
def test_what_is_no_record_is_refused(tmp_path: Path, written: bytes, reason: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(written)

    with pytest.raises(ArchiveError, match=reason) as caught:
        read_sealed(path, max_bytes=65_536)

    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-1], lambda whole: whole + b"x", lambda whole: b"X" + whole[1:]],
    ids=["cut off", "grown", "changed"],
)
def test_damaged_file_is_refused(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "part.bin"
    expected = write_file(path, [b"some ", b"content"])
    assert read_file(path, expected) == b"some content"
    path.write_bytes(damage(b"some content"))

    with pytest.raises(ArchiveError, match=r"part.bin"):
        read_file(path, expected)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        read_file(tmp_path / "none.bin", FileSum(0, 0))


def test_file_that_is_published_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "record.json"
    target.write_bytes(b"old")
    write_file(partial_path(target), [b"new"])

    publish(partial_path(target), target)

    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_only_partial_files_and_folders_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".000003.partial").mkdir()
    (tmp_path / ".000003.partial" / "vectors.bin").write_bytes(b"x")
    (tmp_path / ".archive.json.partial").write_bytes(b"x")
    (tmp_path / "000001").mkdir()
    (tmp_path / ".hidden").write_bytes(b"x")

    remove_partials(tmp_path, is_ours=lambda _: True)

    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "000001"]
