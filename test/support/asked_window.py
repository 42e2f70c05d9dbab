"""Windows of frames to ask language models about."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scene_clip_ros.core.questions.types import (
    FrameFacts,
    FrameRef,
    HazardFact,
    LabelFact,
    Observations,
    TrackFact,
)

START_NS = 5_000_000_000
STEP_NS = 500_000_000


def jpeg(level: int) -> bytes:
    """Return a grey picture of 16 x 16; ``level``: 0 to 255."""
    return cv2.imencode(".jpg", np.full((16, 16, 3), level, np.uint8))[1].tobytes()


def window(
    levels: Sequence[int] = (10, 10, 200, 200), cameras: Sequence[str] = ("front",)
) -> Observations:
    """Return frames of grey levels, half a second apart, of the cameras in turn, with facts."""
    refs = tuple(
        FrameRef(cameras[place % len(cameras)], START_NS + STEP_NS * place)
        for place in range(len(levels))
    )
    turns = np.array(levels) / 255 * np.pi / 2
    embeddings = np.stack([np.sin(turns), np.cos(turns)], axis=1).astype(np.float32)
    facts = tuple(_facts(ref, level) for ref, level in zip(refs, levels, strict=True))
    return Observations(refs, embeddings, facts, lambda number: jpeg(levels[number]))


def _facts(ref: FrameRef, level: int) -> FrameFacts:
    label = LabelFact("weather", "clear" if level > 127 else "rain", 0.9)
    hazard = HazardFact("animal on the road", active=level > 127, probability=level / 255)
    track = TrackFact(7, "person", 0.6, level / 1000)
    return FrameFacts(ref.camera, ref.stamp_ns, (label,), (hazard,), (track,))
