"""Which frames of a drive are worth a look: the most typical and the most unusual ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.report.drive_records import StampArray


@dataclass(frozen=True, slots=True)
class TellingFrames:
    """Numbers of frames.

    Attributes:
        typical: Nearest to the mean of all, best first.
        unusual: Farthest from it, farthest first; none of them is typical.
    """

    typical: tuple[int, ...]
    unusual: tuple[int, ...]


def measure_typicality(embeddings: FloatArray) -> Float64Array:
    """Return how near each frame is to the mean of all.

    Args:
        embeddings: ``(N, D)`` float32, rows of unit length.

    Returns:
        ``(N,)`` float64, cosines in [-1, 1]; zeros if the rows cancel each other.
    """
    if not embeddings.size:
        return np.zeros(len(embeddings))
    mean = embeddings.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(mean)
    if not length:
        return np.zeros(len(embeddings))
    cosines = embeddings @ np.asarray(mean / length, np.float32)
    return np.clip(cosines.astype(np.float64), -1, 1)


def choose_telling(typicality: Float64Array, stamps_ns: StampArray, *, count: int) -> TellingFrames:
    """Choose frames, spread in time.

    Args:
        typicality: ``(N,)`` cosines.
        stamps_ns: ``(N,)`` int64, rising.
        count: Most of each kind, ≥ 0. Of fewer than twice as many frames, the halves.
    """
    wanted = min(count, (len(stamps_ns) + 1) // 2)
    typical = pick_apart(-typicality, stamps_ns, count=wanted)
    wanted = min(count, len(stamps_ns) - len(typical))
    unusual = pick_apart(typicality, stamps_ns, count=wanted, without=typical)
    return TellingFrames(typical, unusual)


def pick_apart(
    costs: Float64Array, stamps_ns: StampArray, *, count: int, without: Collection[int] = ()
) -> tuple[int, ...]:
    """Pick the cheapest frames that are not too near to each other in time.

    They are at least half the time apart that they would be if they were spread evenly.

    Args:
        costs: ``(N,)``; of equal ones the earlier is picked.
        stamps_ns: ``(N,)`` int64, rising.
        count: Most that are picked, ≥ 0.
        without: Numbers that are not picked.

    Returns:
        Cheapest first; fewer than ``count`` where there is no room.
    """
    if not count or not len(stamps_ns):
        return ()
    apart_ns = int(stamps_ns[-1] - stamps_ns[0]) // (2 * count)
    picked: list[int] = []
    for index in np.argsort(costs, kind="stable").tolist():
        near = any(abs(int(stamps_ns[index] - stamps_ns[i])) < apart_ns for i in picked)
        if index not in without and not near:
            picked.append(index)
        if len(picked) == count:
            break
    return tuple(picked)


def pick_evenly(stamps_ns: StampArray, *, count: int) -> tuple[int, ...]:
    """Pick frames at even times, each once; all of them if there are no more.

    Args:
        stamps_ns: ``(N,)`` int64, rising.
        count: Most that are picked, ≥ 1.

    Returns:
        In order of time.
    """
    if len(stamps_ns) <= count:
        return tuple(range(len(stamps_ns)))
    span_ns = int(stamps_ns[-1] - stamps_ns[0])
    middles_ns = [int(stamps_ns[0]) + span_ns * (2 * i + 1) // (2 * count) for i in range(count)]
    return tuple(sorted({int(np.abs(stamps_ns - middle).argmin()) for middle in middles_ns}))
