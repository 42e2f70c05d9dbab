"""Keeps what perception decided about the last minutes of every camera, to be asked about."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Collection, Iterable

from scene_clip_ros.core.frame_memory import MAX_DISORDER_NS
from scene_clip_ros.core.questions.types import FrameFacts
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.smoothing import NS_PER_S

MAX_AGE_S = 86_400.0
MAX_FRAMES = 10_000_000


class FactLog:
    """Keeps facts within limits; every method may be called from any thread.

    Ages are measured by a camera's own stamps, from its newest. When they jump back, what is kept
    of this camera is forgotten; facts that are merely a little late are passed over.
    """

    def __init__(self, max_age_s: float, max_frames: int) -> None:
        """Start empty.

        Args:
            max_age_s: Age above which facts leave, seconds in [0.1, 86400].
            max_frames: Most frames of a camera of which they are kept, in [1, 10000000].

        Raises:
            ParameterError: Names the limit, its range and the value.
        """
        self._lock = threading.Lock()
        self._cameras: dict[str, deque[FrameFacts]] = {}
        self.set_limits(max_age_s, max_frames)

    def set_limits(self, max_age_s: float, max_frames: int) -> None:
        """Keep to other limits, from the next facts of each camera on.

        Raises:
            ParameterError: Names the limit, its range and the value; nothing has changed.
        """
        require_in_range("max_age_s", max_age_s, (0.1, MAX_AGE_S))
        require_whole_in_range("max_frames", max_frames, (1, MAX_FRAMES))
        with self._lock:
            self._max_age_ns = round(max_age_s * NS_PER_S)
            self._max_frames = max_frames

    def add(self, facts: FrameFacts) -> None:
        """Keep facts; each leaves once, so that one more costs the same however many are kept.

        Args:
            facts: Passed over if their stamp is before the last one of the camera by up to
                `MAX_DISORDER_NS`; from further before, time has jumped back.
        """
        with self._lock:
            kept = self._cameras.setdefault(facts.camera, deque())
            if kept and facts.stamp_ns < kept[-1].stamp_ns:
                if facts.stamp_ns >= kept[-1].stamp_ns - MAX_DISORDER_NS:
                    return
                kept.clear()
            kept.append(facts)
            first_ns = facts.stamp_ns - self._max_age_ns
            while len(kept) > self._max_frames or kept[0].stamp_ns < first_ns:
                kept.popleft()

    def window(
        self, end_ns: int | None = None, window_s: float = 0.0, cameras: Collection[str] = ()
    ) -> tuple[FrameFacts, ...]:
        """Return what was decided in a window of time.

        Args:
            end_ns: Newest stamp; None: the newest that these cameras have.
            window_s: Seconds up to it, both ends included, ≥ 0; 0: everything up to it.
            cameras: Names; empty: all. One that has no facts is no error.

        Returns:
            In order of time, facts of one stamp in the order in which their cameras came first.
        """
        streams = self._streams(cameras)
        if end_ns is None:
            end_ns = max((kept[-1].stamp_ns for kept in streams), default=0)
        first_ns = None if window_s == 0 else end_ns - round(window_s * NS_PER_S)
        merged: Iterable[FrameFacts] = heapq.merge(*streams, key=lambda facts: facts.stamp_ns)
        return tuple(
            facts
            for facts in merged
            if facts.stamp_ns <= end_ns and (first_ns is None or facts.stamp_ns >= first_ns)
        )

    def clear(self) -> None:
        """Forget the facts of all cameras."""
        with self._lock:
            self._cameras.clear()

    def _streams(self, cameras: Collection[str]) -> list[list[FrameFacts]]:
        """Copy the facts of some cameras that have any, oldest first."""
        with self._lock:
            return [
                list(kept)
                for camera, kept in self._cameras.items()
                if not cameras or camera in cameras
            ]
