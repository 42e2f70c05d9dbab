"""Files that are whole once they bear their name, and that tell when they no longer are.

What is written goes to a name aside, to the disk (fsync), and then to its own name in one step:
a kill or a power cut leaves whatever bore the name before.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ArchiveError

PARTIAL_SUFFIX = ".partial"


@dataclass(frozen=True, slots=True)
class FileSum:
    """What a file is known by: its size in bytes and the CRC-32 of its content."""

    size_bytes: int
    crc32: int


def partial_path(target: Path) -> Path:
    """Return the hidden name beside a file or folder to be, where it is written first."""
    return target.with_name(f".{target.name}{PARTIAL_SUFFIX}")


def remove_partials(folder: Path, *, is_ours: Callable[[str], bool]) -> None:
    """Remove what killed runs left behind in a folder.

    Args:
        folder: Where nobody may be writing.
        is_ours: Tells by the name that something was to bear whether to remove it.
    """
    for path in folder.glob(f".*{PARTIAL_SUFFIX}"):
        if not is_ours(path.name[1 : -len(PARTIAL_SUFFIX)]):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder: its name at once, then what is in it; does nothing if there is none."""
    partial = partial_path(folder)
    if folder.exists():
        folder.replace(partial)
        sync_folder(folder.parent)
        shutil.rmtree(partial)


def write_file(path: Path, chunks: Iterable[bytes | memoryview]) -> FileSum:
    """Write a new file and wait until the disk has it.

    Args:
        path: A name that is free.
        chunks: The content, in order.
    """
    size, crc = 0, 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += file.write(chunk)
            crc = zlib.crc32(chunk, crc)
        file.flush()
        os.fsync(file.fileno())
    return FileSum(size, crc)


def publish(partial: Path, target: Path) -> None:
    """Give a file or folder its name, in one step that outlasts a power cut.

    Args:
        partial: Where it was written, in the same folder; its content is on the disk.
        target: Its name. A file that bears it is replaced; no folder may.
    """
    if partial.is_dir():
        sync_folder(partial)
    partial.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_size(path: Path, size_bytes: int) -> None:
    """Refuse a file of another size.

    Raises:
        ArchiveError: The file is missing, or longer or shorter than it should be.
    """
    try:
        came = path.stat().st_size
    except OSError as err:
        message = f"{path}: expected a file, got {err.strerror}"
        raise ArchiveError(message) from err
    if came != size_bytes:
        message = f"{path}: expected {size_bytes} bytes, got {came}"
        raise ArchiveError(message)


def read_file(path: Path, expected: FileSum) -> bytes:
    """Read a whole file; nothing is allocated before its size is known to be right.

    Raises:
        ArchiveError: The file cannot be read, or has another size or content.
    """
    check_size(path, expected.size_bytes)
    content = _read(path, expected.size_bytes)
    if zlib.crc32(content) != expected.crc32:
        message = f"{path}: expected checksum {expected.crc32:08x}, got {zlib.crc32(content):08x}"
        raise ArchiveError(message)
    return content


def sealed(content: Mapping[str, Any]) -> bytes:
    """Return a record as JSON that carries its own checksum."""
    body = _canonical(content)
    return b'{"crc32": %d, "content": %s}\n' % (zlib.crc32(body), body)


def read_sealed(path: Path, *, max_bytes: int) -> dict[str, Any]:
    """Read a record that ``sealed`` wrote.

    Args:
        path: The file.
        max_bytes: Refused unread if it is longer.

    Raises:
        ArchiveError: The file is missing, too long, no such record, or not as it was written.
    """
    try:
        size = path.stat().st_size
    except OSError as err:
        message = f"{path}: expected a record, got {err.strerror}"
        raise ArchiveError(message) from err
    if size > max_bytes:
        message = f"{path}: expected at most {max_bytes} bytes, got {size}"
        raise ArchiveError(message)
    try:
        record = json.loads(_read(path, size))
        content, crc = record["content"], record["crc32"]
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        message = f"{path}: expected a record with its checksum, got {_one_line(err)}"
        raise ArchiveError(message) from err
    if not isinstance(content, dict) or zlib.crc32(_canonical(content)) != crc:
        message = f"{path}: expected the content of checksum {crc}, got something else"
        raise ArchiveError(message)
    return content


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _read(path: Path, size_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size_bytes)
    except OSError as err:
        message = f"{path}: expected a file that can be read, got {err.strerror}"
        raise ArchiveError(message) from err


def _one_line(err: Exception) -> str:
    return " ".join(f"{type(err).__name__}: {err}".split())[:200]
