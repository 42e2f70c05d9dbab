"""What a query scores on the frames that are searched, whether they are hits or not.

A segment that is searched as a whole keeps the moments of its embeddings, and its mean and spread
are exact without scoring a row. Of one of which only some rows are searched, because a camera or
recording was asked for or a file has changed since, these rows are scored: all of them, or those of
a random sample if that would take long.
"""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.core.standing_out import UsualScores
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.archive_target import SearchTarget
from scene_clip_ros.search.moments import QueryProducts, sum_scores

LEAST_SAMPLED = 8
"""Rows of a sample that stand for those of a segment; of fewer, all rows are scored instead."""

USUAL_ROWS = 4096
"""Most scores from which it is told what is usual."""


def add_up(
    target: SearchTarget, query: FloatArray, *, known: dict[Segment, CosineSums]
) -> CosineSums:
    """Return what the cosines of all frames that are searched add up to.

    Args:
        target: What is searched.
        query: ``(1, D)`` float32, unit length.
        known: Sums of segments of which every row was scored anyway.

    Raises:
        SegmentDamagedError: A segment turned out to be damaged.
    """
    products = QueryProducts.of(query[0])

    def measure(segment: Segment) -> CosineSums:
        selection = target.selections[segment]
        if selection.mask is None and segment.moments is not None:
            return segment.moments.project(products)
        return sum_scores(_scores(target, segment, query), frames=selection.count)

    missing = [segment for segment in target.selections if segment not in known]
    return sum((*known.values(), *target.ask(measure, missing).values()), CosineSums())


def measure_usual(target: SearchTarget, query: FloatArray) -> UsualScores:
    """Return what a query scores on the frames that are searched; see `add_up`.

    Every frame of a small target is measured. Of a large one, some are, of each segment in
    proportion to its frames.
    """
    measured = target.ask(lambda segment: _scores(target, segment, query))
    counts = {segment: selection.count for segment, selection in target.selections.items()}
    shares = [len(scores) / counts[segment] for segment, scores in measured.items()]
    share = min([1.0, USUAL_ROWS / max(1, sum(counts.values())), *shares])
    picked = [
        _spread(scores, max(1, round(share * counts[segment])))
        for segment, scores in measured.items()
    ]
    return UsualScores.of(np.concatenate([np.empty(0, np.float32), *picked]))


def _scores(target: SearchTarget, segment: Segment, query: FloatArray) -> FloatArray:
    """Return cosines of the rows that are searched, or of a random sample of them."""
    selection = target.selections[segment]
    if segment.moments is not None and not _are_all_scored(target, segment):
        sampled = segment.sample_scores(query, selection.mask)
        if len(sampled) >= min(LEAST_SAMPLED, selection.count):
            return sampled
    scores = segment.every_score(query)
    return scores if selection.mask is None else scores[selection.mask]


def _are_all_scored(target: SearchTarget, segment: Segment) -> bool:
    """Tell whether a part of a segment is searched, and such segments are small together."""
    partly = [
        len(each)
        for each, selection in target.selections.items()
        if selection.mask is not None and each.moments is not None
    ]
    return target.selections[segment].mask is not None and sum(partly) <= target.exact_rows


def _spread(scores: FloatArray, count: int) -> FloatArray:
    """Return some of the scores, from first to last."""
    rows = np.linspace(0, len(scores) - 1, min(count, len(scores))).round().astype(np.int64)
    picked: FloatArray = scores[rows]
    return picked
