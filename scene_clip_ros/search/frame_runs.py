"""Numbers of frames, as runs of neighbours: which frames of a recording are there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray

Run = tuple[int, int]
"""First number, and one behind the last one; never empty."""

Runs = tuple[Run, ...]
"""Ascending, with gaps between them."""


def runs_of(numbers: IntArray) -> Runs:
    """Return the runs of ``(N,)`` numbers ≥ 0 in any order; N may be 0."""
    ordered = np.unique(numbers)
    breaks = np.flatnonzero(np.diff(ordered) > 1) + 1
    parts = np.split(ordered, breaks) if len(ordered) else []
    return tuple((int(part[0]), int(part[-1]) + 1) for part in parts)


def join_runs(runs: Iterable[Run]) -> Runs:
    """Return what is in any of some runs, which may come in any order and overlap."""
    joined: list[Run] = []
    for first, stop in sorted(runs):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((first, stop))
    return tuple(joined)


def count_frames(runs: Runs) -> int:
    """Return how many numbers are in runs."""
    return sum(stop - first for first, stop in runs)


def holds_frame(runs: Sequence[Run], number: int) -> bool:
    """Tell whether a number is in runs."""
    place = bisect_right(runs, number, key=_first) - 1
    return place >= 0 and number < runs[place][1]


def next_number(runs: Runs) -> int:
    """Return the number behind the last one; 0 without runs."""
    return runs[-1][1] if runs else 0


def _first(run: Run) -> int:
    return run[0]
