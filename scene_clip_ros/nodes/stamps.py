"""Between the times of ROS and nanoseconds."""

from __future__ import annotations

from builtin_interfaces.msg import Time

from scene_clip_ros.core.errors import MessageError
from scene_clip_ros.core.smoothing import NS_PER_S

_MIN_NS, _MAX_NS = -(2**31) * NS_PER_S, 2**31 * NS_PER_S - 1
"""What a message can say: its seconds have 32 bits."""


def stamp_ns(time: Time) -> int:
    """Return a time in nanoseconds."""
    return int(time.sec) * NS_PER_S + int(time.nanosec)


def check_stamp(time: Time) -> None:
    """Refuse a time that no clock gives.

    Raises:
        MessageError: The part below a second is a second or more.
    """
    if time.nanosec >= NS_PER_S:
        message = f"expected a stamp with less than {NS_PER_S} ns, got {time.nanosec}"
        raise MessageError(message)


def time_message(time_ns: int) -> Time:
    """Return a time of ``time_ns`` nanoseconds, or the nearest one that a message can say."""
    sec, nanosec = divmod(min(max(time_ns, _MIN_NS), _MAX_NS), NS_PER_S)
    return Time(sec=sec, nanosec=nanosec)
