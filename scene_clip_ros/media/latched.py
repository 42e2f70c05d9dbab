"""What of a recording a subscriber who joins late would still get."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rosbags.interfaces import ConnectionExtRosbag2, QosDurability

from scene_clip_ros.media.bags import BagMessage, BagReader, BagTopic

TRANSFORMS_TYPE = "tf2_msgs/msg/TFMessage"


def is_latched(topic: BagTopic) -> bool:
    """Tell whether late subscribers get what was published earlier.

    Static transforms are latched, even where a recording does not tell QoS.
    """
    return _is_static_transforms(topic) or _depth(topic) > 0


def last_latched(reader: BagReader, messages: Iterable[BagMessage]) -> list[BagMessage]:
    """Return the messages that a late subscriber would still get.

    Of a topic these are as many as its publishers keep; of static transforms those that hold the
    newest transform of any child frame.

    Args:
        reader: The recording.
        messages: Of latched topics, in the order of their times; read one by one.

    Returns:
        In the order of their times.

    Raises:
        SourceError: The recording turns out to be damaged.
    """
    kept: dict[int, deque[tuple[int, BagMessage]]] = {}
    newest: dict[str, tuple[int, BagMessage]] = {}
    for numbered in enumerate(messages):
        _, message = numbered
        if _is_static_transforms(message.topic):
            transforms = reader.deserialize(message).transforms
            newest.update((transform.child_frame_id, numbered) for transform in transforms)
        else:
            depth = _depth(message.topic)
            kept.setdefault(id(message.topic), deque(maxlen=depth)).append(numbered)
    found = dict(newest.values())
    for last in kept.values():
        found.update(last)
    return [message for _, message in sorted(found.items())]


def _is_static_transforms(topic: BagTopic) -> bool:
    return topic.msgtype == TRANSFORMS_TYPE and topic.name.rpartition("/")[2] == "tf_static"


def _depth(topic: BagTopic) -> int:
    """Return how many messages the publishers of a topic keep for late subscribers.

    Each keeps one at least: recorders write a depth of 0 where they do not know it.
    """
    ext = topic.connection.ext
    assert isinstance(ext, ConnectionExtRosbag2)
    return sum(
        max(1, qos.depth)
        for qos in ext.offered_qos_profiles
        if qos.durability == QosDurability.TRANSIENT_LOCAL
    )
