"""Frees the shared memory of Fast DDS that killed processes have left behind.

Fast DDS keeps each participant's messages in a file of ``/dev/shm``, as large as its profile says,
and beside it a lock, which ends with the process. The file does not: after SIGKILL, or a crash, it
takes up memory until ``fastdds shm clean`` removes it, which one must know of.
"""

from __future__ import annotations

import fcntl
import re
import time
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")

MIN_AGE_S = 10.0
"""A younger lock may belong to a process that is about to take it, seconds."""

_LOCK = re.compile(r"fast(rtps|dds)_[0-9a-f]{16}_el")
"""Of version 2 and before, or of 3."""


def free_abandoned_memory(folder: Path = SHARED_MEMORY) -> int:
    """Remove the segments whose lock nobody holds; what cannot be removed stays.

    Args:
        folder: Where they are; one that does not exist has none.

    Returns:
        How many were removed.
    """
    try:
        locks = [path for path in folder.iterdir() if _LOCK.fullmatch(path.name)]
    except OSError:
        return 0
    return sum(map(remove_if_abandoned, locks))


def remove_if_abandoned(lock: Path) -> bool:
    """Remove a segment or port and its lock, unless that is held, young, or not ours to remove.

    Args:
        lock: Named as what it locks, with ``_el`` after it.

    Returns:
        Whether both are gone.
    """
    try:
        if time.time() - lock.stat().st_mtime < MIN_AGE_S:
            return False
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.with_name(lock.name.removesuffix("_el")).unlink(missing_ok=True)
            lock.unlink()
    except OSError:
        return False
    return True
