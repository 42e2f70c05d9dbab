"""Boxes against the truth of rendered drives. Pure: no files, no clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.report.box_groups import GROUPS, PEOPLE, BoxGroup
from scene_clip_ros.report.box_matching import FrameMatches, match_boxes
from scene_clip_ros.report.frames import rename_single_camera
from scene_clip_ros.report.true_boxes import TrueBoxes

ALLOWED_FALSE_PER_FRAME = 0.2
"""False boxes a frame at which the best recall is told."""


@dataclass(frozen=True, slots=True)
class KindRecall:
    """How often one kind of thing was found, e.g. a crawling baby."""

    kind: str
    counted: int
    found: int


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What a threshold on the score would give.

    Attributes:
        min_score: Boxes from this score on are kept, in [0, 1].
        recall: Share of the counted things found, in [0, 1].
        false_per_frame: Boxes on nothing, per frame.
    """

    min_score: float
    recall: float
    false_per_frame: float


@dataclass(frozen=True, slots=True)
class GroupScore:
    """How well the things of one group were found.

    Attributes:
        name: The group.
        counted: Things that should have a box, over all frames.
        found: Those of them that have one.
        false: Boxes on nothing.
        average_precision: At an overlap of 0.5, in [0, 1]; ``None`` if nothing counts.
        kinds: Every kind that counts, by name.
    """

    name: str
    counted: int
    found: int
    false: int
    average_precision: float | None
    kinds: tuple[KindRecall, ...]

    @property
    def recall(self) -> float | None:
        """Found over counted things in [0, 1]; ``None`` if nothing counts."""
        return self.found / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class BoxScore:
    """The outcome of comparing boxes with the truth.

    Attributes:
        frames: Frames with both.
        groups: One score per group of ``box_groups.GROUPS``, in their order.
        people_limit: The threshold that finds most people at ``ALLOWED_FALSE_PER_FRAME``;
            ``None`` if there are no people, or no threshold allows it.
    """

    frames: int
    groups: tuple[GroupScore, ...]
    people_limit: OperatingPoint | None

    @property
    def people(self) -> GroupScore:
        """The score of the people."""
        return next(group for group in self.groups if group.name == PEOPLE.name)

    @property
    def false_per_frame(self) -> float | None:
        """Boxes of people on nothing, per frame; ``None`` without frames."""
        return self.people.false / self.frames if self.frames else None

    @property
    def map50(self) -> float | None:
        """Mean of the groups' average precisions; ``None`` if nothing counts."""
        known = [g.average_precision for g in self.groups if g.average_precision is not None]
        return sum(known) / len(known) if known else None


def score_boxes(said: Iterable[FrameBoxes], truths: Iterable[TrueBoxes]) -> BoxScore:
    """Compare boxes with the truth, over any number of drives whose cameras differ in name.

    If both sides know a single camera, its name may differ: a video has no camera names.

    Args:
        said: In any order; the last one about a frame holds.
        truths: In any order. Frames of one side only are passed over.
    """
    by_key = {(truth.camera, truth.stamp_ns): truth for truth in truths}
    said_by_key = rename_single_camera(
        {(boxes.camera, boxes.stamp_ns): boxes for boxes in said}, by_key.keys()
    )
    pairs = [(said_by_key[key], by_key[key]) for key in sorted(said_by_key.keys() & by_key.keys())]
    matches = {group: [match_boxes(*pair, group) for pair in pairs] for group in GROUPS}
    return BoxScore(
        frames=len(pairs),
        groups=tuple(_score_group(group, matches[group]) for group in GROUPS),
        people_limit=find_limit(matches[PEOPLE], false_per_frame=ALLOWED_FALSE_PER_FRAME),
    )


def average_precision(verdicts: Sequence[tuple[float, bool]], *, counted: int) -> float | None:
    """Integrate precision over recall, each precision raised to the best one at more recall.

    That is how PASCAL VOC has done it since 2010 (Everingham et al., IJCV 2015). Among equal
    scores the false boxes come first, so that their order does not matter.

    Args:
        verdicts: Score of each box, and whether it is right.
        counted: Things that should have a box, ≥ the number of right boxes.

    Returns:
        In [0, 1]; ``None`` if nothing counts.
    """
    if not counted:
        return None
    right = np.array([is_right for _, is_right in _ranked(verdicts)], np.bool_)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[right].sum() / counted)


def find_limit(frames: Sequence[FrameMatches], *, false_per_frame: float) -> OperatingPoint | None:
    """Find the lowest threshold that leaves at most so many false boxes a frame.

    Args:
        frames: Matches of one group.
        false_per_frame: What is allowed, ≥ 0.

    Returns:
        ``None`` if nothing counts, or if no threshold allows it.
    """
    counted = sum(len(frame.found) + len(frame.missed) for frame in frames)
    ranked = _ranked([verdict for frame in frames for verdict in frame.verdicts])
    limit, right, false = None, 0, 0
    for position, (score, is_right) in enumerate(ranked, start=1):
        right, false = right + is_right, false + (not is_right)
        if false > false_per_frame * len(frames):
            break
        is_last_of_score = position == len(ranked) or ranked[position][0] < score
        if counted and is_last_of_score:
            limit = OperatingPoint(score, right / counted, false / len(frames))
    return limit


def _ranked(verdicts: Sequence[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """Sort verdicts by falling score, false ones first among equals."""
    return sorted(verdicts, key=lambda verdict: (-verdict[0], verdict[1]))


def _score_group(group: BoxGroup, frames: Sequence[FrameMatches]) -> GroupScore:
    """Sum up the matches of all frames."""
    verdicts = [verdict for frame in frames for verdict in frame.verdicts]
    found = Counter(box.kind for frame in frames for box in frame.found)
    counted = found + Counter(box.kind for frame in frames for box in frame.missed)
    return GroupScore(
        name=group.name,
        counted=counted.total(),
        found=found.total(),
        false=sum(not is_right for _, is_right in verdicts),
        average_precision=average_precision(verdicts, counted=counted.total()),
        kinds=tuple(KindRecall(kind, counted[kind], found[kind]) for kind in sorted(counted)),
    )
