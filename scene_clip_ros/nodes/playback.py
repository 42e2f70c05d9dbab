"""When each frame of a drive is due, without ROS and without a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.nodes.player_source import PlayedFrame


class Schedule:
    """Gives every frame a deadline, counted from the first one, so that delays never add up.

    Args:
        speed: Multiple of the recorded speed, > 0.
        rate_hz: Frames per second and camera instead of the recorded times; 0: as recorded.
    """

    def __init__(self, *, speed: float, rate_hz: float) -> None:
        """Wait for the first frame."""
        self._speed = speed
        self._rate_hz = rate_hz
        self._first_ns: int | None = None
        self._counts: dict[str, int] = {}

    def due_s(self, frame: PlayedFrame) -> float:
        """Return when a frame is due, seconds after the first; call once per frame, in order."""
        if self._first_ns is None:
            self._first_ns = frame.stamp_ns
        index = self._counts.get(frame.camera, 0)
        self._counts[frame.camera] = index + 1
        if self._rate_hz:
            return index / (self._rate_hz * self._speed)
        return (frame.stamp_ns - self._first_ns) / (NS_PER_S * self._speed)


def repeated(frames: Iterable[PlayedFrame]) -> Iterator[PlayedFrame]:
    """Yield the frames again and again, with stamps that go on.

    A pass follows the last one after the mean time between two stamps.
    """
    offset_ns = 0
    while True:
        stamps: set[int] = set()
        for frame in frames:
            stamps.add(frame.stamp_ns)
            yield replace(frame, stamp_ns=frame.stamp_ns + offset_ns)
        if not stamps:
            return
        span_ns = max(stamps) - min(stamps)
        gap_ns = span_ns // (len(stamps) - 1) if len(stamps) > 1 else NS_PER_S
        offset_ns += span_ns + max(gap_ns, 1)


def clock_ns(now_s: float, *, before: tuple[float, int], after: tuple[float, int]) -> int:
    """Return the drive's time between two frames.

    Args:
        now_s: Time, seconds.
        before: When the last frame was due, and its stamp in nanoseconds.
        after: When the next frame is due, and its stamp in nanoseconds.
    """
    (begin_s, begin_ns), (end_s, end_ns) = before, after
    if end_s <= begin_s:
        return end_ns
    share = min(max((now_s - begin_s) / (end_s - begin_s), 0.0), 1.0)
    return begin_ns + round(share * (end_ns - begin_ns))
