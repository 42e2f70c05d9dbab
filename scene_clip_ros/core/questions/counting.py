"""Who is followed: which frames show objects of a kind, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.presence import Presence
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef

_ENOUGH_FRAMES = 3


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One object over all frames that show it.

    Attributes:
        camera: Name of the camera.
        track_id: Its id there.
        label: The name that most of its score speaks for.
        frames: Numbers of the facts that show it, in their order.
        scores: Of each of them, in [0, 1].
        tallest: Largest height as a share of the picture's, [0, 1].
    """

    camera: str
    track_id: int
    label: str
    frames: tuple[int, ...]
    scores: tuple[float, ...]
    tallest: float

    @property
    def probability(self) -> float:
        """That it is what it is called, in [0, 1]: its mean score, less if it is brief."""
        best = sorted(self.scores)[-_ENOUGH_FRAMES:]
        return sum(best) / _ENOUGH_FRAMES


def summarise_tracks(facts: Sequence[FrameFacts]) -> tuple[TrackSummary, ...] | None:
    """Gather every object that was followed, in order of appearance; None if boxes were off."""
    if not any(each.tracks is not None for each in facts):
        return None
    sightings: defaultdict[tuple[str, int], list[tuple[int, str, float, float]]] = defaultdict(list)
    for number, each in enumerate(facts):
        for track in each.tracks or ():
            entry = (number, track.label, track.score, track.height_share)
            sightings[each.camera, track.track_id].append(entry)
    return tuple(_summary(*key, seen) for key, seen in sightings.items())


def _summary(
    camera: str, track_id: int, seen: Sequence[tuple[int, str, float, float]]
) -> TrackSummary:
    votes: defaultdict[str, float] = defaultdict(float)
    for _, label, score, _ in seen:
        votes[label] += score
    return TrackSummary(
        camera,
        track_id,
        max(sorted(votes), key=votes.__getitem__),
        tuple(number for number, *_ in seen),
        tuple(score for _, _, score, _ in seen),
        max(height for *_, height in seen),
    )


def track_presence(
    facts: Sequence[FrameFacts], names: Sequence[str], *, least: float
) -> Presence | None:
    """Return which frames show an object of a kind; None if boxes were off.

    Args:
        facts: What was decided, in order of time.
        names: Queries that count.
        least: Probability from which an object is taken for real, in [0, 1].
    """
    tracks = summarise_tracks(facts)
    if tracks is None:
        return None
    judged = [i for i, each in enumerate(facts) if each.tracks is not None]
    row_of = {number: row for row, number in enumerate(judged)}
    frames = tuple(FrameRef(facts[i].camera, facts[i].stamp_ns) for i in judged)
    shown, strength = np.zeros(len(judged), bool), np.zeros(len(judged))
    wanted = [track for track in tracks if track.label in names]
    for track in wanted:
        for number, score in zip(track.frames, track.scores, strict=True):
            row = row_of[number]
            shown[row] |= track.probability >= least
            strength[row] = max(strength[row], min(score, track.probability))
    probability = max((track.probability for track in wanted), default=0.0)
    return Presence(frames, shown, strength, probability, "boxes")


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects there are.

    Attributes:
        number: How many.
        most_at_once: How many in the frame that shows the most.
        fullest: That frame; None if no frame shows any.
        confidence: In [0, 1].
    """

    number: int
    most_at_once: int
    fullest: FrameRef | None
    confidence: float


def count_objects(
    facts: Sequence[FrameFacts], names: Sequence[str], *, least: float
) -> Count | None:
    """Count objects of a kind; None if boxes were off. Arguments as those of `track_presence`."""
    tracks = summarise_tracks(facts)
    if tracks is None:
        return None
    wanted = [track for track in tracks if track.label in names]
    real = [track for track in wanted if track.probability >= least]
    per_frame = np.zeros(len(facts), int)
    for track in real:
        per_frame[list(track.frames)] += 1
    fullest = int(per_frame.argmax()) if len(facts) else 0
    most = int(per_frame.max()) if len(facts) else 0
    frame = FrameRef(facts[fullest].camera, facts[fullest].stamp_ns) if most else None
    return Count(len(real), most, frame, _confidence(wanted, least))


def _confidence(tracks: Sequence[TrackSummary], least: float) -> float:
    """Return how probable it is that every object is rightly counted or left out."""
    sure = [abs(track.probability - least) / max(least, 1 - least) for track in tracks]
    return float(np.clip(0.5 + 0.5 * min(sure, default=1.0), 0.0, 1.0))
