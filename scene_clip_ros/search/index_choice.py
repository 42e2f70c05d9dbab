"""Chooses the index of a segment by its size: exact, or lists of which a search reads a few.

Both keep embeddings in fp16 and compare them exactly. Lists (an inverted file over k-means
clusters, FAISS's IVF with its fp16 scalar quantizer) are read best first; how many is chosen so
that the measured recall reaches its goal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray

EXACT_ROWS = 4096
"""Segments with fewer rows are searched exactly, in well under a millisecond."""

RECALL_DEPTH = 10
RECALL_GOAL = 0.98
"""Measured recall@10 that a segment is built for; above the 0.95 that is promised of any query."""

MIN_PROBES = 8
"""Lists read at least, for queries that are unlike the measured ones."""


@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """How many lists a search reads, and the recall@10 in [0, 1] measured with that many."""

    probes: int
    recall: float


def choose_lists(rows: int) -> int:
    """Return how many lists a segment of so many rows is split into; 1: it is searched exactly."""
    return 1 if rows < EXACT_ROWS else round(math.sqrt(rows))


def choose_probes(ranks: Sequence[IntArray], lists: int, *, goal: float) -> ProbeChoice:
    """Choose the fewest lists with which every kind of query reaches a recall.

    Args:
        ranks: Per kind of query, ``(Q, K)`` int64: for each of the K truly best rows, how many
            lists are read before the one that has it, in [0, lists).
        lists: How many there are.
        goal: Least recall of each kind of query, in [0, 1].
    """
    found = [np.cumsum(np.bincount(kind.ravel(), minlength=lists)) / kind.size for kind in ranks]
    recall = np.min(found, axis=0)
    enough = int(np.argmax(recall >= goal)) + 1
    probes = min(lists, max(enough, MIN_PROBES))
    return ProbeChoice(probes, float(recall[probes - 1]))
