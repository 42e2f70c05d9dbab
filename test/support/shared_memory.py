"""The files of Fast DDS in shared memory, and their locks."""

from __future__ import annotations

import fcntl
import mmap
import os
from contextlib import suppress
from pathlib import Path


def is_free(lock: Path) -> bool:
    """Return whether nobody holds a lock."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make_older(path: Path, age_s: float) -> None:
    """Have a file look as if it had been written earlier."""
    then_s = path.stat().st_mtime - age_s
    os.utime(path, (then_s, then_s))


def port_of(lock: Path) -> Path:
    """Return what a lock is for."""
    return lock.with_name(lock.name.removesuffix("_el"))


def mapped(lock: Path) -> mmap.mmap:
    """Open what a lock is for as a participant does that writes to it."""
    with port_of(lock).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def locks_of_ports(pid: int) -> set[Path]:
    """Return the locks of the ports that a process reads."""
    files: set[Path] = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed just now
            files.add(link.readlink())
    return {file for file in files if file.match("fast*_port*_el")}
