from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive_lock import WriterLock

HOLDER = """
import sys
from pathlib import Path
from scene_clip_ros.search.archive_lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def start_holder(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with start_holder(path) as holder:
        reason = f"no other writer, got process {holder.pid} on host {socket.gethostname()}"
        with pytest.raises(ArchiveError, match=reason):
            WriterLock(path)


def test_killed_holder_lets_the_next_one_in(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with start_holder(path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()

    WriterLock(path).release()


def test_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    first = WriterLock(tmp_path / "lock")
    with pytest.raises(ArchiveError, match=f"got process {os.getpid()}"):
        WriterLock(tmp_path / "lock")
    first.release()
    first.release()

    WriterLock(tmp_path / "lock").release()


def test_unsigned_lock_is_refused_all_the_same(tmp_path: Path) -> None:
    holder = WriterLock(tmp_path / "lock")
    (tmp_path / "lock").write_bytes(b"")

    with pytest.raises(ArchiveError, match="has not said its name yet"):
        WriterLock(tmp_path / "lock")
    holder.release()


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="none/lock: expected a lock that can be written"):
        WriterLock(tmp_path / "none" / "lock")
