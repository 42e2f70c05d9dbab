"""Gives boxes ids that last.

Own code on purpose: of the known libraries norfair wants numpy < 2, trackers brings a second
OpenCV, and this layer needs numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.box_assignment import NO_MATCH, assign
from scene_clip_ros.core.box_track import BoxTrack, TrackRule
from scene_clip_ros.core.box_types import ScoredBox
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray

__all__ = ["BoxTracker", "TrackRule"]

_OTHER_LABEL_COST = 0.2
_LOST_COST = 0.2
_WEAK_COST = 0.2
"""What overlap is worth less for a track of another label, for one lost as long as can be, and for
a box that could not be a new object."""


class BoxTracker:
    """Follows the objects before one camera, whatever their labels."""

    def __init__(self, rule: TrackRule, *, apart: frozenset[str] = frozenset()) -> None:
        """Start with no object.

        Args:
            rule: How objects are followed.
            apart: Labels that are followed apart from all others: a box of one is never the same
                object as a box of another label that is not among them.
        """
        self._rule = rule
        self._apart = apart
        self._tracks: list[BoxTrack] = []
        self._next_id = 0
        self._t_ns: int | None = None
        self._size_wh = (0, 0)

    def restart(self, rule: TrackRule | None = None) -> None:
        """Forget every object; ids go on, so that none is given twice.

        Args:
            rule: How objects are followed from now on; None: as before.
        """
        self._rule = rule or self._rule
        self._tracks.clear()

    def forget_labels(self, *, apart: frozenset[str] = frozenset()) -> None:
        """Forget labels and scores, but no object: the next box of each says them anew.

        Args:
            apart: Labels that are followed apart from now on.
        """
        self._apart = apart
        for track in self._tracks:
            track.forget_label()

    def update(
        self, t_ns: int, boxes: Sequence[ScoredBox], *, size_wh: tuple[int, int]
    ) -> tuple[ScoredBox, ...]:
        """Take the boxes of one picture in.

        Args:
            t_ns: Stamp in nanoseconds. A stamp before the last one starts anew; ids go on. With
                the last one again, as of a camera that does not stamp, no time passes: nothing is
                smoothed, and what is missed is lost at once.
            boxes: As detected; their ids are ignored.
            size_wh: Width and height of the picture in pixels; another size starts anew.

        Returns:
            The objects seen in this picture that are certain enough, smoothed, clipped to the
            picture, with their ids, highest score first.
        """
        is_repeated = t_ns == self._t_ns
        self._advance(t_ns, size_wh)
        known = list(self._tracks)
        seen = [
            self._start(t_ns, box) if index == NO_MATCH else known[index].see(t_ns, box)
            for box, index in zip(boxes, self._assign(t_ns, boxes), strict=True)
            if index != NO_MATCH or box.score >= self._rule.min_score
        ]
        if is_repeated:
            self._tracks = seen
        told = [track.tell(size_wh) for track in seen if track.is_told]
        return tuple(sorted(told, key=lambda box: (-box.score, box.track_id)))

    def _advance(self, t_ns: int, size_wh: tuple[int, int]) -> None:
        """Predict every track and drop those lost for too long."""
        last_ns = t_ns if self._t_ns is None else self._t_ns
        if t_ns < last_ns or size_wh != self._size_wh:
            self._tracks.clear()
        longest_s = self._rule.max_lost_s
        self._tracks = [track for track in self._tracks if track.lost_s(t_ns) <= longest_s]
        for track in self._tracks:
            track.motion.advance((t_ns - last_ns) / NS_PER_S)
        self._t_ns, self._size_wh = t_ns, size_wh

    def _start(self, t_ns: int, box: ScoredBox) -> BoxTrack:
        track = BoxTrack(box, track_id=self._next_id, t_ns=t_ns, rule=self._rule)
        self._next_id += 1
        self._tracks.append(track)
        return track

    def _assign(self, t_ns: int, boxes: Sequence[ScoredBox]) -> list[int]:
        """Return the index of each box's track."""
        measured = np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4)
        predicted = np.array([track.motion.xyxy for track in self._tracks], np.float32)
        chosen = assign(
            measured,
            predicted.reshape(-1, 4),
            cost=self._cost(t_ns, boxes),
            min_iou=self._rule.min_iou,
        )
        return [int(index) for index in chosen]

    def _cost(self, t_ns: int, boxes: Sequence[ScoredBox]) -> FloatArray:
        """Return ``(boxes, tracks)``, what speaks against a pair beside their distance."""
        longest_s = max(self._rule.max_lost_s, 1e-9)
        lost = [_LOST_COST * track.lost_s(t_ns) / longest_s for track in self._tracks]
        weak = [_WEAK_COST * (box.score < self._rule.min_score) for box in boxes]
        labels = [[self._label_cost(track, box) for track in self._tracks] for box in boxes]
        costs = np.reshape(labels, (len(boxes), len(lost))) + np.array(lost)
        return np.asarray(costs + np.array(weak)[:, None], np.float32)

    def _label_cost(self, track: BoxTrack, box: ScoredBox) -> float:
        """Return what the labels of a pair say against it; infinite for never the same object."""
        if track.label is not None and (track.label in self._apart) != (box.label in self._apart):
            return math.inf
        return _OTHER_LABEL_COST * (track.label != box.label)
