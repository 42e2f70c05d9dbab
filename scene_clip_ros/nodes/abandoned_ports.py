"""Keeps this process off the shared-memory ports that others knew as a killed process's.

Fast DDS receives through ports: numbered files of ``/dev/shm``, each with a lock that ends with its
process. The next participant takes the number of a killed one and makes the file anew. Whoever
wrote to the old file sees within two seconds that nobody reads it, and opens the new one; but not
if the process was killed in the instant between waiting for a message and handling it. Then they
write to the removed file for as long as they live, and whoever has the number is deaf to them
(Fast DDS issue 5469, in all its versions up to 3.6). A number nobody writes to has no such past.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from scene_clip_ros.nodes.abandoned_memory import SHARED_MEMORY, remove_if_abandoned

PROCESSES = Path("/proc")

_PORT = re.compile(r"fast(rtps|dds)_port\d+")
"""Of version 2 and before, or of 3."""


@contextmanager
def abandoned_ports_avoided(
    folder: Path = SHARED_MEMORY, processes: Path = PROCESSES
) -> Iterator[None]:
    """Within, a participant of this process takes no port that had another owner.

    Such a port's lock is held meanwhile: Fast DDS goes on to the next number. Several processes
    may hold it, each while it starts. The ports of killed processes that nobody has open any more
    are removed. Processes whose memory this one may not read, of other users, count as having none
    open.

    Args:
        folder: Where the ports are; one that does not exist has none.
        processes: Where the system tells the files that a process has open.
    """
    opened = _opened_ports(folder, processes)
    for lock in folder.glob("*_el"):
        name = lock.name.removesuffix("_el")
        if _PORT.fullmatch(name) and name not in opened:
            remove_if_abandoned(lock)
    with ExitStack() as held:
        for name in sorted(opened):
            if not (folder / f"{name}_sl").exists():  # else it is one of many readers, by design
                _hold_if_abandoned(folder / f"{name}_el", held)
        yield


def _opened_ports(folder: Path, processes: Path) -> set[str]:
    """Return the names of the ports that processes have open, removed files among them."""
    start = f"{folder}/"
    names: set[str] = set()
    for maps in processes.glob("[0-9]*/maps"):
        try:
            text = maps.read_text(errors="replace")
        except OSError:  # of another user, or ended just now
            continue
        for line in text.splitlines():
            _, found, rest = line.partition(start)
            name = _PORT.match(rest) if found else None
            if name:
                names.add(name[0])
    return names


def _hold_if_abandoned(path: Path, held: ExitStack) -> None:
    """Lock what has no owner, in a way that keeps owners out and lets others do the same.

    A lock that was made for that stays until nobody has the port open any more: others who start
    at the same time may hold it longer.
    """
    with suppress(OSError):  # it has an owner, or is another user's
        lock = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
        held.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
