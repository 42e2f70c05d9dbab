"""Kills writers with SIGKILL, at every step and at random moments, and looks what is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import archive_runs
import pytest
from archive_runs import DRIVES
from archives import MODEL, draw_vectors, files_below
from recordings import plain, write_picture

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.search.archive import Archive

ALL_NS = [stamp_ns for drive in DRIVES for stamp_ns in drive.stamps_ns]
KILLS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has said until it ended, and how it ended."""

    lines: tuple[str, ...]
    exit_code: int

    @property
    def durable_ns(self) -> set[int]:
        """Stamps of the frames that were said to be on the disk."""
        last_ns = [int(line.split()[1]) for line in self.lines if line.startswith("durable")]
        ranges = (drive.stamps_ns for drive in DRIVES)
        return {
            stamp_ns
            for stamps_ns in ranges
            for last in last_ns
            if last in stamps_ns
            for stamp_ns in stamps_ns[: stamps_ns.index(last) + 1]
        }


class Runs:
    """Starts one run after the other, each in a process of its own."""

    def __init__(self, *words: str | Path) -> None:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._parent = subprocess.Popen(
            [sys.executable, archive_runs.__file__, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, path: Path, *, step: int = 0, lines: int | None = None) -> Outcome:
        """Write to an archive.

        Args:
            path: The archive.
            step: The operation on files before which the run kills itself; 0: none.
            lines: What the run may say until it is killed from here; None: it is not.
        """
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{step} {path}\n")
        self._parent.stdin.flush()
        pid = int(self._line().removeprefix("pid "))
        said: list[str] = []
        while not (line := self._line()).startswith("ended"):
            said.append(line)
            if lines is not None and len(said) == lines:
                os.kill(pid, signal.SIGKILL)
        return Outcome(tuple(said), int(line.split()[1]))

    def close(self) -> None:
        """End the parent of all runs."""
        self._parent.communicate()

    def _line(self) -> str:
        assert self._parent.stdout is not None
        line = self._parent.stdout.readline()
        assert line, "expected the parent of all runs to go on, it ended"
        return line.rstrip("\n")


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    started = Runs()
    yield started
    started.close()


def stamps_in(path: Path) -> list[int]:
    """Return the stamps of the frames that are found; an archive that was not begun has none.

    Nothing may be damaged; only the first manifest may be missing yet.
    """
    try:
        archive = Archive.open(path, model_id=MODEL)
    except ArchiveError:
        assert not (path / "lock").exists()
        return []
    with archive:
        assert all("/archive.json: " in problem for problem in archive.verify())
        hits = archive.search(draw_vectors(0, 1), top_k=1000) if len(archive) else []
    return sorted(hit.stamp_ns for hit in hits)


def test_kill_before_any_operation_loses_nothing_finished(tmp_path: Path, runs: Runs) -> None:
    for step in count(1):
        path = tmp_path / str(step)
        killed = runs.run(path, step=step)
        left_ns = stamps_in(path)
        before = files_below(path / "segments")

        rerun = runs.run(path)

        assert killed.durable_ns <= set(left_ns) <= set(ALL_NS)
        assert rerun.exit_code == 0
        assert stamps_in(path) == ALL_NS
        after = files_below(path / "segments")
        same = after.keys() & before.keys()
        assert {name: after[name] for name in same} == {name: before[name] for name in same}
        assert list(path.rglob("*.partial")) == []
        if killed.exit_code == 0:
            break
        assert killed.exit_code == -signal.SIGKILL
    assert step > 40


def test_twenty_kills_at_random_moments_lose_nothing_finished(tmp_path: Path, runs: Runs) -> None:
    generator = random.Random(4)
    path, durable_ns, kills = tmp_path / "drives.archive", set[int](), 0
    while kills < KILLS:
        outcome = runs.run(path, lines=generator.randint(1, 8))
        durable_ns |= outcome.durable_ns
        left_ns = stamps_in(path)
        assert durable_ns <= set(left_ns)
        assert len(left_ns) == len(set(left_ns))
        kills += outcome.exit_code == -signal.SIGKILL
        if left_ns == ALL_NS:
            path, durable_ns = tmp_path / f"after {kills} kills", set()

    assert runs.run(path).exit_code == 0
    assert stamps_in(path) == ALL_NS


def rows_in(path: Path) -> Counter[tuple[str, int]]:
    """Count the rows of each camera and stamp; nothing may be damaged."""
    try:
        archive = Archive.open(path)
    except ArchiveError:
        return Counter()
    with archive:
        assert all("/archive.json: " in problem for problem in archive.verify())
        tables = [segment.frames for segment in archive.segments]
    return Counter(
        (table.camera_names[camera], stamp_ns)
        for table in tables
        for camera, stamp_ns in zip(table.cameras, table.stamps_ns.tolist(), strict=True)
    )


def test_twenty_kills_while_a_bag_is_indexed_lose_no_frame(tmp_path: Path) -> None:
    stamps_ns = {"front": [5] * 12 + [*range(8)], "rear": [*range(6, 14), *range(10)]}
    every = Counter((camera, stamp) for camera in stamps_ns for stamp in stamps_ns[camera])
    with BagWriter(tmp_path / "drive.mcap") as bag:
        for camera, stamps in stamps_ns.items():
            for level, stamp_ns in enumerate(stamps):
                write_picture(bag, camera, stamp_ns, plain(level))
    runs = Runs(tmp_path / "drive.mcap")
    generator = random.Random(1)
    path, before, kills = tmp_path / "a", Counter[tuple[str, int]](), 0
    while kills < KILLS:
        outcome = runs.run(path, step=generator.randint(1, 120))
        kills += outcome.exit_code == -signal.SIGKILL
        left = rows_in(path)
        assert before <= left <= every
        assert outcome.exit_code == -signal.SIGKILL or left == every
        before = left
        if left == every:
            path, before = tmp_path / f"after {kills} kills", Counter()

    assert runs.run(path).exit_code == 0
    assert rows_in(path) == every
    runs.close()
