"""How frames that answer a query are told: in a table, and below their pictures."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from scene_clip_ros.core.smoothing import NS_PER_S

_FIRST_DATE_NS = 10**17
"""Stamps from here on, 1973, are times of day; earlier ones count from a start."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def format_stamp(stamp_ns: int) -> str:
    """Write a stamp to the millisecond: date and time in UTC, or the time from a start.

    Stamps of vehicles count from 1970, those of videos from the first frame.
    """
    seconds, rest_ns = divmod(stamp_ns, NS_PER_S)
    millis = rest_ns // 1_000_000
    if stamp_ns >= _FIRST_DATE_NS:
        date = _EPOCH + timedelta(seconds=seconds)
        return f"{date:%Y-%m-%d %H:%M:%S}.{millis:03d}"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}:{seconds:02d}.{millis:03d}"


def hit_caption(
    rank: int, *, score: float, z: float, camera: str, stamp_ns: int, source: str = ""
) -> tuple[str, ...]:
    """Return the caption of a hit's picture.

    Args:
        rank: From 1 on.
        score: Cosine, [-1, 1].
        z: Standard deviations above the average frame.
        camera: Name of the camera.
        stamp_ns: Stamp of the frame, nanoseconds.
        source: Recording; no line if empty.
    """
    lines = (f"#{rank}   {score:.3f}   z {z:.1f}", f"{camera}   {format_stamp(stamp_ns)}")
    return (*lines, source) if source else lines
