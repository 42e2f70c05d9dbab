"""Renders a drive on several cores; the frames are the same as on one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ProcessPoolExecutor

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.truth import RenderedFrame

FRAMES_AHEAD = 4
"""Frames per worker that are rendered before they are asked for; bounds the memory."""

MAX_WORKERS = 8
FEW_FRAMES = 16
"""Drives this short are rendered here: starting workers takes longer."""

_drive: Drive | None = None


def render_parallel(
    drive: Drive, *, workers: int | None = None
) -> Generator[RenderedFrame, None, None]:
    """Render every frame in order.

    Args:
        drive: What to render.
        workers: Processes, ≥ 1; ``None``: one per core that this process may use, up to
            ``MAX_WORKERS``.
    """
    count = workers or min(len(os.sched_getaffinity(0)), MAX_WORKERS)
    if count == 1 or len(drive) <= FEW_FRAMES:
        yield from drive
        return
    pool = ProcessPoolExecutor(
        count,
        # Forking a process that runs threads, as OpenCV's, may hang.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(drive,),
    )
    try:
        pending: deque[Future[RenderedFrame]] = deque()
        for index in range(len(drive)):
            pending.append(pool.submit(_render, index))
            if len(pending) >= count * FRAMES_AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(drive: Drive) -> None:
    """Keep the drive in a worker, with one thread for its pictures."""
    import cv2

    global _drive
    _drive = drive
    # Ctrl-C reaches every process of a terminal; the one that asked for the frames decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def _render(index: int) -> RenderedFrame:
    """Render one frame in a worker."""
    assert _drive is not None
    return _drive.render(index)
