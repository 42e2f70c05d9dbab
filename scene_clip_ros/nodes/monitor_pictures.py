"""The last pictures of every camera, as they came, and which of them the page shows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PICTURES_KEPT = 24
"""Pictures of a camera that wait for their boxes."""

BYTES_KEPT = 96 * 2**20
"""Bytes of a camera's pictures that wait."""

MATCH_WAIT_S = 1.0
"""How much longer ago than the newest picture the shown one may have come, to have its boxes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it came.

    Attributes:
        number: Counts the pictures of the camera from 1 on.
        stamp_ns: Of its header.
        received_s: When it came, on the monotonic clock, seconds.
        message: sensor_msgs/Image or CompressedImage, not decoded.
        size_bytes: Of its data.
    """

    number: int
    stamp_ns: int
    received_s: float
    message: Any
    size_bytes: int


class PictureRing:
    """The last pictures of one camera. Called from any thread.

    Args:
        max_bytes: Of the pictures that wait; one that is larger still is kept alone.
    """

    def __init__(self, max_bytes: int = BYTES_KEPT) -> None:
        """Start without pictures."""
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: deque[Picture] = deque()
        self._count = 0
        self._chosen = 0

    def add(self, message: Any, *, stamp_ns: int, received_s: float) -> None:
        """Take in a picture; the oldest leave."""
        with self._lock:
            self._count += 1
            size = len(message.data)
            self._kept.append(Picture(self._count, stamp_ns, received_s, message, size))
            while len(self._kept) > 1 and self._is_overfull():
                self._kept.popleft()

    def drop(self, picture: Picture) -> None:
        """Leave out a picture that cannot be decoded."""
        with self._lock:
            self._kept = deque(kept for kept in self._kept if kept is not picture)

    def clear(self) -> None:
        """Forget every picture."""
        with self._lock:
            self._kept.clear()

    def received_s(self) -> float | None:
        """Return when the newest picture came; None if there is none."""
        with self._lock:
            return self._kept[-1].received_s if self._kept else None

    def choose(self, has_boxes: Callable[[int], bool]) -> Picture | None:
        """Return the picture to show: the newest with boxes, unless those come too late.

        Never one that came before the one chosen last.

        Args:
            has_boxes: Whether the boxes of the picture with a stamp have come.

        Returns:
            None if there is no picture.
        """
        with self._lock:
            if not self._kept:
                return None
            matched = self._newest_with(has_boxes)
            least = self._kept[-1].number if matched is None else max(matched.number, self._chosen)
            found = next((kept for kept in self._kept if kept.number >= least), self._kept[-1])
            self._chosen = found.number
            return found

    def _newest_with(self, has_boxes: Callable[[int], bool]) -> Picture | None:
        """Return the newest picture with boxes, of those that are not too late."""
        earliest_s = self._kept[-1].received_s - MATCH_WAIT_S
        for picture in reversed(self._kept):
            if picture.received_s < earliest_s:
                return None
            if has_boxes(picture.stamp_ns):
                return picture
        return None

    def _is_overfull(self) -> bool:
        total = sum(picture.size_bytes for picture in self._kept)
        return len(self._kept) > PICTURES_KEPT or total > self._max_bytes
