"""Which boxes of one frame are right, as KITTI and COCO decide it.

What is small, hidden, cut off by the picture's edge or lost in haze or darkness counts neither as
missed nor its boxes as false; nor are boxes false that are smaller than what counts. Sizes and cuts
are those of KITTI's "moderate" (Geiger, Lenz and Urtasun, "Are we ready for autonomous driving?",
CVPR 2012). That asks for things that are at most partly occluded, for which Dollár et al.
("Pedestrian detection: an evaluation of the state of the art", PAMI 2012) have a figure. Contrast
is in no benchmark, because people label what they see; a renderer knows of everybody and must be
told what can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox
from scene_clip_ros.core.boxes import iou, longer_side
from scene_clip_ros.core.types import BoolArray, FloatArray
from scene_clip_ros.report.box_groups import BoxGroup
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes

MIN_OVERLAP = 0.5
"""Intersection over union from which a box is on a thing."""

MIN_VISIBLE = 0.65
"""Share that nothing hides of what counts: partly occluded is up to 35 % (Dollár et al.)."""

MIN_SIDE_SHARE = 25 / 375
"""Longer side of the smallest thing that counts, and of the smallest box that may be false, as a
share of the picture's height: KITTI's "moderate" asks for 25 of 375 pixels, of both."""

MAX_TRUNCATED = 0.3
"""Share outside the picture up to which a thing counts, as of KITTI's "moderate"."""

MIN_CONTRAST = 0.05
"""Share of full scale by which what counts differs from what it hides, on average. The figure is
our own, chosen by looking at rendered fog and night: no benchmark needs one."""


@dataclass(frozen=True, slots=True)
class FrameMatches:
    """What became of one frame's boxes and true things of a group.

    Attributes:
        verdicts: Score of each box that is right or false, and whether it is right; best first.
        found: The counted things that have a box.
        missed: The counted things that have none.
    """

    verdicts: tuple[tuple[float, bool], ...]
    found: tuple[TrueBox, ...]
    missed: tuple[TrueBox, ...]


def match_boxes(said: FrameBoxes, truth: TrueBoxes, group: BoxGroup) -> FrameMatches:
    """Match greedily: the best box first, each to the free thing that it covers best.

    Args:
        said: Boxes of any labels; those of other groups are passed over.
        truth: Of the same frame.
        group: What is matched.
    """
    smallest = MIN_SIDE_SHARE * said.size_wh[1]
    counted, tolerated = _divide(truth, group, smallest=smallest)
    boxes = sorted((b for b in said.boxes if b.label in group.labels), key=lambda b: -b.score)
    overlaps = iou(_corners(boxes), _corners(counted))
    composed = [thing for thing in counted if thing.kind in group.composed]
    is_tolerated = _is_on_any(_corners(boxes), _corners(tolerated)) | _is_within_any(
        _corners(boxes), _corners(composed)
    )
    free = np.ones(len(counted), np.bool_)
    verdicts = []
    for box, row, may_be_false in zip(boxes, overlaps, is_tolerated.tolist(), strict=True):
        candidates = np.where(free, row, 0.0)
        best = int(candidates.argmax()) if len(counted) else -1
        is_right = best >= 0 and bool(candidates[best] >= MIN_OVERLAP)
        if is_right:
            free[best] = False
        if is_right or not (may_be_false or longer_side(box.xyxy) < smallest):
            verdicts.append((float(box.score), is_right))
    return FrameMatches(
        verdicts=tuple(verdicts),
        found=tuple(box for box, is_free in zip(counted, free, strict=True) if not is_free),
        missed=tuple(box for box, is_free in zip(counted, free, strict=True) if is_free),
    )


def _divide(
    truth: TrueBoxes, group: BoxGroup, *, smallest: float
) -> tuple[list[TrueBox], list[TrueBox]]:
    """Return what counts, and what may or may not have a box."""
    counted, tolerated = [], []
    for box in truth.boxes:
        if box.kind in group.kinds and _is_clear(box, smallest=smallest):
            counted.append(box)
        elif box.kind in group.kinds | group.tolerated:
            tolerated.append(box)
    return counted, tolerated


def _is_clear(box: TrueBox, *, smallest: float) -> bool:
    """Say whether anybody would see a thing at once."""
    return (
        box.visible >= MIN_VISIBLE
        and box.longer_side >= smallest
        and box.truncated <= MAX_TRUNCATED
        and box.contrast >= MIN_CONTRAST
    )


def _corners(boxes: Sequence[ScoredBox] | Sequence[TrueBox]) -> FloatArray:
    """Return ``(N, 4)`` float32, pixels, xyxy."""
    return np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4)


def _is_on_any(boxes: FloatArray, things: FloatArray) -> BoolArray:
    """Tell of each box whether it is on one of the things, or mostly within one."""
    on = (iou(boxes, things) >= MIN_OVERLAP).any(axis=1)
    return np.asarray(on | _is_within_any(boxes, things))


def _is_within_any(boxes: FloatArray, things: FloatArray) -> BoolArray:
    """Tell of each box whether it is mostly within one of the things."""
    top_left = np.maximum(boxes[:, None, :2], things[None, :, :2])
    bottom_right = np.minimum(boxes[:, None, 2:], things[None, :, 2:])
    shared = np.prod(np.maximum(bottom_right - top_left, 0.0), axis=2)
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0), axis=1)[:, None]
    within = shared >= MIN_OVERLAP * np.maximum(areas, np.finfo(np.float32).tiny)
    return np.asarray(within.any(axis=1))
