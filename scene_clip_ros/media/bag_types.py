"""The message types of bags: those of ROS 2 Jazzy and this package's own, without ROS."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from rosbags.interfaces import Connection, MessageDefinition, MessageDefinitionFormat
from rosbags.typesys import Stores, TypesysError, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

PACKAGE = "scene_clip_ros"

IMAGE_TYPE = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE_TYPE = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"
STRING_TYPE = "std_msgs/msg/String"
EMBEDDING_TYPE = f"{PACKAGE}/msg/FrameEmbedding"

_UNKNOWN_HASH = f"RIHS01_{'0' * 64}"


def interface_definitions() -> tuple[Path, ...]:
    """Find this package's message definitions.

    Looked for in this order: beside the modules (installed with pip), in the source tree, in
    the ``share`` folder of each ament prefix (installed with colcon).

    Returns:
        The ``.msg`` files of the first folder that has any, sorted; empty if there is none.
    """
    for folder in _interface_folders():
        definitions = tuple(sorted(folder.glob("*.msg")))
        if definitions:
            return definitions
    return ()


@lru_cache(maxsize=1)
def bag_typestore() -> Typestore:
    """Return the types that can be read and written, shared by all readers and writers."""
    typestore = get_typestore(Stores.ROS2_JAZZY)
    types = {}
    for definition in interface_definitions():
        name = f"{PACKAGE}/msg/{definition.stem}"
        types.update(get_types_from_msg(definition.read_text(encoding="utf-8"), name))
    typestore.register(types)
    return typestore


def describe_type(connection: Connection) -> tuple[str, str]:
    """Return the definition of a recorded topic's type, dependencies included, and its hash.

    What the recording lacks (before ROS 2 Iron it holds neither) is made up from the known
    types; where the type is not known either, the definition is empty and the hash is zero.
    """
    msgtype, recorded = connection.msgtype, connection.msgdef
    if recorded.format == MessageDefinitionFormat.NONE:
        typestore = bag_typestore()
        if msgtype not in typestore.types:
            return "", connection.digest or _UNKNOWN_HASH
        text, _ = typestore.generate_msgdef(msgtype, ros_version=2)
        return text, connection.digest or typestore.hash_rihs01(msgtype)
    return recorded.data, connection.digest or _hash_definition(recorded, msgtype)


def _hash_definition(definition: MessageDefinition, msgtype: str) -> str:
    """Return the type hash that follows from a recorded definition."""
    if definition.format != MessageDefinitionFormat.MSG:
        return _UNKNOWN_HASH
    typestore = get_typestore(Stores.EMPTY)
    try:
        typestore.register(get_types_from_msg(definition.data, msgtype))
        return typestore.hash_rihs01(msgtype)
    except (TypesysError, KeyError):
        return _UNKNOWN_HASH


def _interface_folders() -> Iterator[Path]:
    """Yield the folders that may hold the definitions, whether they exist or not."""
    package = Path(__file__).resolve().parents[1]
    yield package / "resources" / "interfaces"
    yield package.parent / "msg"
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    for prefix in [*filter(None, prefixes), sys.prefix]:
        yield Path(prefix) / "share" / PACKAGE / "msg"
