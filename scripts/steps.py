"""Run the steps of a set-up: show each, keep its output, skip what is done already."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

LAST_LINES = 40
"""How much of a failed command's output is shown."""

HEARTBEAT_S = 30.0
"""Where the output is no terminal, a line this often says that a step still runs."""


class StepError(Exception):
    """A command of a step failed; the message ends with its last output."""


def digest_files(paths: Iterable[Path], *, extra: str = "") -> str:
    """Digest names and contents of files, and ``extra``; a missing file counts as empty."""
    digest = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        digest.update(f"\0{path}\0".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


class Stamp:
    """Remembers for what a step has been done last."""

    def __init__(self, path: Path) -> None:
        """Use the file at ``path``, which may not exist yet."""
        self._path = path

    def is_current(self, digest: str) -> bool:
        """Tell whether the step has been done for exactly this."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8") == digest

    def write(self, digest: str) -> None:
        """Remember that the step is done."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(digest, encoding="utf-8")


class Console:
    """Shows one line per step: its title, what it does just now, how long it took."""

    def __init__(self) -> None:
        """Write to stdout; rewrite the line only where that is a terminal."""
        self._live = sys.stdout.isatty()
        self._title = ""
        self._start = self._shown = 0.0

    def begin(self, title: str) -> None:
        """Show that a step starts."""
        self._title = title
        self._start = self._shown = time.monotonic()
        self._write(f"  {title} …", end="" if self._live else "\n")

    def show(self, activity: str) -> None:
        """Show what the step does: at once on a terminal, now and then elsewhere."""
        now = time.monotonic()
        if self._live:
            line = f"  {self._title} … {now - self._start:.0f} s  {activity}"
            self._write(f"\r\033[K{line[:100]}", end="")
        elif now - self._shown >= HEARTBEAT_S:
            self._shown = now
            self._write(f"    {now - self._start:.0f} s: {activity[:100]}")

    def end(self) -> None:
        """Show that the step is done."""
        took_s = time.monotonic() - self._start
        start = "\r\033[K" if self._live else ""
        self._write(f"{start}  {self._title}: done in {took_s:.0f} s")
        self._title = ""

    def fail(self) -> None:
        """Leave the line of the step that failed, if one has begun."""
        if self._title:
            self._write("" if self._live else f"  {self._title}: failed")

    def _write(self, text: str, *, end: str = "\n") -> None:
        print(text, end=end, flush=True)


def run_command(
    command: Sequence[str | Path],
    *,
    log: Path,
    console: Console,
    env: Mapping[str, str],
    cwd: Path,
) -> None:
    """Run a command, append its output to a log and show its newest line.

    Raises:
        StepError: The command cannot be started or does not end with 0.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(words)}\n")
        with subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            encoding="utf-8",
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                file.write(line)
                lines.append(line.rstrip())
                console.show(line.strip())
    if process.returncode != 0:
        last = "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
        message = (
            f"expected {words[0]} to succeed, got exit code {process.returncode}:\n"
            f"{last}\n(all of the output: {log})"
        )
        raise StepError(message)
