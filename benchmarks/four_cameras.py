"""How many frames a second do four cameras get from one process, and does each get its share?

    python benchmarks/four_cameras.py

The engine and the pipeline of the node, without ROS: labels with ViT-B/32 and random weights.
Cameras send 1080p JPEGs, the next as soon as the labels of the last are there, so that the engine
is never without work. The baseline is one camera; both take turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from pictures import street
from plain_clip import ARCHITECTURE, random_clip
from row import Outcome, Row
from table import print_outcome

from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.pipeline.engine import Engine, FrameJob
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.resources import DRIVING_VOCABULARY

CAMERAS = ("front", "rear", "left", "right")
JPEG_QUALITY = 90
ROUNDS = 4
ROUND_S = 3.0
WARM_UP_S = 1.0
IDLE_TIMEOUT_S = 60.0
MAX_UNFAIRNESS = 1.1


@dataclass(frozen=True, slots=True)
class Turn:
    """What came out while some cameras were sending.

    Attributes:
        frames: Labelled, by camera.
        seconds: From the first picture to the last result.
    """

    frames: Counter[str]
    seconds: float

    @property
    def hz(self) -> float:
        """Frames a second, of all cameras together."""
        return self.frames.total() / self.seconds


class EagerCameras:
    """Cameras that send the next picture as soon as the last is labelled.

    Args:
        pipeline: Labels the pictures.
        jpegs: What the cameras send, again and again.

    Attributes:
        errors: Why frames could not be labelled.
    """

    def __init__(self, pipeline: Pipeline, jpegs: Sequence[bytes]) -> None:
        """Start the engine; no camera sends yet."""
        self.errors: list[Exception] = []
        self._frames: Counter[str] = Counter()
        self._jpegs = cycle(jpegs)
        self._sending = threading.Event()
        self._engine = Engine(pipeline, self._deliver, on_error=self._on_error)
        self._engine.start()

    def run(self, cameras: Sequence[str], *, seconds: float) -> Turn:
        """Let cameras send for a while."""
        self._frames.clear()
        self._sending.set()
        start_s = time.perf_counter()
        for camera in cameras:
            self._send(camera)
        time.sleep(seconds)
        self._sending.clear()
        self._engine.wait_idle(IDLE_TIMEOUT_S)
        return Turn(self._frames.copy(), time.perf_counter() - start_s)

    def stop(self) -> None:
        """Stop the engine."""
        self._engine.stop()

    def _send(self, camera: str) -> None:
        jpeg = next(self._jpegs)

        def decode(min_side: int | None) -> ImageArray:
            return decode_compressed(jpeg, min_side=min_side)

        self._engine.submit(FrameJob(camera, time.time_ns(), decode))

    def _deliver(self, job: FrameJob, _result: FrameResult) -> None:
        self._frames[job.camera] += 1
        if self._sending.is_set():
            self._send(job.camera)

    def _on_error(self, _job: FrameJob, error: Exception) -> None:
        self.errors.append(error)


def measure() -> Outcome:
    """Let one camera and four cameras take turns.

    Raises:
        RuntimeError: Frames could not be labelled.
    """
    jpegs = [encode_jpeg(rgb, quality=JPEG_QUALITY) for rgb in street(2)]
    with random_clip() as clip:
        encoder = clip.load()
    cameras = EagerCameras(Pipeline(encoder, load_vocabulary(DRIVING_VOCABULARY)), jpegs)
    one, four = [], []
    cameras.run(CAMERAS, seconds=WARM_UP_S)
    for _ in range(ROUNDS):
        one.append(cameras.run(CAMERAS[:1], seconds=ROUND_S))
        four.append(cameras.run(CAMERAS, seconds=ROUND_S))
    cameras.stop()
    if cameras.errors:
        message = f"expected labels of every frame, got {cameras.errors[0]!r}"
        raise RuntimeError(message)
    return compare(one, four, model=f"{encoder.info.backend} {encoder.info.precision}")


def compare(one: Sequence[Turn], four: Sequence[Turn], *, model: str) -> Outcome:
    """Return the row of turns of one camera and of four."""
    shares = [sum(turn.frames[camera] for turn in four) for camera in CAMERAS]
    unfairness = max(shares) / min(shares)
    one_hz, four_hz = (statistics.median(turn.hz for turn in turns) for turns in (one, four))
    row = Row(
        "four_cameras",
        value=four_hz,
        unit="frames/s of four",
        baseline=one_hz,
        ratio=four_hz / one_hz,
        limit=None,
        fraction_of_limit=None,
        goal="ratio >= 1, most frames of a camera <= 1.1 times the fewest",
        met=four_hz >= one_hz and unfairness <= MAX_UNFAIRNESS,
    )
    words = (
        f"1080p JPEGs of {len(CAMERAS)} cameras through engine and pipeline, labels with "
        f"{ARCHITECTURE}, {model}; frames of each {', '.join(map(str, shares))}: most by fewest "
        f"{unfairness:.2f}; baseline: one camera"
    )
    return Outcome(row, words)


def main() -> int:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print_outcome(measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
