"""How regularly the frames of a camera came: rate, jitter, stalls, jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.report.drive_records import StampArray, is_plausible

GAP_INTERVALS = 3.0
"""Usual intervals from one frame to the next from which a camera is said to have stalled."""

_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class StampGap:
    """A stall: from the stamp before it to the stamp after it, nanoseconds."""

    start_ns: int
    end_ns: int

    @property
    def length_s(self) -> float:
        """Seconds."""
        return (self.end_ns - self.start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class StampFacts:
    """The stamps of one camera, whether its frames were judged or not.

    Attributes:
        frames: Number of frames, ≥ 1.
        start_ns: First plausible stamp.
        end_ns: Last plausible stamp, one usual interval added.
        interval_ms: Usual (median) interval, milliseconds; NaN of a single frame.
        interval_p95_ms: 95 % of the intervals are at most this; NaN of a single frame.
        gaps: Stalls, in order of time.
        jumps_back: Frames whose stamp is before that of the frame before them.
        implausible: Frames whose stamp is more than a day from the others.
    """

    frames: int
    start_ns: int
    end_ns: int
    interval_ms: float
    interval_p95_ms: float
    gaps: tuple[StampGap, ...]
    jumps_back: int
    implausible: int

    @property
    def length_s(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return (self.end_ns - self.start_ns) / NS_PER_S

    @property
    def rate_hz(self) -> float:
        """Mean rate, stalls included; NaN of a single frame."""
        return (self.frames - self.implausible) / self.length_s if self.length_s else float("nan")


def measure_stamps(stamps_ns: Sequence[int]) -> StampFacts:
    """Measure the stamps of one camera.

    Args:
        stamps_ns: In the order in which the frames were recorded; at least one.
    """
    came = np.asarray(stamps_ns, np.int64)
    plausible = is_plausible(came)
    stamps = np.sort(came[plausible])
    intervals_ns = np.diff(stamps)
    intervals_ns = intervals_ns[intervals_ns > 0]
    usual_ns, p95_ns = float("nan"), float("nan")
    if len(intervals_ns):
        usual_ns, p95_ns = np.percentile(intervals_ns, (50, 95)).tolist()
    return StampFacts(
        frames=len(came),
        start_ns=int(stamps[0]),
        end_ns=int(stamps[-1]) + (round(usual_ns) if len(intervals_ns) else 0),
        interval_ms=usual_ns / _MS,
        interval_p95_ms=p95_ns / _MS,
        gaps=_find_gaps(stamps, usual_ns),
        jumps_back=int((np.diff(came[plausible]) < 0).sum()),
        implausible=int((~plausible).sum()),
    )


def _find_gaps(stamps_ns: StampArray, usual_ns: float) -> tuple[StampGap, ...]:
    """Find the intervals that are much longer than usual."""
    befores = np.flatnonzero(np.diff(stamps_ns) > GAP_INTERVALS * usual_ns)
    return tuple(StampGap(int(stamps_ns[i]), int(stamps_ns[i + 1])) for i in befores)
