"""Does the memory of the process grow over 100 000 frames?

    python benchmarks/memory_growth.py --frames 100000

Engine and pipeline of the node, without ROS, with the embedded model: labels of several cameras,
their small pictures of several sizes, frames kept in a memory that is full long before the end, and
searched by texts now and then. A line is fitted to what the process holds, from when everything has
been allocated and the memory is full.

What the allocator holds free counts. What is in use is told beside it: before the line begins and
at its end, free parts of the heap are handed back to the system.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from pictures import street
from resident import release_free_heap, resident_bytes
from row import Outcome, Row
from table import print_outcome

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits, StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.pipeline.engine import Engine, FrameJob
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.search.memory_search import search

FRAMES = 100_000
SIZES_WH = ((112, 112), (128, 96), (160, 90), (96, 128))
CAMERAS = 16
KEPT_FRAMES = 10_000
THUMBNAIL_BYTES = 1100
PERIOD_NS = 33_333_333
SAMPLE_EVERY = 50
QUERY_EVERY = 50
"""In rounds of one frame of every camera."""
SETTLED = 0.2
WARM_UP = 0.3
"""Shares of the frames after which what is in use is looked at, and after which frames count."""
BATCH_TIMEOUT_S = 60.0
GOAL_MB = 1.0
PER_FRAMES = 10_000


@dataclass(slots=True)
class Growth:
    """What the process held while frames went through.

    Attributes:
        frames: Frames that had gone through at each sample.
        megabytes: What the process held then.
        used: Frames, and what of it was in use, less often.
    """

    frames: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    used: list[tuple[int, float]] = field(default_factory=list)

    def sample(self, frames: int) -> None:
        """Take a sample now."""
        self.frames.append(frames)
        self.megabytes.append(resident_bytes() / 1e6)

    def sample_used(self, frames: int) -> None:
        """Take a sample of what is in use, after handing back what is free in the heap."""
        release_free_heap()
        self.used.append((frames, resident_bytes() / 1e6))

    def slope(self) -> float:
        """Return the growth after the warm-up, megabytes per 10 000 frames."""
        return fit_slope(self.frames, self.megabytes, after=WARM_UP) * PER_FRAMES

    def used_slope(self) -> float:
        """Return the growth of what is in use, from its first sample to its last, in the same."""
        (first, before), *_, (last, after) = self.used
        return (after - before) / (last - first) * PER_FRAMES


def fit_slope(places: list[int], values: list[float], *, after: float) -> float:
    """Fit a line by least squares.

    Args:
        places: Where values were taken, ascending, from 0 on.
        values: One for each.
        after: Share of the way that is left out at the beginning, in [0, 1).

    Returns:
        Change of the value per unit of place.
    """
    counted = np.array(places) >= after * places[-1]
    slope, _ = np.polyfit(np.array(places)[counted], np.array(values)[counted], 1)
    return float(slope)


class Drive:
    """Cameras that send a frame each, all at once, and a memory that keeps what comes out.

    Args:
        pipeline: Labels the pictures.
        pictures: What the cameras send, by turns.
    """

    def __init__(self, pipeline: Pipeline, pictures: Sequence[ImageArray]) -> None:
        """Start the engine."""
        self._pipeline = pipeline
        self._pictures = pictures
        # Frames alike are kept, too, so that frames come and leave at the greatest rate.
        limits = MemoryLimits(max_frames=KEPT_FRAMES, max_gap_s=0.0)
        self._memory = FrameMemory(pipeline.info.dim, limits, block_rows=256)
        self._done = threading.Semaphore(0)
        self._round = 0
        self._failed: list[Exception] = []
        self._engine = Engine(pipeline, self._deliver, on_error=self._on_error)
        self._engine.start()

    @property
    def frames(self) -> int:
        """Frames that have gone through."""
        return self._round * CAMERAS

    @property
    def kept(self) -> int:
        """Frames in memory."""
        return self._memory.statistics().frames

    def step(self) -> None:
        """Send a frame of every camera, and wait for all results.

        Raises:
            RuntimeError: A frame failed, or results do not come.
        """
        for camera in range(CAMERAS):
            picture = self._pictures[(self._round + camera) % len(self._pictures)]
            stamp_ns = self._round * PERIOD_NS
            job = FrameJob(f"camera{camera}", stamp_ns, lambda _side, rgb=picture: rgb.copy())
            self._engine.submit(job)
        for _ in range(CAMERAS):
            if not self._done.acquire(timeout=BATCH_TIMEOUT_S) or self._failed:
                message = f"expected a result of every frame, got {self._failed or 'none'}"
                raise RuntimeError(message)
        self._round += 1

    def query(self) -> None:
        """Search the memory by a text that was not asked before."""
        prompt = f"a photo of car number {self._round}"
        query = self._engine.run(lambda: self._pipeline.embed_prompts([prompt])).result()
        search(self._memory.snapshot(), query, FrameFilter())

    def stop(self) -> None:
        """Stop the engine."""
        self._engine.stop()

    def _deliver(self, job: FrameJob, result: FrameResult) -> None:
        frame = StoredFrame(job.camera, job.stamp_ns, "optical", bytes(THUMBNAIL_BYTES))
        self._memory.add(frame, result.embedding)
        self._done.release()

    def _on_error(self, _job: FrameJob, error: Exception) -> None:
        self._failed.append(error)
        self._done.release()


def measure(frames: int = FRAMES) -> Outcome:
    """Send frames through, and look at the memory of the process.

    Args:
        frames: At least 10 samples' worth.
    """
    encoder = load_open_clip(device="cpu", backend="auto")
    pictures = [_scaled(rgb, size) for rgb in street(2) for size in SIZES_WH]
    drive = Drive(Pipeline(encoder, load_vocabulary(DRIVING_VOCABULARY)), pictures)
    growth = Growth()
    start_s = time.monotonic()
    while drive.frames < frames:
        if drive.frames % (SAMPLE_EVERY * CAMERAS) == 0:
            growth.sample(drive.frames)
        drive.step()
        if not growth.used and drive.frames >= SETTLED * frames:
            growth.sample_used(drive.frames)
        if drive.frames % (QUERY_EVERY * CAMERAS) == 0:
            drive.query()
    growth.sample(drive.frames)
    growth.sample_used(drive.frames)
    took_s, kept = time.monotonic() - start_s, drive.kept
    drive.stop()
    slope_mb = growth.slope()
    row = Row(
        "memory_growth",
        value=slope_mb,
        unit="MB per 10 000 frames",
        baseline=None,
        ratio=None,
        limit=None,
        fraction_of_limit=None,
        goal="<= 1 MB per 10 000 frames",
        met=slope_mb <= GOAL_MB,
    )
    words = (
        f"{drive.frames} frames of {CAMERAS} cameras and {len(SIZES_WH)} sizes in {took_s:.0f} s, "
        f"labels by the embedded model, {kept} frames kept, a text query every "
        f"{QUERY_EVERY * CAMERAS} frames; {growth.megabytes[-1]:.0f} MB in the end; fitted to what "
        f"follows the first {WARM_UP:.0%}; without what the allocator holds free "
        f"{growth.used_slope():.2f} MB"
    )
    return Outcome(row, words)


def _scaled(rgb: ImageArray, size_wh: tuple[int, int]) -> ImageArray:
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=FRAMES, help="(%(default)s)")
    print_outcome(measure(parser.parse_args().frames))
    return 0


if __name__ == "__main__":
    sys.exit(main())
