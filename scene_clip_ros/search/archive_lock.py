"""Lets one writer at a time into an archive."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ArchiveError

MAX_HOLDER_BYTES = 1024


class WriterLock:
    """A lock on a file, which the system releases when its holder ends, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Args:
            path: The file that is locked; created if need be, never removed.

        Raises:
            ArchiveError: Another writer holds it (names its process and host), or the file
                cannot be written or is something else.
        """
        try:
            self._file = path.open("a+b")
        except OSError as err:
            message = f"{path}: expected a lock that can be written, got {err.strerror}"
            raise ArchiveError(message) from err
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sign()
        except BlockingIOError as err:
            holder = _describe_holder(path)
            self._file.close()
            message = f"{path.parent}: expected no other writer, got {holder}"
            raise ArchiveError(message) from err
        except ArchiveError:
            self._file.close()
            raise
        except OSError as err:
            self._file.close()
            message = f"{path}: expected a file system with locks, got {err.strerror}"
            raise ArchiveError(message) from err

    def release(self) -> None:
        """Let the next writer in; does nothing the second time."""
        self._file.close()

    def _sign(self) -> None:
        self._file.seek(0)
        if not _is_signature(self._file.read(MAX_HOLDER_BYTES)):
            message = f"{self._file.name}: expected the lock of an archive, got something else"
            raise ArchiveError(message)
        holder = {"pid": os.getpid(), "host": socket.gethostname()}
        self._file.truncate(0)
        self._file.write(json.dumps(holder).encode())
        self._file.flush()


def _is_signature(content: bytes) -> bool:
    """Tell whether a lock wrote this; a power cut may leave zeros."""
    return content.strip(b"\0") == b"" or content.startswith(b'{"pid": ')


def _describe_holder(path: Path) -> str:
    """Return who signed the lock; a holder that is about to sign is not known yet."""
    try:
        with path.open("rb") as file:
            holder: Any = json.loads(file.read(MAX_HOLDER_BYTES))
        return f"process {holder['pid']} on host {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said its name yet"
