"""What cameras may have seen, without cameras: facts second by second, and made-up embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.questions.types import (
    FrameFacts,
    FrameRef,
    HazardFact,
    LabelFact,
    Observations,
    TrackFact,
)
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY

RATE_HZ = 4
DIM = 24
VOCABULARY = load_vocabulary(DRIVING_VOCABULARY)

AHEAD = (0.48, 0.5, 0.52, 0.8)
"""Box of somebody who stands in the way of the vehicle."""

BESIDE = (0.9, 0.5, 0.94, 0.7)
"""Box of somebody on the pavement."""


def stamp_of(number: int) -> int:
    return round(number * NS_PER_S / RATE_HZ)


def track(
    label: str = "person",
    *,
    ident: int = 0,
    score: float = 0.9,
    xyxy: tuple[float, float, float, float] | None = BESIDE,
) -> TrackFact:
    height = 0.2 if xyxy is None else xyxy[3] - xyxy[1]
    return TrackFact(ident, label, score, height, xyxy)


def facts_of(
    count: int = 40,
    *,
    camera: str = "front",
    labels: dict[str, Sequence[str]] | None = None,
    hazards: dict[str, range] | None = None,
    tracks: dict[range, TrackFact] | None = None,
    boxes: bool = True,
    probability: float = 0.9,
) -> tuple[FrameFacts, ...]:
    """Return facts of frames at ``RATE_HZ``.

    Args:
        count: How many frames.
        camera: Its name.
        labels: By attribute, one label per frame.
        hazards: Frames that have each.
        tracks: Frames that show each object.
        boxes: Whether objects are looked for.
        probability: Of every label and hazard.
    """
    return tuple(
        FrameFacts(
            camera,
            stamp_of(number),
            tuple(
                LabelFact(attribute, values[number], probability)
                for attribute, values in (labels or {}).items()
            ),
            tuple(
                HazardFact(name, number in frames, probability if number in frames else 0.1)
                for name, frames in (hazards or {}).items()
            ),
            tuple(fact for frames, fact in (tracks or {}).items() if number in frames)
            if boxes
            else None,
        )
        for number in range(count)
    )


def seen(facts: Sequence[FrameFacts], *, embeddings: FloatArray | None = None) -> Observations:
    """Return observations of facts, embedded at random unless told how."""
    frames = tuple(FrameRef(each.camera, each.stamp_ns) for each in facts)
    if embeddings is None:
        rows = np.random.default_rng(0).standard_normal((len(frames), DIM))
        embeddings = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return Observations(frames, embeddings, tuple(facts))
