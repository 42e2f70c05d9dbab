"""Child processes that are always cleaned up, and that say why if they end early."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from scene_clip_ros.core.errors import ProcessError

GRACE_S = 5.0
"""Time a child has to end after each signal, seconds."""


class Child:
    """One child process in its own process group, with its output in a log file."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str]
    ) -> None:
        """Start the process.

        Args:
            name: What to call it in messages.
            command: Program and arguments.
            log: File that takes its output; written anew.
            env: Its whole environment.

        Raises:
            ProcessError: The program cannot be started.
        """
        self.name = name
        self._log = log
        try:
            with log.open("wb") as output:
                # Its own session: Ctrl-C reaches us alone, and we end the whole group in order.
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    start_new_session=True,
                )
        except OSError as err:
            message = f"expected to start {name} with {command[0]!r}, got {err}"
            raise ProcessError(message) from err

    def __enter__(self) -> Child:
        """Return the running process."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process if it still runs."""
        self.stop()

    @property
    def exit_code(self) -> int | None:
        """The exit code; ``None`` while it runs."""
        return self._process.poll()

    def check(self) -> None:
        """Make sure that it has not failed.

        Raises:
            ProcessError: It has ended with an error; says its last words.
        """
        if self.exit_code not in (None, 0):
            raise ProcessError(self._obituary())

    def check_running(self) -> None:
        """Make sure that it still runs.

        Raises:
            ProcessError: It has ended, with or without an error; says its last words.
        """
        if self.exit_code is not None:
            raise ProcessError(self._obituary())

    def stop(self) -> None:
        """End the whole process group: politely, firmly, and then for good."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self.exit_code is not None:
                return
            os.killpg(self._process.pid, number)
            try:
                self._process.wait(timeout=GRACE_S)
            except subprocess.TimeoutExpired:
                continue

    def last_words(self) -> str:
        """Return the last line that it has printed, and where the others are."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        words = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
        return f"{words} (all of its output: {self._log})"

    def _obituary(self) -> str:
        """Say how it ended and what it said last."""
        return (
            f"expected {self.name} to keep running, got exit code {self.exit_code}: "
            f"{self.last_words()}"
        )
