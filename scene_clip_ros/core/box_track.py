"""One object that is followed from picture to picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from scene_clip_ros.core.box_motion import BoxMotion
from scene_clip_ros.core.box_types import ScoredBox
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.smoothing import NS_PER_S

_VOTE_TAUS = 4.0
"""Memory for labels, in units of the time constant of boxes: a kind changes more rarely."""

_LEAD = 1.2
"""Factor by which another label's votes must exceed the held one's."""

_RANGES: dict[str, tuple[float, float]] = {
    "min_iou": (0.05, 0.95),
    "max_lost_s": (0.0, 10.0),
    "tau_s": (0.0, 10.0),
    "min_score": (0.0, 1.0),
    "sure_score": (0.0, 1.0),
    "confirm_hits": (1, 100),
}


@dataclass(frozen=True, slots=True)
class TrackRule:
    """How objects are followed.

    Attributes:
        min_iou: Overlap with the predicted box from which a box is the same object, in
            [0.05, 0.95].
        max_lost_s: How long an object that is missed keeps its id, seconds in [0, 10].
        tau_s: Time constant of the smoothing of box and score, seconds in [0, 10].
        min_score: Score from which a box may be a new object, and an object's own, smoothed, from
            which it is told, in [0, 1]. Boxes with less only carry on with what is known, as in
            ByteTrack (Zhang et al., ECCV 2022).
        sure_score: Score from which a new object is told at once, in [0, 1].
        confirm_hits: Sightings from which any other object is told, in [1, 100].
    """

    min_iou: float = 0.3
    max_lost_s: float = 0.8
    tau_s: float = 0.25
    min_score: float = 0.0
    sure_score: float = 0.55
    confirm_hits: int = 2

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        for name, bounds in _RANGES.items():
            require_in_range(name, getattr(self, name), bounds)


class BoxTrack:
    """Holds the id, box, label and score of one object."""

    def __init__(self, box: ScoredBox, *, track_id: int, t_ns: int, rule: TrackRule) -> None:
        """Start with the first sighting.

        Args:
            box: As detected.
            track_id: ≥ 0, never given before.
            t_ns: Stamp of the sighting in nanoseconds.
            rule: How it is followed.
        """
        self._rule = rule
        self._id = track_id
        self._motion = BoxMotion(box.xyxy, tau_s=rule.tau_s)
        self._seen_ns = t_ns
        self._score = box.score
        self._hits = 1
        self._told = self._is_sure(box)
        self._label: str | None = box.label
        self._votes = {box.label: box.score}
        self._sightings = {box.label: box}
        self._objectness = box.objectness

    @property
    def label(self) -> str | None:
        """The label that most votes speak for; None if it was forgotten."""
        return self._label

    @property
    def is_told(self) -> bool:
        """Whether the object is certain enough to be published."""
        return self._told and self._score >= self._rule.min_score

    @property
    def motion(self) -> BoxMotion:
        """Where the object is and will be."""
        return self._motion

    def lost_s(self, t_ns: int) -> float:
        """Return the seconds since the last sighting."""
        return (t_ns - self._seen_ns) / NS_PER_S

    def see(self, t_ns: int, box: ScoredBox) -> BoxTrack:
        """Take a sighting in and return itself; the motion has been advanced to its moment.

        Args:
            t_ns: Stamp in nanoseconds, not before the last one. The same one again leaves nothing
                to smooth over: the box is taken as it is.
            box: As detected.
        """
        elapsed_s = self.lost_s(t_ns)
        if elapsed_s == 0:
            self._motion = BoxMotion(box.xyxy, tau_s=self._rule.tau_s)
            self.forget_label()
        else:
            self._motion.correct(box.xyxy)
        faded = _fading(elapsed_s, self._rule.tau_s) if self._votes else 0.0
        self._score += (1 - faded) * (box.score - self._score)
        self._vote(box, kept=_fading(elapsed_s, _VOTE_TAUS * self._rule.tau_s))
        self._hits += 1
        self._told = self._told or self._is_sure(box)
        self._seen_ns = t_ns
        self._objectness = box.objectness
        return self

    def forget_label(self) -> None:
        """Forget what it was called and how surely; the next sighting says it anew."""
        self._label = None
        self._votes.clear()
        self._sightings.clear()

    def tell(self, size_wh: tuple[int, int]) -> ScoredBox:
        """Return the object as it is published: smoothed, clipped, with its id.

        It has been seen since its label was forgotten.

        Args:
            size_wh: Width and height of the picture in pixels.
        """
        assert self._label is not None
        left, top, right, bottom = np.clip(self._motion.xyxy, 0, (*size_wh, *size_wh)).tolist()
        return replace(
            self._sightings[self._label],
            score=self._score,
            objectness=self._objectness,
            xyxy=(left, top, right, bottom),
            track_id=self._id,
        )

    def _vote(self, box: ScoredBox, *, kept: float) -> None:
        self._votes = {label: votes * kept for label, votes in self._votes.items()}
        self._votes[box.label] = self._votes.get(box.label, 0.0) + box.score
        self._sightings[box.label] = box
        leader = max(self._votes, key=self._votes.__getitem__)
        if self._label is None or self._votes[leader] > _LEAD * self._votes[self._label]:
            self._label = leader

    def _is_sure(self, box: ScoredBox) -> bool:
        return box.score >= self._rule.sure_score or self._hits >= self._rule.confirm_hits


def _fading(elapsed_s: float, tau_s: float) -> float:
    """Return the weight that the past keeps."""
    return math.exp(-elapsed_s / tau_s) if tau_s > 0 else 0.0
