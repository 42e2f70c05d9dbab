"""Hands memory that is free in the heap back to the system.

Frames, crops and results of many sizes come and go, and what they leave between them is free but
held: a process that runs for days looks as if it grew.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def release_free_heap() -> None:
    """Hand back what is free; without effect where the C library cannot."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
