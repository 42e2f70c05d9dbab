"""Runs that write one and the same archive, to be killed and run again.

As a program, it writes made-up drives, or indexes the bag that it is given. It reads lines
``STEP ARCHIVE`` and writes to that archive in a child of its own for each. The child says what it
has done on standard output. Before its STEP-th operation on files, if that is not 0, it kills
itself with SIGKILL. Its parent says ``ended CODE``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from archives import DIM, MODEL, Drive, make_drive

from scene_clip_ros.cli.indexing import SAVE_EVERY_S, Indexing
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.search.archive_writer import ArchiveWriter

DRIVES: tuple[Drive, ...] = (
    make_drive("monday", frames=12, seed=1),
    make_drive("tuesday", frames=6, seed=2, start_ns=10**12),
)
"""The first fills a segment between two others and ends without new rows; the last of its segments
is merged with the start of the second."""

BLOCK_ROWS = 3
SEGMENT_ROWS = 7

FILE_OPERATIONS = frozenset({"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"})


def write_drives(path: Path, *, report: Callable[[str], None]) -> None:
    """Write what is missing of the drives.

    Reports ``open``, ``appended``, ``durable STAMP`` once every frame up to a stamp is on the disk,
    and ``finished PATH``.
    """
    with ArchiveWriter(path, model_id=MODEL, dim=DIM, segment_rows=SEGMENT_ROWS) as writer:
        report("open")
        for drive in (drive for drive in DRIVES if not writer.is_done(drive.key)):
            every = range(len(drive.stamps_ns))
            missing = [n for n in every if not writer.has_frame(drive.key, drive.camera, n)]
            writer.add_source(drive.key)
            for start in range(0, len(missing), BLOCK_ROWS):
                block = missing[start : start + BLOCK_ROWS]
                stamps_ns = [drive.stamps_ns[number] for number in block]
                vectors = drive.vectors[block]
                writer.append(drive.key, drive.camera, stamps_ns, vectors, numbers=block)
                report("appended")
                if start % (3 * BLOCK_ROWS) == 0:
                    writer.flush()
                    report(f"durable {stamps_ns[-1]}")
            writer.finish_source(drive.key)
            report(f"durable {drive.stamps_ns[-1]}")
            report(f"finished {drive.key.path}")


class ReportingEncoder(FakeEncoder):
    """Says that it is about to embed pictures."""

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        _say("embedding")
        return super().encode_images(images)


def index_bag(path: Path, bag: Path, *, report: Callable[[str], None]) -> None:
    """Index what is missing of a bag; every batch is saved at once."""
    encoder, seconds = ReportingEncoder(), count(step=SAVE_EVERY_S)
    info = encoder.info
    with ArchiveWriter(
        path, model_id=info.model_id, dim=info.dim, segment_rows=SEGMENT_ROWS
    ) as writer:
        report("open")
        Indexing(encoder, writer, clock_s=lambda: next(seconds)).add(bag, label="")
        report("finished")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _kill_before(step: int) -> None:
    """Kill this process before its STEP-th operation on files from now on."""
    left = step

    def watch(event: str, _: object) -> None:
        nonlocal left
        if event in FILE_OPERATIONS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _run_child(path: Path, *, step: int, bag: Path | None) -> None:
    code = 1
    try:
        _say(f"pid {os.getpid()}")
        _kill_before(step)
        if bag is None:
            write_drives(path, report=_say)
        else:
            index_bag(path, bag, report=_say)
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Run a child for every line of standard input.

    The process id of an ended child stays its own until the next line comes: whoever kills it late
    kills nobody else.
    """
    bag = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    child = 0
    for line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        step, path = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            _run_child(Path(path), step=int(step), bag=bag)
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        was_killed = ended.si_code == os.CLD_KILLED
        _say(f"ended {-ended.si_status if was_killed else ended.si_status}")


if __name__ == "__main__":
    main()
