"""Measures every stage of a batch by itself, with the user's own models and pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from scene_clip_ros.core.profile import StageTimes
from scene_clip_ros.core.types import Frame, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import TwoStepEncoder
from scene_clip_ros.models.proposer import Proposer
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.regions import Regions, crops_of

Decode = Callable[[], ImageArray]
Result = TypeVar("Result")

WARM_UP = 2
"""Batches that are not counted: networks and memory settle."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        stages: Times by stage, in the order in which they run.
        batches: Counted.
        crops: Crops of regions in the last batch.
    """

    stages: tuple[StageTimes, ...]
    batches: int
    crops: int


class Profiler:
    """Runs batches stage by stage.

    What is measured is what the engine runs, one stage after the other; nothing is published.
    """

    def __init__(
        self, encoder: TwoStepEncoder, vocabulary: Vocabulary, *, proposer: Proposer | None = None
    ) -> None:
        """Encode the vocabulary.

        Args:
            encoder: Embeds pictures and texts.
            vocabulary: What to look for.
            proposer: Finds regions; None: boxes are off.

        Raises:
            ModelError: The model cannot encode the vocabulary.
        """
        self._encoder = encoder
        self._proposer = proposer
        self._pipeline = Pipeline(encoder, vocabulary, proposer=proposer)
        self._times_ms: dict[str, list[float]] = {}

    def measure(self, batches: Iterator[Sequence[Decode]]) -> Measured:
        """Run batches until there are none.

        Args:
            batches: For each frame of a batch what decodes it; one frame of every camera. The first
                `WARM_UP` are run and not counted; more than that are expected.

        Raises:
            ImageError: A frame cannot be decoded.
            ModelError: A model failed.
        """
        count = crops = 0
        for number, batch in enumerate(batches):
            if number == WARM_UP:
                self._times_ms.clear()
                count = 0
            crops = self._run(batch, stamp_ns=number * 100_000_000)
            count += 1
        stages = tuple(StageTimes.of(*each) for each in self._times_ms.items())
        return Measured(stages, count, crops)

    def _run(self, batch: Sequence[Decode], *, stamp_ns: int) -> int:
        """Run one batch and return the number of crops."""
        pictures = self._timed("decode", lambda: [decode() for decode in batch])
        frames = [Frame(f"camera{i}", stamp_ns, rgb) for i, rgb in enumerate(pictures)]
        scaled = self._timed("scale", lambda: self._encoder.prepare(pictures))
        embeddings = self._timed("image tower", lambda: self._encoder.encode_prepared(scaled))
        regions: list[Regions | None] = [None] * len(frames)
        crops = 0
        if self._proposer is not None:
            proposer = self._proposer
            self._timed("propose regions", lambda: proposer.propose(pictures))
            # Finding them again gives those that are worth it; only their crops are timed.
            regions = self._pipeline.find_regions(frames)
            parts = [
                crops_of(frame.rgb, each.proposals.xyxy)
                for frame, each in zip(frames, regions, strict=True)
                if each is not None
            ]
            crops = sum(len(part.windows) for part in parts)
            prepared: Any = self._timed(
                "scale crops", lambda: self._encoder.prepare_crops(parts) if crops else None
            )
            self._timed(
                "image tower on crops",
                lambda: self._encoder.encode_prepared(prepared) if crops else None,
            )
        self._timed("decide", lambda: self._pipeline.decide(frames, list(embeddings), regions))
        return crops

    def _timed(self, stage: str, work: Callable[[], Result]) -> Result:
        start_ns = time.perf_counter_ns()
        result = work()
        taken_ms = (time.perf_counter_ns() - start_ns) / 1e6
        self._times_ms.setdefault(stage, []).append(taken_ms)
        return result
