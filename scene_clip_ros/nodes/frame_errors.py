"""Reports frames that failed: the last one to diagnostics, not too many to the log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

LOG_PERIOD_S = 5.0
"""Least time between two log lines about one camera, seconds."""


@dataclass(slots=True)
class _CameraErrors:
    last: str = ""
    logged_s: float = float("-inf")
    unlogged: int = 0


class FrameErrors:
    """Remembers the last error of every camera and logs at most one in `LOG_PERIOD_S`.

    Called from any thread.

    Args:
        log: Writes one line to the log.
        clock_s: Monotonic clock in seconds.
    """

    def __init__(self, log: Callable[[str], object], clock_s: Callable[[], float]) -> None:
        """Start without errors."""
        self._log = log
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._cameras: dict[str, _CameraErrors] = {}

    def report(self, camera: str, stamp_ns: int, error: Exception) -> None:
        """Take in that the frame of ``camera`` at ``stamp_ns`` failed."""
        with self._lock:
            state = self._cameras.setdefault(camera, _CameraErrors())
            state.last = " ".join(str(error).split()) or type(error).__name__
            now_s = self._clock_s()
            if now_s - state.logged_s < LOG_PERIOD_S:
                state.unlogged += 1
                return
            more = f" ({state.unlogged} more since the last report)" if state.unlogged else ""
            state.logged_s, state.unlogged = now_s, 0
        self._log(f"camera {camera}, frame at {stamp_ns / 1e9:.3f} s: {state.last}{more}")

    def last(self, camera: str) -> str:
        """Return what went wrong with the last failed frame of a camera; empty for nothing."""
        with self._lock:
            state = self._cameras.get(camera)
            return state.last if state else ""
