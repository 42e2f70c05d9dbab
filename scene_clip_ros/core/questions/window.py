"""What a question is about, in one order, whatever order it came in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scene_clip_ros.core.questions.types import FrameFacts, FrameRef, Observations


@dataclass(frozen=True, slots=True)
class Window:
    """Observations in order of stamp and camera.

    Attributes:
        seen: The embedded frames.
        facts: What was decided.
        start_ns: Stamp of the oldest of all; 0 if there is none.
    """

    seen: Observations
    facts: tuple[FrameFacts, ...]
    start_ns: int

    @classmethod
    def of(cls, seen: Observations) -> Window:
        """Sort observations, so that frames of equal stamps have one order."""
        order = sorted(range(len(seen.frames)), key=lambda i: _key(seen.frames[i]))
        frames = tuple(seen.frames[i] for i in order)
        facts = tuple(sorted(seen.facts, key=_key))
        embeddings = seen.embeddings[np.array(order, np.intp)]
        stamps = [*(f.stamp_ns for f in frames[:1]), *(f.stamp_ns for f in facts[:1])]
        ordered = replace(seen, frames=frames, embeddings=embeddings, facts=facts, picture=None)
        return cls(ordered, facts, min(stamps, default=0))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was seen."""
        return not (self.seen.frames or self.facts)


def _key(item: FrameRef | FrameFacts) -> tuple[int, str]:
    return item.stamp_ns, item.camera
