"""rosbag2 recordings without ROS: MCAP and sqlite3, folders and single files.

A recording is read message by message, never as a whole. Only the types of the messages that
somebody asks for are needed, so that a bag may hold topics of unknown types.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.interfaces import Connection
from rosbags.rosbag2 import Reader
from rosbags.serde import SerdeError

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_types import bag_typestore

STORAGE_SUFFIXES = {".mcap": "mcap", ".db3": "sqlite3"}
"""Name endings of single-file recordings, and the storage they stand for."""


@dataclass(frozen=True, slots=True)
class BagTopic:
    """One topic of a recording.

    Attributes:
        name: Absolute name, e.g. ``/front/image``.
        msgtype: Full type name, e.g. ``sensor_msgs/msg/Image``.
        message_count: Messages recorded, ≥ 0.
        connection: The reader's own record: definition, hash and QoS, kept for copies.
    """

    name: str
    msgtype: str
    message_count: int
    connection: Connection = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class BagMessage:
    """One recorded message, still serialized.

    Attributes:
        topic: Where it was published.
        time_ns: When the recorder received it, nanoseconds.
        data: CDR with its encapsulation header, as on the wire; a publisher of ``rclpy``
            takes it as it is.
    """

    topic: BagTopic
    time_ns: int
    data: bytes


class BagReader:
    """Reads a recording in the order in which it was received."""

    def __init__(self, path: Path | str) -> None:
        """Open a recording.

        Args:
            path: Folder with ``metadata.yaml``, or a single ``.mcap`` or ``.db3`` file.
                Compression with zstd (chunks, messages, files) and lz4 (chunks) is undone.

        Raises:
            SourceError: No such recording, or truncated or damaged; names the file.
        """
        self.path = Path(path)
        with _named_errors(self.path):
            self._reader = Reader(recording_file(self.path))
            self._reader.open()
        self.topics: tuple[BagTopic, ...] = tuple(
            BagTopic(each.topic, each.msgtype, each.msgcount, each)
            for each in self._reader.connections
        )
        """Every topic; a name occurs twice if it was recorded with two QoS or types."""

    def messages(
        self,
        topics: Collection[BagTopic] | None = None,
        *,
        start_ns: int | None = None,
        stop_ns: int | None = None,
    ) -> Iterator[BagMessage]:
        """Read messages one by one.

        Args:
            topics: Whose messages; ``None`` for all topics, empty for none.
            start_ns: Only messages received at or after this time; ``None`` for no limit.
            stop_ns: Only messages received before this time; ``None`` for no limit.

        Yields:
            Messages in the order of their times.

        Raises:
            SourceError: The recording turns out to be damaged.
        """
        wanted = {topic.connection.id: topic for topic in self.topics if _is_in(topic, topics)}
        if not wanted:
            return
        connections = [topic.connection for topic in wanted.values()]
        count = 0
        with _named_errors(self.path):
            for connection, time_ns, data in self._reader.messages(
                connections, start=start_ns, stop=stop_ns
            ):
                count += 1
                yield BagMessage(wanted[connection.id], time_ns, data)
        announced = sum(topic.message_count for topic in wanted.values())
        if start_ns is None and stop_ns is None and count < announced:
            error = f"{self.path}: expected {announced} messages, got {count}: damaged"
            raise SourceError(error)

    def deserialize(self, message: BagMessage) -> Any:
        """Return the fields of a message; its arrays are views of the data.

        Raises:
            SourceError: Of an unknown type, or damaged; names file, topic and time.
        """
        msgtype = message.topic.msgtype
        where = f"{self.path}: {message.topic.name} at {message.time_ns} ns"
        if msgtype not in bag_typestore().types:
            error = f"{where}: expected a known message type, got {msgtype}"
            raise SourceError(error)
        try:
            return bag_typestore().deserialize_cdr(memoryview(message.data), msgtype)
        except SerdeError as err:
            error = f"{where}: expected a {msgtype}, got damaged data: {err}"
            raise SourceError(error) from err

    def close(self) -> None:
        """Close the recording; may be called again."""
        if self._reader.is_open:
            self._reader.close()

    def __enter__(self) -> BagReader:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def is_bag(path: Path) -> bool:
    """Tell whether a path looks like a recording, without opening it."""
    if path.is_dir():
        return (path / "metadata.yaml").exists() or len(_storage_files(path)) == 1
    return path.suffix in STORAGE_SUFFIXES


def is_storage(path: Path) -> bool:
    """Tell by its name whether a file is part of a recording, compressed as a whole or not."""
    return path.suffix in STORAGE_SUFFIXES or (
        path.suffix == ".zstd" and Path(path.stem).suffix in STORAGE_SUFFIXES
    )


def _is_in(topic: BagTopic, topics: Collection[BagTopic] | None) -> bool:
    """Tell whether a topic was asked for."""
    return topics is None or any(topic.connection is each.connection for each in topics)


def _storage_files(folder: Path) -> list[Path]:
    """Return the storage files of a folder, sorted."""
    return sorted(path for path in folder.iterdir() if path.suffix in STORAGE_SUFFIXES)


def recording_file(path: Path) -> Path:
    """Return what to open: of a recording without metadata, which was killed, its only file.

    Raises:
        SourceError: A folder without metadata that holds no storage file, or several.
    """
    if path.is_dir() and not (path / "metadata.yaml").exists():
        files = _storage_files(path)
        if len(files) == 1:
            return files[0]
        message = f"{path}: expected metadata.yaml or one storage file, got {len(files)} files"
        raise SourceError(message)
    return path


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while reading into a SourceError that names the recording."""
    try:
        yield
    except SourceError:
        raise
    except FileNotFoundError as err:
        message = f"{path}: expected a rosbag2 recording, got no such file or folder"
        raise SourceError(message) from err
    except Exception as err:
        # Damaged bytes surface as whatever the parsers below trip over: struct, zstd, sqlite,
        # unicode and assertion errors among them.
        message = f"{path}: expected a whole rosbag2 recording, got {type(err).__name__}: {err}"
        raise SourceError(message) from err
