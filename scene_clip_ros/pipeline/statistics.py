"""Counts and latencies of a running engine, in bounded memory."""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from scene_clip_ros.core.functions import Function, Functions
from scene_clip_ros.core.rate_governor import GovernorState

Stage = Literal["decode", "encode", "regions", "decide", "total"]
STAGES: tuple[Stage, ...] = ("decode", "encode", "regions", "decide", "total")

LATENCY_WINDOW = 512
"""How many of the newest latencies of a stage the percentiles are taken over."""


@dataclass(frozen=True, slots=True)
class CameraStatistics:
    """What became of the frames of one camera since the engine was made.

    Attributes:
        received: Frames submitted.
        processed: Frames whose result was delivered.
        dropped: Frames replaced by a newer one, or discarded when the engine stopped; never
            decoded.
        failed: Frames that could not be decoded, embedded or delivered.
        skipped: Frames left out because it was not the turn of any function; never decoded.
        by_function: Of the frames processed, those that each function got.
        last_stamp_ns: Stamp of the newest frame submitted, nanoseconds; None before the first.
        last_age_s: Seconds since the newest frame was submitted; None before the first.
    """

    received: int
    processed: int
    dropped: int
    failed: int
    last_stamp_ns: int | None
    last_age_s: float | None
    skipped: int = 0
    by_function: Mapping[Function, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageLatency:
    """Percentiles of the newest latencies of one stage, milliseconds; NaN before the first.

    Attributes:
        p50_ms: Half of the latencies are at most this.
        p95_ms: 95 % of the latencies are at most this.
        max_ms: All of the latencies are at most this.
    """

    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class EngineStatistics:
    """A snapshot of an engine.

    Attributes:
        cameras: Per camera that has submitted a frame.
        latency: Per stage: ``decode`` per frame, ``decide`` per batch, ``encode`` and ``regions``
            per batch with a frame that gets there, ``total`` from submission to the delivered
            result.
        batches: Batches run, whatever became of their frames.
        governor: How far boxes are held down to keep a latency budget.
    """

    cameras: Mapping[str, CameraStatistics]
    latency: Mapping[Stage, StageLatency]
    batches: int
    governor: GovernorState = field(default_factory=GovernorState)


class StatisticsRecorder:
    """Counts what happens in an engine; every method may be called from any thread."""

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self._cameras: dict[str, _CameraCounts] = {}
        self._latencies_ns: dict[Stage, deque[int]] = {
            stage: deque(maxlen=LATENCY_WINDOW) for stage in STAGES
        }
        self._batches = 0

    def count_received(self, camera: str, *, stamp_ns: int, now_ns: int) -> None:
        """Count a submitted frame and the clock reading at its submission."""
        with self._lock:
            counts = self._cameras.setdefault(camera, _CameraCounts())
            counts.received += 1
            counts.last_stamp_ns = stamp_ns
            counts.last_received_ns = now_ns

    def count_dropped(self, camera: str) -> None:
        """Count a frame that is never decoded."""
        with self._lock:
            self._cameras[camera].dropped += 1

    def count_skipped(self, camera: str) -> None:
        """Count a frame that no function is to get."""
        with self._lock:
            self._cameras[camera].skipped += 1

    def count_processed(self, camera: str, functions: Functions = frozenset()) -> None:
        """Count a delivered result, and the functions that got its frame."""
        with self._lock:
            self._cameras[camera].processed += 1
            self._cameras[camera].by_function.update(functions)

    def count_failed(self, camera: str) -> None:
        """Count a frame that could not be decoded, embedded or delivered."""
        with self._lock:
            self._cameras[camera].failed += 1

    def count_batch(self) -> None:
        """Count a batch."""
        with self._lock:
            self._batches += 1

    def add_latency(self, stage: Stage, latency_ns: int) -> None:
        """Take one latency in nanoseconds in, and forget the oldest if there are too many."""
        with self._lock:
            self._latencies_ns[stage].append(latency_ns)

    def snapshot(self, now_ns: int) -> EngineStatistics:
        """Return everything as it is at a clock reading in nanoseconds."""
        with self._lock:
            return EngineStatistics(
                cameras={
                    camera: counts.snapshot(now_ns) for camera, counts in self._cameras.items()
                },
                latency={
                    stage: latency_percentiles(window)
                    for stage, window in self._latencies_ns.items()
                },
                batches=self._batches,
            )


@dataclass(slots=True)
class _CameraCounts:
    received: int = 0
    processed: int = 0
    dropped: int = 0
    failed: int = 0
    skipped: int = 0
    by_function: Counter[Function] = field(default_factory=Counter)
    last_stamp_ns: int | None = None
    last_received_ns: int | None = None

    def snapshot(self, now_ns: int) -> CameraStatistics:
        last_ns = self.last_received_ns
        return CameraStatistics(
            received=self.received,
            processed=self.processed,
            dropped=self.dropped,
            failed=self.failed,
            skipped=self.skipped,
            by_function=dict(self.by_function),
            last_stamp_ns=self.last_stamp_ns,
            last_age_s=None if last_ns is None else (now_ns - last_ns) / 1e9,
        )


def latency_percentiles(latencies_ns: Collection[int]) -> StageLatency:
    """Return percentiles of latencies in nanoseconds; NaN for none."""
    if not latencies_ns:
        return StageLatency(math.nan, math.nan, math.nan)
    percentiles_ms = np.percentile(np.array(latencies_ns), (50, 95, 100)) / 1e6
    return StageLatency(*percentiles_ms.tolist())
