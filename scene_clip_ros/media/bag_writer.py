"""Writing rosbag2 recordings without ROS."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag2,
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.bag_types import bag_typestore, describe_type
from scene_clip_ros.media.bags import STORAGE_SUFFIXES, BagMessage, BagTopic

_STORAGES = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}

_UNLIMITED = QosTime(sec=9_223_372_036, nsec=854_775_807)

RELIABLE = Qos(
    history=QosHistory.KEEP_LAST,
    depth=10,
    reliability=QosReliability.RELIABLE,
    durability=QosDurability.VOLATILE,
    deadline=_UNLIMITED,
    lifespan=_UNLIMITED,
    liveliness=QosLiveliness.AUTOMATIC,
    liveliness_lease_duration=_UNLIMITED,
    avoid_ros_namespace_conventions=False,
)
"""The QoS that topics are replayed with; it serves best-effort subscribers as well."""


class BagWriter:
    """Writes a recording that any ROS 2 tool opens.

    It appears under its name when it is closed. If the ``with`` block fails, or the run is
    killed, whatever bore the name before is left as it was.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        storage: str | None = None,
        compress: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Start a recording.

        Args:
            path: ``NAME.mcap`` or ``NAME.db3`` for a single file, which ``ros2 bag play``
                takes too; any other name for a folder with ``metadata.yaml``.
            storage: ``mcap`` or ``sqlite3``; by default what the name says, MCAP in folders.
            compress: Whether to compress with zstd: chunks of MCAP, messages of sqlite3 in
                folders (a single sqlite3 file cannot say that it is compressed).
            overwrite: Whether to replace a recording of the same name.

        Raises:
            SourceError: The name is taken by something that may not be replaced, or the
                arguments contradict each other.
        """
        self.path = Path(path)
        single = STORAGE_SUFFIXES.get(self.path.suffix)
        storage = storage or single or "mcap"
        _check_target(self.path, storage, single=single, compress=compress)
        self._is_file = single is not None
        self._aside = Aside(self.path, overwrite=overwrite)
        name = self.path.stem if self._is_file else self.path.name
        self._writer = Writer(
            self._aside.folder / name, version=9, storage_plugin=_STORAGES[storage]
        )
        if compress:
            mode = CompressionMode.STORAGE if storage == "mcap" else CompressionMode.MESSAGE
            self._writer.set_compression(mode, CompressionFormat.ZSTD)
        self._writer.open()
        self._connections: dict[tuple[str, str], Connection] = {}
        self._copied: dict[int, tuple[BagTopic, Connection]] = {}
        self._is_open = True

    def write(self, topic: str, message: Any, *, time_ns: int) -> None:
        """Serialize a message and write it.

        Args:
            topic: Name; made absolute.
            message: Built by ``bag_messages``.
            time_ns: When it was received, nanoseconds; messages are replayed in this order.
        """
        name = f"/{topic.lstrip('/')}"
        msgtype: str = message.__msgtype__
        connection = self._connections.get((name, msgtype))
        if connection is None:
            connection = self._writer.add_connection(
                name, msgtype, typestore=bag_typestore(), offered_qos_profiles=[RELIABLE]
            )
            self._connections[name, msgtype] = connection
        self._writer.write(connection, time_ns, bag_typestore().serialize_cdr(message, msgtype))

    def declare(self, topic: BagTopic, *, name: str | None = None) -> None:
        """Announce a topic of another recording, so that it is kept even without messages.

        Topics of several recordings that agree in name, type and QoS become one.

        Args:
            topic: The topic as it was recorded.
            name: What to call it here, absolute; as it was if not given.
        """
        if id(topic) in self._copied:
            return
        ext = topic.connection.ext
        assert isinstance(ext, ConnectionExtRosbag2)
        name = name or topic.name
        connection = self._find(name, topic.msgtype, ext)
        if connection is None:
            text, digest = describe_type(topic.connection)
            connection = self._writer.add_connection(
                name,
                topic.msgtype,
                msgdef=text,
                rihs01=digest,
                serialization_format=ext.serialization_format,
                offered_qos_profiles=ext.offered_qos_profiles,
            )
        self._copied[id(topic)] = topic, connection
        self._connections.setdefault((name, topic.msgtype), connection)

    def copy(self, message: BagMessage) -> None:
        """Write a message of a declared topic byte for byte."""
        _, connection = self._copied[id(message.topic)]
        self._writer.write(connection, message.time_ns, message.data)

    def close(self) -> None:
        """Finish the recording and give it its name; may be called again."""
        if not self._is_open:
            return
        self._is_open = False
        built = self._writer.path
        try:
            self._writer.close()
            self._aside.publish(built / self.path.name if self._is_file else built)
        except BaseException:
            self._aside.discard()
            raise

    def abort(self) -> None:
        """Throw away what was written; may be called again."""
        if not self._is_open:
            return
        self._is_open = False
        self._writer.abort()
        self._aside.discard()

    def __enter__(self) -> BagWriter:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.close()
        else:
            self.abort()

    def _find(self, name: str, msgtype: str, ext: ConnectionExtRosbag2) -> Connection | None:
        """Return the connection that a topic can share with an earlier one."""
        for each in self._writer.connections:
            if (each.topic, each.msgtype) == (name, msgtype) and each.ext == ext:
                return each
        return None


def _check_target(path: Path, storage: str, *, single: str | None, compress: bool) -> None:
    """Refuse a target that cannot be what its name says, or that is no recording to replace.

    Raises:
        SourceError: The arguments contradict each other, or the name is taken.
    """
    if storage not in _STORAGES:
        message = f"{path}: expected a storage of {', '.join(_STORAGES)}, got {storage!r}"
        raise SourceError(message)
    if single is not None and storage != single:
        message = f"{path}: expected the storage {single} for this name, got {storage!r}"
        raise SourceError(message)
    if single == "sqlite3" and compress:
        message = f"{path}: expected a folder or .mcap file to compress, got a single .db3 file"
        raise SourceError(message)
    if path.is_dir() and (single is not None or not (path / "metadata.yaml").exists()):
        message = f"{path}: expected a recording or a free name, got a folder of something else"
        raise SourceError(message)
    if path.is_file() and single is None:
        message = f"{path}: expected a name for a folder, got that of a file"
        raise SourceError(message)
