"""Packs many small byte strings into few large ones.

A hundred thousand JPEGs of a kilobyte, each allocated by itself between short-lived arrays of other
sizes, break the heap up: they took a fifth more than their size.
"""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.types import ImageArray

PAGE_BYTES = 1 << 18
"""Size of a page. What is longer than a 32nd of it has a page of its own, so little is wasted."""


_MOST_ON_A_PAGE = PAGE_BYTES // 32

_PAGE_OVERHEAD_BYTES = 256
"""Of a page of its own: the array, and the string under it."""


def stored_bytes(length: int) -> int:
    """Return the most bytes that a string of ``length`` takes beside those that share its page.

    Together strings take that, and what is free of the last page or has left the first one.
    """
    if length > _MOST_ON_A_PAGE:
        return length + _PAGE_OVERHEAD_BYTES
    return length + -(-length // 31)


class BytePages:
    """Writes strings to pages one behind the other; a page lives as long as who refers to it."""

    def __init__(self) -> None:
        """Start without a page."""
        self._page: ImageArray = np.empty(0, np.uint8)
        self._used = 0

    def write(self, data: bytes) -> tuple[ImageArray, int]:
        """Copy a string; return its page, ``(P,)`` uint8, and where on the page it starts."""
        if len(data) > _MOST_ON_A_PAGE:
            return np.frombuffer(data, np.uint8), 0
        if self._used + len(data) > len(self._page):
            self._page, self._used = np.empty(PAGE_BYTES, np.uint8), 0
        start = self._used
        self._used += len(data)
        self._page[start : self._used] = np.frombuffer(data, np.uint8)
        return self._page, start
