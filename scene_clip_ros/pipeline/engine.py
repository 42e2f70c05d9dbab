"""The thread that owns every model call of a live system."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from scene_clip_ros.core.functions import BOXES, NEED_EMBEDDING, Functions
from scene_clip_ros.core.rate_governor import LatencyBudget, RateGovernor
from scene_clip_ros.core.types import Frame, FrameResult
from scene_clip_ros.pipeline.frame_job import (
    DecodedJob,
    DueJob,
    FrameJob,
    FrameQueue,
    NewestPerCamera,
    WaitingJob,
)
from scene_clip_ros.pipeline.heap import release_free_heap
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.statistics import EngineStatistics, Stage, StatisticsRecorder

__all__ = ["Deliver", "Engine", "FrameJob", "OnError", "log_error"]

_logger = logging.getLogger(__name__)

T = TypeVar("T")

TIDY_BATCHES = 500
"""Batches between two times that free memory is handed back; that takes some milliseconds."""

DECODERS = min(os.cpu_count() or 1, 4)
"""Frames decoded side by side: as many as there are cores, and few enough to leave some."""

Deliver = Callable[[FrameJob, FrameResult], None]
OnError = Callable[[FrameJob, Exception], None]


def log_error(job: FrameJob, error: Exception) -> None:
    """Log what went wrong with a frame."""
    _logger.error("%s, frame at %d ns: %s", job.camera, job.stamp_ns, error)


class Engine:
    """Runs a pipeline over frames of several cameras, on a thread of its own.

    One batch takes the newest frame of every camera that has a new one; with another `FrameQueue`,
    what that gives. A frame that is not the turn of
    any function is counted and not decoded, unless somebody watches its picture. What goes wrong
    with a frame is counted and reported, and stops neither the other cameras nor the engine. Every
    method may be called from any thread; only `stop` and `wait_idle` wait for the model. Frames of
    a batch are decoded side by side, on threads that end with the engine's, and as large as the
    pipeline needs them.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        deliver: Deliver,
        *,
        on_error: OnError = log_error,
        max_batch: int = 16,
        decoders: int = DECODERS,
        budget: LatencyBudget | None = None,
        queue: FrameQueue | None = None,
        tidy: Callable[[], None] = release_free_heap,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Prepare; `start` starts the thread.

        Args:
            pipeline: Used by the engine thread alone from `start` to `stop`, but for what its
                methods allow beside it.
            deliver: Called on the engine thread with every result.
            on_error: Called on the engine thread with every frame that failed.
            max_batch: Most frames in one batch, ≥ 1; the other cameras come first in the next.
            decoders: Most frames of a batch that are decoded side by side, ≥ 1.
            budget: How late results may come before boxes are found less often; None: none.
            queue: Where frames wait; None: the newest of each camera does. With one that may give
                two frames of a camera at once, ``max_batch`` must be 1.
            tidy: Called on the engine thread after every `TIDY_BATCHES` batches, when their results
                are out.
            clock_ns: Monotonic clock in nanoseconds, for latencies and ages; called on any thread.
        """
        if max_batch < 1:
            message = f"expected a max_batch of 1 or more, got {max_batch}"
            raise ValueError(message)
        self._pipeline = pipeline
        self._deliver = deliver
        self._on_error = on_error
        self._max_batch = max_batch
        self._decoders = decoders
        self._tidy = tidy
        self._clock_ns = clock_ns
        self._recorder = StatisticsRecorder()
        self._governor = RateGovernor(budget)
        self._changed = threading.Condition()
        self._queue: FrameQueue = NewestPerCamera() if queue is None else queue
        self._calls: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._running = False
        self._busy = False
        self._untidy = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; without effect if it runs."""
        with self._changed:
            if self._running:
                return
            self._running = True
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._loop, name="scene_clip", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the batch in progress, drop what waits and end the thread.

        Without effect if it does not run. Calls that wait are cancelled. From the engine thread
        itself (in ``deliver``) it does not wait.
        """
        with self._changed:
            self._running = False
            for waiting in self._queue.take(len(self._queue)):
                self._recorder.count_dropped(waiting.job.camera)
            while self._calls:
                self._calls.popleft()[1].cancel()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def submit(self, job: FrameJob) -> None:
        """Offer a frame; it replaces an older one of its camera that still waits, or queues behind.

        Returns at once. Before `start`, the newest frames wait for it.
        """
        now_ns = self._clock_ns()
        self._recorder.count_received(job.camera, stamp_ns=job.stamp_ns, now_ns=now_ns)
        with self._changed:
            dropped = self._queue.put(WaitingJob(job, now_ns))
            self._changed.notify_all()
        if dropped is not None:
            self._recorder.count_dropped(dropped.camera)

    def run(self, call: Callable[[], T]) -> Future[T]:
        """Run something on the engine thread between two batches, e.g. `Pipeline.set_vocabulary`.

        Returns:
            Its outcome to come. Cancelled if the engine stops first; do not wait for it on the
            engine thread.

        Raises:
            RuntimeError: The engine does not run.
        """
        future: Future[T] = Future()
        with self._changed:
            if not self._running:
                message = "expected a running engine, got one that is stopped"
                raise RuntimeError(message)
            self._calls.append((call, future))
            self._changed.notify_all()
        return future

    def set_budget(self, budget: LatencyBudget) -> None:
        """Keep to another latency budget from the next batch on; boxes are not held down at first.

        Raises:
            RuntimeError: The engine does not run.
        """

        def change() -> None:
            self._governor.set_budget(budget)
            self._pipeline.cap_boxes(self._governor.state.rate_hz)

        self.run(change)

    def statistics(self) -> EngineStatistics:
        """Return counts and latencies as they are now."""
        snapshot = self._recorder.snapshot(self._clock_ns())
        return replace(snapshot, governor=self._governor.state)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing waits or is processed.

        Returns:
            False if that took longer than ``timeout_s`` seconds.
        """
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout_s)

    def _is_idle(self) -> bool:
        return not (self._busy or self._queue or self._calls)

    def _loop(self) -> None:
        with ThreadPoolExecutor(self._decoders, thread_name_prefix="scene_clip_decode") as pool:
            while self._await_work():
                with self._changed:
                    calls = list(self._calls)
                    self._calls.clear()
                    batch = self._queue.take(self._max_batch)
                for call, future in calls:
                    _settle(call, future)
                if batch:
                    self._run_batch(batch, pool)
                    self._tidy_up()

    def _await_work(self) -> bool:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running or self._queue or self._calls)
            self._busy = self._running
            if not self._running:
                self._thread = None
            return self._running

    def _run_batch(self, batch: Sequence[WaitingJob], pool: ThreadPoolExecutor) -> None:
        due = [job for job in map(self._take_turn, batch) if job is not None]
        if not due:
            return
        self._recorder.count_batch()
        decoded = self._decode_all(due, pool)
        if not decoded:
            return
        try:
            results = self._infer(decoded)
        except Exception as err:
            self._retry_one_by_one(decoded, err)
        else:
            self._deliver_all(decoded, results)

    def _tidy_up(self) -> None:
        self._untidy += 1
        if self._untidy >= TIDY_BATCHES:
            self._untidy = 0
            self._tidy()

    def _take_turn(self, waiting: WaitingJob) -> DueJob | None:
        job = waiting.job
        due = self._pipeline.take_turn(job.camera, job.stamp_ns)
        if due is None and not job.is_watched:
            self._recorder.count_skipped(job.camera)
            return None
        return DueJob(waiting, due or frozenset())

    def _decode_all(self, due: Sequence[DueJob], pool: ThreadPoolExecutor) -> list[DecodedJob]:
        """Decode side by side; one frame alone is not worth handing over."""
        outcomes = (map if len(due) == 1 else pool.map)(self._try_decode, due)
        decoded = []
        for job, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, Exception):
                self._fail(job.job, outcome)
            else:
                decoded.append(DecodedJob(job.waiting, outcome))
        return decoded

    def _try_decode(self, due_job: DueJob) -> Frame | Exception:
        """Decode one frame, on any thread, or return what is wrong with it."""
        job, due = due_job.job, due_job.due
        min_side = None if job.is_watched else self._pipeline.least_side(due)
        try:
            with self._timed("decode"):
                return Frame(job.camera, job.stamp_ns, job.decode(min_side), due)
        except Exception as err:  # reported on the engine thread
            return err

    def _infer(self, decoded: Sequence[DecodedJob]) -> list[FrameResult]:
        frames = [job.frame for job in decoded]
        with self._timed("encode", runs=self._is_due(frames, NEED_EMBEDDING)):
            embeddings = self._pipeline.embed(frames)
        with self._timed("regions", runs=self._is_due(frames, BOXES)):
            regions = self._pipeline.find_regions(frames)
        with self._timed("decide"):
            return self._pipeline.decide(frames, embeddings, regions)

    def _is_due(self, frames: Sequence[Frame], functions: Functions) -> bool:
        return any(self._pipeline.is_due(frame, functions) for frame in frames)

    def _retry_one_by_one(self, decoded: Sequence[DecodedJob], error: Exception) -> None:
        if len(decoded) == 1:
            self._fail(decoded[0].waiting.job, error)
            return
        for job in decoded:
            try:
                results = self._infer([job])
            except Exception as err:
                self._fail(job.waiting.job, err)
            else:
                self._deliver_all([job], results)

    def _deliver_all(self, decoded: Sequence[DecodedJob], results: Sequence[FrameResult]) -> None:
        for job, result in zip(decoded, results, strict=True):
            waiting = job.waiting
            try:
                self._deliver(waiting.job, result)
            except Exception as err:
                self._fail(waiting.job, err)
            else:
                self._note_delivery(waiting, result)

    def _note_delivery(self, waiting: WaitingJob, result: FrameResult) -> None:
        camera, now_ns = waiting.job.camera, self._clock_ns()
        latency_ns = now_ns - waiting.submitted_ns
        self._recorder.count_processed(camera, result.functions)
        self._recorder.add_latency("total", latency_ns)
        had_boxes = "boxes" in result.functions
        if self._governor.observe(
            camera, latency_ns=latency_ns, had_function=had_boxes, now_ns=now_ns
        ):
            self._pipeline.cap_boxes(self._governor.state.rate_hz)

    def _fail(self, job: FrameJob, error: Exception) -> None:
        self._recorder.count_failed(job.camera)
        try:
            self._on_error(job, error)
        except Exception:
            _logger.exception("%s, frame at %d ns: cannot report", job.camera, job.stamp_ns)

    @contextmanager
    def _timed(self, stage: Stage, *, runs: bool = True) -> Iterator[None]:
        """Take the time of a stage; not of one that has nothing to do."""
        if not runs:
            yield
            return
        start_ns = self._clock_ns()
        yield
        self._recorder.add_latency(stage, self._clock_ns() - start_ns)


def _settle(call: Callable[[], T], future: Future[T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except Exception as err:
        future.set_exception(err)
