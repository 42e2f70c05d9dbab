"""Between the times of ROS and nanoseconds."""

from __future__ import annotations

from builtin_interfaces.msg import Time

from scene_clip_ros.core.smoothing import NS_PER_S


def stamp_ns(time: Time) -> int:
    """Return a time in nanoseconds."""
    return int(time.sec) * NS_PER_S + int(time.nanosec)


def time_message(time_ns: int) -> Time:
    """Return a time of ``time_ns`` nanoseconds."""
    sec, nanosec = divmod(time_ns, NS_PER_S)
    return Time(sec=sec, nanosec=nanosec)
