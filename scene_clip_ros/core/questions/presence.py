"""In which frames something is shown, and how surely: what questions are decided from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.types import FrameFacts, FrameRef
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import UNKNOWN, BoolArray
from scene_clip_ros.core.zeroshot import Float64Array

MIN_RUN = 2
"""Frames of a camera in a row that show something; fewer are a flicker."""

MIN_HELD_S = 1.0
"""Seconds for which a label holds; weather, light and roads do not change for less."""


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

    def first(self) -> FrameRef:
        """Return the first frame that shows it; at least one must."""
        return self.frames[int(self.shown.argmax())]

    def last(self) -> FrameRef:
        """Return the last frame that shows it; at least one must."""
        return self.frames[int(np.flatnonzero(self.shown)[-1])]

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras, in order of their first frames."""
        return tuple(dict.fromkeys(frame.camera for frame in self.frames))

    @property
    def first_frames(self) -> frozenset[FrameRef]:
        """The first frame of every camera."""
        firsts: dict[str, FrameRef] = {}
        for frame in self.frames:
            firsts.setdefault(frame.camera, frame)
        return frozenset(firsts.values())

    @property
    def last_frames(self) -> frozenset[FrameRef]:
        """The last frame of every camera."""
        return frozenset({frame.camera: frame for frame in self.frames}.values())

    def run_that_begins(self) -> tuple[FrameRef, FrameRef]:
        """Return first and last frame of what is shown from some moment on; one frame must show it.

        Of several runs it is the longest that has a frame of its camera before it, so that a
        mistake in the first frames, and a short one later, do not pass for the beginning.
        """
        runs, firsts = find_runs(self.frames, self.shown), self.first_frames
        return self._longest([run for run in runs if self.frames[run[0]] not in firsts] or runs)

    def run_that_ends(self) -> tuple[FrameRef, FrameRef]:
        """Return the same of what is shown up to some moment."""
        runs, lasts = find_runs(self.frames, self.shown), self.last_frames
        return self._longest([run for run in runs if self.frames[run[-1]] not in lasts] or runs)

    def _longest(self, runs: Sequence[tuple[int, ...]]) -> tuple[FrameRef, FrameRef]:
        longest = max(runs, key=len)
        return self.frames[longest[0]], self.frames[longest[-1]]


def label_presence(facts: Sequence[FrameFacts], attribute: str, label: str) -> Presence | None:
    """Return which frames have a label; None if no frame has any of the attribute.

    What holds for less than ``MIN_HELD_S`` is a mistake rather than a change. Frames of which the
    label is unknown show nothing, and count by their probability.
    """
    held = [(f, fact) for f in facts for fact in f.labels if fact.attribute == attribute]
    if not held:
        return None
    frames = tuple(FrameRef(f.camera, f.stamp_ns) for f, _ in held)
    has = np.array([fact.label == label for _, fact in held])
    known = np.array([fact.label != UNKNOWN for _, fact in held])
    sure = np.array([fact.probability for _, fact in held], np.float64)
    strength = np.where(has, sure, np.where(known, 0.5 * (1 - sure), 0.5 * sure))
    least_s = min(MIN_HELD_S, _span_s(frames) / 2)
    shown = without_flicker(frames, has, least_s=least_s)
    if shown.any():
        return Presence(frames, shown, strength, float(strength[shown].max()), "labels")
    doubt = max(float(1 - known.mean()), min(1.0, _longest_s(frames, has) / MIN_HELD_S))
    return Presence(frames, shown, strength, 0.5 * doubt, "labels")


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
        presences: One or more. If they are not of the same frames, the likeliest one stands for
            all.
    """
    if len({each.frames for each in presences}) > 1:
        return max(presences, key=lambda each: each.probability)
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


def find_runs(frames: Sequence[FrameRef], shown: BoolArray) -> list[tuple[int, ...]]:
    """Return the numbers of the frames of every run of a camera, in order of their beginnings."""
    runs: list[list[int]] = []
    open_runs: dict[str, list[int]] = {}
    for number, frame in enumerate(frames):
        if not shown[number]:
            open_runs.pop(frame.camera, None)
        elif frame.camera in open_runs:
            open_runs[frame.camera].append(number)
        else:
            open_runs[frame.camera] = [number]
            runs.append(open_runs[frame.camera])
    return [tuple(run) for run in runs]


def without_flicker(
    frames: Sequence[FrameRef], shown: BoolArray, *, least_s: float = 0.0
) -> BoolArray:
    """Return ``(N,)`` bool without runs of a camera that are too short.

    Args:
        frames: Of any cameras, in order of time.
        shown: ``(N,)`` bool.
        least_s: From the first to the last frame of a run, seconds, ≥ 0. It must have ``MIN_RUN``
            frames, too, unless the camera has fewer.
    """
    kept = shown.copy()
    of_camera = Counter(frame.camera for frame in frames)
    for run in find_runs(frames, shown):
        first, last = frames[run[0]], frames[run[-1]]
        is_flicker = len(run) < min(MIN_RUN, of_camera[first.camera])
        if is_flicker or seconds_after(first.stamp_ns, last) < least_s:
            kept[list(run)] = False
    return kept


def seconds_after(start_ns: int, frame: FrameRef) -> float:
    """Return how long after the start a frame is, seconds."""
    return (frame.stamp_ns - start_ns) / NS_PER_S


def _span_s(frames: Sequence[FrameRef]) -> float:
    return seconds_after(frames[0].stamp_ns, frames[-1])


def _longest_s(frames: Sequence[FrameRef], shown: BoolArray) -> float:
    """Return how long the longest run lasts, seconds; 0 without any."""
    runs = find_runs(frames, shown)
    return max((_span_s([frames[run[0]], frames[run[-1]]]) for run in runs), default=0.0)
