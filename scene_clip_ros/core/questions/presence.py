"""In which frames something is shown, and how surely: what questions are decided from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.types import FrameFacts, FrameRef
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import UNKNOWN, BoolArray
from scene_clip_ros.core.zeroshot import Float64Array

MIN_RUN = 2
"""Frames of a camera in a row that show something; fewer are a flicker."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Which frames show something.

    Attributes:
        frames: The N frames that were judged, in order of time.
        shown: ``(N,)`` bool, whether each shows it.
        strength: ``(N,)`` float64 in [0, 1], how surely each shows it.
        probability: That any of them does, in [0, 1].
        source: What tells: boxes, labels, or the likeness of pictures and texts.
    """

    frames: tuple[FrameRef, ...]
    shown: BoolArray
    strength: Float64Array
    probability: float
    source: str

    @property
    def count(self) -> int:
        """How many frames show it."""
        return int(self.shown.sum())

    def best(self, most: int) -> tuple[FrameRef, ...]:
        """Return frames that show it, most surely first; of equals the earlier one."""
        order = np.argsort(-self.strength, kind="stable")
        return tuple(self.frames[i] for i in order if self.shown[i])[:most]

    def weakest(self, most: int) -> tuple[FrameRef, ...]:
        """Return frames that do not show it, most surely first; of equals the earlier one."""
        order = np.argsort(self.strength, kind="stable")
        return tuple(self.frames[i] for i in order if not self.shown[i])[:most]

    def first(self) -> FrameRef | None:
        """Return the first frame that shows it; None if none does."""
        return self.frames[int(self.shown.argmax())] if self.shown.any() else None

    def last(self) -> FrameRef | None:
        """Return the last frame that shows it; None if none does."""
        return self.frames[int(np.flatnonzero(self.shown)[-1])] if self.shown.any() else None


def label_presence(facts: Sequence[FrameFacts], attribute: str, label: str) -> Presence | None:
    """Return which frames have a label; None if labels were off.

    Frames of which the label is unknown show nothing, and count by their probability.
    """
    held = [(f, fact) for f in facts for fact in f.labels if fact.attribute == attribute]
    if not held:
        return None
    frames = tuple(FrameRef(f.camera, f.stamp_ns) for f, _ in held)
    has = np.array([fact.label == label for _, fact in held])
    known = np.array([fact.label != UNKNOWN for _, fact in held])
    sure = np.array([fact.probability for _, fact in held], np.float64)
    strength = np.where(has, sure, np.where(known, 0.5 * (1 - sure), 0.5 * sure))
    shown = without_flicker(frames, has)
    return Presence(frames, shown, strength, _of_labels(shown, known, strength), "labels")


def hazard_presence(facts: Sequence[FrameFacts], hazard: str) -> Presence | None:
    """Return which frames have a hazard; None if labels were off."""
    held = [(f, fact) for f in facts for fact in f.hazards if fact.hazard == hazard]
    if not held:
        return None
    frames = tuple(FrameRef(f.camera, f.stamp_ns) for f, _ in held)
    strength = np.array([fact.probability for _, fact in held], np.float64)
    shown = without_flicker(frames, np.array([fact.active for _, fact in held]))
    best = float(strength[shown].max()) if shown.any() else 0.5 * float(strength.max())
    return Presence(frames, shown, strength, best, "labels")


def any_of(presences: Sequence[Presence]) -> Presence:
    """Return which frames show at least one of several things.

    Args:
        presences: One or more, of the same frames.
    """
    if len(presences) == 1:
        return presences[0]
    return Presence(
        presences[0].frames,
        np.logical_or.reduce([each.shown for each in presences]),
        np.maximum.reduce([each.strength for each in presences]),
        max(each.probability for each in presences),
        presences[0].source,
    )


def both_of(first: Presence, second: Presence) -> Presence:
    """Return which frames show two things, both of the same frames."""
    shown = first.shown & second.shown
    probability = min(first.probability, second.probability) if shown.any() else 0.0
    strength = np.minimum(first.strength, second.strength)
    return Presence(first.frames, shown, strength, probability, first.source)


def without_flicker(frames: Sequence[FrameRef], shown: BoolArray) -> BoolArray:
    """Return ``(N,)`` bool without runs of a camera that are shorter than ``MIN_RUN`` frames.

    A camera with fewer frames than that keeps what it has.
    """
    kept = shown.copy()
    for camera in {frame.camera for frame in frames}:
        indices = np.array([i for i, frame in enumerate(frames) if frame.camera == camera])
        if len(indices) < MIN_RUN:
            continue
        inside = np.concatenate([[False], shown[indices], [False]]).astype(np.int8)
        starts, ends = (np.flatnonzero(np.diff(inside) == sign) for sign in (1, -1))
        for start, end in zip(starts, ends, strict=True):
            if end - start < MIN_RUN:
                kept[indices[start:end]] = False
    return kept


def seconds_after(start_ns: int, frame: FrameRef) -> float:
    """Return how long after the start a frame is, seconds."""
    return (frame.stamp_ns - start_ns) / NS_PER_S


def _of_labels(shown: BoolArray, known: BoolArray, strength: Float64Array) -> float:
    """Return the probability that a label holds in any frame."""
    if shown.any():
        return float(strength[shown].max())
    return 0.5 * float(1 - known.mean())
