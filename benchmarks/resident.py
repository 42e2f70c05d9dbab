"""How much memory this process takes."""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path


def resident_bytes() -> int:
    """Return the memory that the process holds, what is free in its heap included."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def release_free_heap() -> None:
    """Hand back to the system what is free in the heap."""
    ctypes.CDLL(None).malloc_trim(0)
