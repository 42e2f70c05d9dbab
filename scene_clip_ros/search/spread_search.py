"""Finds the best rows of many blocks with a least gap in time, scoring few rows twice.

Near in time is near in looks, so that a gap rules out most of the best rows and it is not known
beforehand how many are needed. Of each block a few of the best are taken. What is chosen from them
is the answer as soon as no row that was left out can score as high as the last one chosen; until
then the blocks of such rows are taken whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.frame_blocks import BlockView, IntArray
from scene_clip_ros.core.frame_query import FrameFilter, spread_hits
from scene_clip_ros.core.side_by_side import side_by_side
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.search.row_scores import best_rows, single_thread

_TAKEN_PER_HIT = 8
_LEAST_TAKEN = 64


@dataclass(frozen=True, slots=True)
class SpreadRows:
    """Chosen rows, best first.

    Attributes:
        blocks: ``(K,)`` int64: index of each row's block.
        rows: ``(K,)`` int64: its place in the block.
        scores: ``(K,)`` float64: its cosine, in [-1, 1].
        best: Highest cosine of any row of any block, whether it may be chosen or not; -1 without
            rows.
    """

    blocks: IntArray
    rows: IntArray
    scores: Float64Array
    best: float


@dataclass(frozen=True, slots=True)
class _TakenRows:
    """Some of the best rows of a block.

    Attributes:
        rows: ``(M,)`` int64, ascending.
        scores: ``(M,)`` float64, in [-1, 1].
        floor: What no other row of the block scores higher than; -inf if there is none.
    """

    rows: IntArray
    scores: Float64Array
    floor: float


def find_spread(
    blocks: Sequence[BlockView], query: FloatArray, frame_filter: FrameFilter
) -> SpreadRows:
    """Find the best rows, none close in time to a better one of its camera.

    Args:
        blocks: All rows that may be chosen.
        query: ``(D,)`` float32, unit length.
        frame_filter: Its ``min_score``, ``min_gap_s`` and ``top_k`` count here.

    Returns:
        What `spread_hits` chooses from all rows that score at least ``min_score``. Of rows with
        equal scores, the one of the earlier block, then the earlier row is the better.
    """
    first = frame_filter.top_k + 1
    if frame_filter.min_gap_s > 0:
        first = max(_LEAST_TAKEN, _TAKEN_PER_HIT * frame_filter.top_k)
    # One core reads memory at half the rate of two, and scoring rows is little else.
    taken = side_by_side(lambda block: _take(block, query, first), blocks)
    while True:
        chosen = _choose(blocks, taken, frame_filter)
        is_complete = len(chosen.rows) == frame_filter.top_k
        needed = float(chosen.scores[-1]) if is_complete else frame_filter.min_score
        hidden = [index for index, rows in enumerate(taken) if rows.floor >= needed]
        if not hidden:
            return chosen
        for index in hidden:
            taken[index] = _take(blocks[index], query, len(blocks[index]))


def _take(block: BlockView, query: FloatArray, count: int) -> _TakenRows:
    with single_thread():
        rows, raw_scores = best_rows(block.embeddings, query, count)
    scores = np.clip(raw_scores.astype(np.float64), -1.0, 1.0)
    floor = float(scores[-1]) if len(rows) < len(block) else -np.inf
    order = np.argsort(rows)
    return _TakenRows(rows[order], scores[order], floor)


def _choose(
    blocks: Sequence[BlockView], taken: Sequence[_TakenRows], frame_filter: FrameFilter
) -> SpreadRows:
    if not blocks:
        return SpreadRows(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), best=-1.0)
    names = {block.camera: number for number, block in enumerate(blocks)}
    block_of = np.repeat(np.arange(len(blocks)), [len(part.rows) for part in taken])
    rows = np.concatenate([part.rows for part in taken])
    scores = np.concatenate([part.scores for part in taken])
    good = np.flatnonzero(scores >= frame_filter.min_score)
    chosen = good[
        spread_hits(
            np.concatenate(
                [block.stamps_ns[part.rows] for block, part in zip(blocks, taken, strict=True)]
            )[good],
            np.array([names[block.camera] for block in blocks])[block_of[good]],
            scores[good],
            top_k=frame_filter.top_k,
            min_gap_s=frame_filter.min_gap_s,
        )
    ]
    best = float(scores.max(initial=-1.0))
    return SpreadRows(block_of[chosen], rows[chosen], scores[chosen], best)
