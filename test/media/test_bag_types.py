"""Bags know this package's own messages wherever it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag2,
    MessageDefinition,
    MessageDefinitionFormat,
)

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_messages import build_message
from scene_clip_ros.media.bag_types import bag_typestore, describe_type, interface_definitions


def connection(msgtype: str, definition: str = "") -> Connection:
    """Build the record of a topic, with or without a definition."""
    kind = MessageDefinitionFormat.MSG if definition else MessageDefinitionFormat.NONE
    qos = ConnectionExtRosbag2("cdr", [])
    return Connection(1, "/t", msgtype, MessageDefinition(kind, definition), "", 0, qos, None)


def test_every_definition_is_registered(repository: Path) -> None:
    own = {name for name in bag_typestore().types if name.startswith("scene_clip_ros/")}
    assert own == {f"scene_clip_ros/msg/{path.stem}" for path in (repository / "msg").glob("*.msg")}
    assert {path.stem for path in interface_definitions()} == {Path(name).name for name in own}


def test_definition_that_a_bag_lacks_is_made_up_from_the_known_types() -> None:
    text, digest = describe_type(connection("std_msgs/msg/Header"))
    assert text.startswith("builtin_interfaces/Time stamp\nstring frame_id\n")
    assert "MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec" in text
    assert digest == bag_typestore().hash_rihs01("std_msgs/msg/Header")


def test_recorded_definition_is_kept_and_hashed() -> None:
    text, digest = describe_type(connection("odd_msgs/msg/Odd", "int32 a\n"))
    assert text == "int32 a\n"
    assert digest.startswith("RIHS01_")
    assert digest != describe_type(connection("odd_msgs/msg/Odd", "int32 b\n"))[1]


@pytest.mark.parametrize("definition", ["", "odd_msgs/Missing field\n"], ids=["none", "broken"])
def test_unknown_type_has_no_hash(definition: str) -> None:
    assert describe_type(connection("odd_msgs/msg/Odd", definition)) == (
        definition,
        f"RIHS01_{'0' * 64}",
    )


def test_message_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(SourceError, match="got 'odd_msgs/msg/Odd'"):
        build_message("odd_msgs/msg/Odd")
