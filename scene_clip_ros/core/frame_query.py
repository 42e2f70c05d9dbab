"""Which frames a query asks for, which answer it, and whether the best of them means anything."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import IntArray, StoredFrame
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.smoothing import NS_PER_S

MIN_STAMP_NS, MAX_STAMP_NS = -(2**63), 2**63 - 1
MAX_SPAN_S = 1e9
MAX_TOP_K = 2**32 - 1


@dataclass(frozen=True, slots=True)
class FrameFilter:
    """Which frames may answer a query, and how many.

    Attributes:
        cameras: Names of the cameras searched; empty: all.
        end_ns: Newest stamp searched, nanoseconds; None: what the camera's clock showed when the
            newest frame of any camera was taken.
        window_s: Seconds searched up to ``end_ns``, both ends included, in [0, 1e9]; 0: everything.
        min_score: Least cosine of a hit, in [-1, 1].
        min_gap_s: Least time between hits of one camera, seconds in [0, 1e9].
        top_k: Most hits, in [1, 4294967295].
    """

    cameras: tuple[str, ...] = ()
    end_ns: int | None = None
    window_s: float = 0.0
    min_score: float = -1.0
    min_gap_s: float = 0.0
    top_k: int = 10

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        require_in_range("window_s", self.window_s, (0.0, MAX_SPAN_S))
        require_in_range("min_score", self.min_score, (-1.0, 1.0))
        require_in_range("min_gap_s", self.min_gap_s, (0.0, MAX_SPAN_S))
        require_whole_in_range("top_k", self.top_k, (1, MAX_TOP_K))
        if self.end_ns is not None:
            require_whole_in_range("end_ns", self.end_ns, (MIN_STAMP_NS, MAX_STAMP_NS))
        if not all(camera.strip() for camera in self.cameras):
            message = f"cameras: expected names, none empty, got {self.cameras!r}"
            raise ParameterError(message)

    def require_cameras(self, known: Collection[str]) -> None:
        """Refuse a camera that there is not.

        Raises:
            ParameterError: Names it, and those that there are.
        """
        for camera in self.cameras:
            if camera not in known:
                message = f"cameras: expected some of {', '.join(known)}, got {camera[:80]!r}"
                raise ParameterError(message)

    def span_ns(self, clock_ns: int) -> tuple[int, int]:
        """Return the first and the last stamp of a camera that are searched, nanoseconds.

        Args:
            clock_ns: What its clock showed when the newest frame of any camera was taken.
        """
        end_ns = clock_ns if self.end_ns is None else self.end_ns
        if self.window_s == 0:
            return MIN_STAMP_NS, MAX_STAMP_NS if self.end_ns is None else end_ns
        return max(MIN_STAMP_NS, end_ns - round(self.window_s * NS_PER_S)), end_ns


@dataclass(frozen=True, slots=True)
class FrameHit:
    """One frame that answers a query.

    Attributes:
        score: Cosine of frame and query, in [-1, 1].
        z: Standard deviations of ``score`` above the mean over all frames of the cameras searched,
            whatever their time; 0 if all of them score the same.
        frame: What is kept of the frame.
    """

    score: float
    z: float
    frame: StoredFrame

    @property
    def camera(self) -> str:
        """Name of the frame's camera."""
        return self.frame.camera

    @property
    def stamp_ns(self) -> int:
        """Stamp of the frame, nanoseconds."""
        return self.frame.stamp_ns


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search found.

    Attributes:
        hits: Best first; whether they stand out or not.
        searched: Frames that passed the filters of camera and time.
        mean: Mean cosine of the query to all frames of the cameras searched, whatever their time.
        deviation: Standard deviation of those cosines.
        message: What is to be said of the hits, or why there are none, in one line for a person;
            empty if the best hit stands out.
    """

    hits: tuple[FrameHit, ...]
    searched: int
    mean: float
    deviation: float
    message: str


def spread_hits(
    stamps_ns: IntArray,
    cameras: npt.NDArray[np.integer],
    scores: npt.NDArray[np.floating],
    *,
    top_k: int,
    min_gap_s: float,
) -> IntArray:
    """Choose the best frames, none close in time to a better one of its camera.

    Args:
        stamps_ns: ``(N,)`` int64, nanoseconds.
        cameras: ``(N,)`` integers, equal for frames of one camera.
        scores: ``(N,)`` floats, none NaN. Of equal ones, the first is the better.
        top_k: Most frames chosen, ≥ 1.
        min_gap_s: Least time between chosen frames of one camera, seconds ≥ 0.

    Returns:
        ``(K,)`` int64, K ≤ ``top_k``: rows of the chosen frames, best first.
    """
    order = np.argsort(-scores, kind="stable").astype(np.int64, copy=False)
    gap_ns = round(min_gap_s * NS_PER_S)
    if gap_ns == 0:
        return order[:top_k]
    chosen: list[int] = []
    taken: dict[int, list[int]] = {}
    for row, camera, stamp_ns in zip(
        order.tolist(), cameras[order].tolist(), stamps_ns[order].tolist(), strict=True
    ):
        stamps = taken.setdefault(camera, [])
        if not _is_clear_of(stamps, stamp_ns, gap_ns):
            continue
        insort(stamps, stamp_ns)
        chosen.append(row)
        if len(chosen) == top_k:
            break
    return np.array(chosen, np.int64)


def _is_clear_of(stamps_ns: list[int], stamp_ns: int, gap_ns: int) -> bool:
    """Tell whether a stamp is at least a gap away from each of some ascending stamps."""
    place = bisect_left(stamps_ns, stamp_ns)
    nearest = stamps_ns[max(0, place - 1) : place + 1]
    return all(abs(stamp_ns - other_ns) >= gap_ns for other_ns in nearest)
