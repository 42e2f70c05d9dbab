"""Who is followed: which frames show objects of a kind, and how many there are.

A tracker that sees few frames a second loses what passes fast, and finds it again under another
id. So tracks that one object may have left are joined into one, and what an object is called is
voted on over all of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.questions.presence import Presence
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef, TrackFact
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.core.zone import DEFAULT_ZONE

CLEAR_HEIGHT = 0.06
"""Share of the picture's height from which nobody would overlook something."""

_ENOUGH_FRAMES = 3
_MAX_GAP_S = 0.8
_MAX_SHIFT = 1.2
"""How far an object that was lost may be from where it was, in heights of its box.

Both are shares of the picture, see `_centres_apart`.
"""

_MAX_GROWTH = 2.0
_LEAST_VOTES = 0.5
_FOOT_SHARE = 0.3
"""Share of a foot line in the corridor from which somebody is in it, as alerts have it."""

_DOUBT = 0.05
"""Objects whose probability is no farther from the least one may be counted or not."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object in one frame: number and stamp of the facts, and what was followed."""

    number: int
    stamp_ns: int
    track: TrackFact


@dataclass(frozen=True, slots=True)
class FollowedObject:
    """One object over all frames that show it.

    Attributes:
        camera: Name of the camera.
        sightings: In order of time, one or more.
    """

    camera: str
    sightings: tuple[Sighting, ...]

    def share_called(self, names: Sequence[str]) -> float:
        """Return the share of the scores that speaks for names, in [0, 1]."""
        total = sum(each.track.score for each in self.sightings)
        named = sum(each.track.score for each in self.sightings if each.track.label in names)
        return named / total if total > 0 else 0.0

    @property
    def probability(self) -> float:
        """That it is there at all, in [0, 1]: its best scores, less if seen briefly or small."""
        best = sorted(_surety(each.track) for each in self.sightings)[-_ENOUGH_FRAMES:]
        return sum(best) / _ENOUGH_FRAMES


def _surety(track: TrackFact) -> float:
    """Return a score, less in proportion to the area of what is smaller than can be made out."""
    return track.score * min(1.0, track.height_share / CLEAR_HEIGHT) ** 2


def follow_objects(
    facts: Sequence[FrameFacts], vocabulary: Vocabulary
) -> tuple[FollowedObject, ...] | None:
    """Gather every object that was followed, in order of appearance; None if boxes were off.

    Args:
        facts: What was decided, in order of time.
        vocabulary: Says which names are kinds of one.
    """
    if all(each.tracks is None for each in facts):
        return None
    sightings: defaultdict[tuple[str, int], list[Sighting]] = defaultdict(list)
    for number, each in enumerate(facts):
        for track in each.tracks or ():
            sighting = Sighting(number, each.stamp_ns, track)
            sightings[each.camera, track.track_id].append(sighting)
    pieces = [FollowedObject(camera, tuple(seen)) for (camera, _), seen in sightings.items()]
    general = {query.name: query.is_a or query.name for query in vocabulary.queries}
    return _joined(pieces, lambda label: general.get(label, label))


def _joined(
    pieces: Sequence[FollowedObject], general: Callable[[str], str]
) -> tuple[FollowedObject, ...]:
    """Join pieces that one object may have left, each to the nearest one that ended before."""
    objects: list[FollowedObject] = []
    recent: list[int] = []
    for piece in sorted(pieces, key=lambda each: (each.sightings[0].number, each.camera)):
        recent = [i for i in recent if _gap_s(objects[i], piece) <= _MAX_GAP_S]
        shifts = [(_shift(objects[i], piece, general), i) for i in recent]
        shift, index = min(shifts, default=(math.inf, -1))
        if shift > _MAX_SHIFT:
            recent.append(len(objects))
            objects.append(piece)
        else:
            seen = (*objects[index].sightings, *piece.sightings)
            objects[index] = FollowedObject(piece.camera, seen)
    return tuple(objects)


def _gap_s(before: FollowedObject, after: FollowedObject) -> float:
    """Return seconds from the last sighting of one to the first of another."""
    return (after.sightings[0].stamp_ns - before.sightings[-1].stamp_ns) / NS_PER_S


def _shift(before: FollowedObject, after: FollowedObject, general: Callable[[str], str]) -> float:
    """Return how far apart two pieces are, in heights of the larger box, see `_centres_apart`.

    Infinite if they are of two objects.
    """
    last, first = before.sightings[-1], after.sightings[0]
    heights = sorted((last.track.height_share, first.track.height_share))
    if (
        before.camera != after.camera
        or general(last.track.label) != general(first.track.label)
        or not 0 < _gap_s(before, after) <= _MAX_GAP_S
        or heights[1] > _MAX_GROWTH * heights[0]
    ):
        return math.inf
    if last.track.xyxy is None or first.track.xyxy is None:
        return heights[1] / max(heights[0], 1e-6) - 1
    return _centres_apart(last.track.xyxy, first.track.xyxy) / max(heights[1], 1e-6)


def _centres_apart(one: Xyxy, other: Xyxy) -> float:
    """Return how far apart the centres of two boxes are, in shares of the picture.

    Shares of the width and of the height count alike, because nobody knows how wide the picture
    is for its height: in one of 16:9, a step across is 1.8 times as many pixels as one down.
    """
    across = (one[0] + one[2] - other[0] - other[2]) / 2
    down = (one[1] + one[3] - other[1] - other[3]) / 2
    return math.hypot(across, down)


def is_on_road(track: TrackFact) -> bool:
    """Say whether somebody stands in the usual corridor of the vehicle; False if not known."""
    if track.xyxy is None:
        return False
    return DEFAULT_ZONE.foot_share(track.xyxy, (1, 1)) >= _FOOT_SHARE


def object_presence(
    facts: Sequence[FrameFacts],
    objects: Sequence[FollowedObject],
    names: Sequence[str],
    *,
    least: float,
    where: Callable[[TrackFact], bool] = lambda _: True,
) -> Presence:
    """Return which frames show an object of a kind.

    Args:
        facts: What was decided, in order of time.
        objects: Gathered from them.
        names: Queries that count.
        least: Probability from which an object is taken for real, in [0, 1].
        where: Which sightings count.
    """
    judged = [i for i, each in enumerate(facts) if each.tracks is not None]
    row_of = {number: row for row, number in enumerate(judged)}
    frames = tuple(FrameRef(facts[i].camera, facts[i].stamp_ns) for i in judged)
    shown, strength, best = np.zeros(len(judged), bool), np.zeros(len(judged)), 0.0
    for each in _called(objects, names):
        inside = tuple(seen for seen in each.sightings if where(seen.track))
        if not inside:
            continue
        probability = FollowedObject(each.camera, inside).probability
        best = max(best, probability)
        for seen in inside:
            row = row_of[seen.number]
            shown[row] |= probability >= least
            strength[row] = max(strength[row], min(seen.track.score, probability))
    return Presence(frames, shown, strength, best, "boxes")


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects there are.

    Attributes:
        fewest: How many there are at least.
        most: How many there may be, with those of which it is not sure.
        fewest_at_once: How many at least in the frame that shows the most.
        most_at_once: How many there may be in one frame.
        fullest: The frame that shows the most; None if none shows any.
        confidence: In [0, 1].
    """

    fewest: int
    most: int
    fewest_at_once: int
    most_at_once: int
    fullest: FrameRef | None
    confidence: float


def count_objects(
    facts: Sequence[FrameFacts],
    objects: Sequence[FollowedObject],
    names: Sequence[str],
    *,
    least: float,
) -> Count:
    """Count objects of a kind; arguments as those of `object_presence`, with one fact or more."""
    wanted = _called(objects, names)
    real = [each for each in wanted if each.probability >= least + _DOUBT]
    likely = [each for each in wanted if each.probability >= least - _DOUBT]
    at_least, at_most = (_per_frame(each, len(facts)) for each in (real, likely))
    fullest = int((at_least * len(facts) + at_most).argmax())
    frame = FrameRef(facts[fullest].camera, facts[fullest].stamp_ns)
    return Count(
        fewest=len(real),
        most=len(likely),
        fewest_at_once=int(at_least.max()),
        most_at_once=int(at_most.max()),
        fullest=frame if likely else None,
        confidence=_confidence(wanted, least),
    )


def _per_frame(objects: Sequence[FollowedObject], total: int) -> npt.NDArray[np.int64]:
    """Return ``(N,)`` how many objects each of N frames shows."""
    counts = np.zeros(total, np.int64)
    for each in objects:
        counts[[seen.number for seen in each.sightings]] += 1
    return counts


def _called(objects: Sequence[FollowedObject], names: Sequence[str]) -> tuple[FollowedObject, ...]:
    return tuple(each for each in objects if each.share_called(names) >= _LEAST_VOTES)


def _confidence(objects: Sequence[FollowedObject], least: float) -> float:
    """Return how surely every object is rightly counted or left out, in [0, 1]."""
    sure = [abs(each.probability - least) / max(least, 1 - least) for each in objects]
    return float(np.clip(0.5 + 0.5 * min(sure, default=1.0), 0.0, 1.0))
