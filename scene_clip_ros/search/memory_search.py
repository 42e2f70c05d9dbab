"""Finds the frames of a memory that are nearest to a text or a picture, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import BlockView
from scene_clip_ros.core.frame_query import FrameFilter, FrameHit, SearchOutcome
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.prompts import pool
from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.core.standing_out import (
    MIN_LEAD,
    UnrelatedScores,
    UsualScores,
    say_nothing_is_alike,
    say_nothing_matches,
)
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.row_scores import best_rows, single_thread
from scene_clip_ros.search.spread_search import SpreadRows, find_spread

SAMPLE_ROWS = 1024
"""Frames, spread over all, that are scored to see what is usual."""


def search(
    snapshot: MemorySnapshot,
    query: FloatArray,
    frame_filter: FrameFilter,
    *,
    unrelated: FloatArray | None = None,
    min_lead: float = MIN_LEAD,
) -> SearchOutcome:
    """Find the frames that are nearest to a query.

    Args:
        snapshot: What is searched.
        query: ``(Q, D)`` float32, Q ≥ 1, of unit length: phrasings or pictures of one thing, which
            are averaged; or ``(D,)``.
        frame_filter: Which frames may be hits, and how many.
        unrelated: ``(T, D)`` float32, T ≥ 1, of unit length: texts about something else; None if
            the query is of pictures. See `scene_clip_ros.core.standing_out`.
        min_lead: How far the best hit must be above them to be a match, in deviations; at -inf
            every one is.

    Raises:
        ParameterError: The query, or a text about something else, is of another size.
        VocabularyError: The vectors of the query have no common direction, see `pool`.
    """
    direction = _direction(query, snapshot.dim)
    sums = snapshot.sum_cosines(direction, frame_filter.cameras)
    blocks = _blocks_of_cameras(snapshot, frame_filter)
    eligible = [each for each in _in_time(blocks, snapshot, frame_filter) if len(each)]
    found = find_spread(eligible, direction, frame_filter)
    searched = sum(len(block) for block in eligible)
    hits = _to_hits(eligible, found, sums)
    if not hits:
        message = _say_why_none(frame_filter, kept=sums.count, searched=searched, best=found.best)
    elif unrelated is None:
        message = say_nothing_is_alike(hits[0].score, _measure_usual(blocks, direction))
    else:
        best = eligible[found.blocks[0]].embeddings[found.rows[0]].astype(np.float32)
        others = UnrelatedScores.of(_same_size(unrelated, snapshot.dim) @ best)
        own = float((_same_size(query, snapshot.dim) @ best).mean())
        message = say_nothing_matches(own, others, min_lead=min_lead)
    return SearchOutcome(hits, searched, sums.mean, sums.deviation, message)


def _direction(query: FloatArray, dim: int) -> FloatArray:
    return pool(_same_size(query, dim))


def _same_size(query: FloatArray, dim: int) -> FloatArray:
    rows = np.atleast_2d(query)
    if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != dim:
        message = f"query: expected vectors of shape (Q, {dim}), got {query.shape}"
        raise ParameterError(message)
    return rows


def _blocks_of_cameras(snapshot: MemorySnapshot, frame_filter: FrameFilter) -> list[BlockView]:
    cameras = frame_filter.cameras
    return [block for block in snapshot.blocks if not cameras or block.camera in cameras]


def _in_time(
    blocks: Sequence[BlockView], snapshot: MemorySnapshot, frame_filter: FrameFilter
) -> list[BlockView]:
    return [
        block.between(*frame_filter.span_ns(snapshot.clocks_ns[block.camera])) for block in blocks
    ]


def _measure_usual(blocks: Sequence[BlockView], query: FloatArray) -> UsualScores:
    """Score every n-th frame of the blocks."""
    step = max(1, -(-sum(len(block) for block in blocks) // SAMPLE_ROWS))
    rows = [block.embeddings[::step] for block in blocks]
    if not rows:
        return UsualScores.of(np.empty(0))
    sample = np.concatenate(rows)
    with single_thread():
        return UsualScores.of(best_rows(sample, query, len(sample))[1])


def _to_hits(
    blocks: Sequence[BlockView], found: SpreadRows, sums: CosineSums
) -> tuple[FrameHit, ...]:
    return tuple(
        FrameHit(score, sums.z_of(score), blocks[block].frame(row))
        for block, row, score in zip(
            found.blocks.tolist(), found.rows.tolist(), found.scores.tolist(), strict=True
        )
    )


def _say_why_none(frame_filter: FrameFilter, *, kept: int, searched: int, best: float) -> str:
    whose = f" of {', '.join(frame_filter.cameras)}" if frame_filter.cameras else ""
    if not kept:
        return f"no frame{whose} is in memory"
    if not searched:
        return f"none of the {kept} frames{whose} in memory is of the time asked for"
    return (
        f"nothing matches: the best of {searched} frames{whose} scores {best:.3f}, "
        f"less than the {frame_filter.min_score:g} asked for"
    )
