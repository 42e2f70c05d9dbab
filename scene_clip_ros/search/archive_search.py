"""Finds the best frames over the segments of an archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.frame_query import MAX_SPAN_S, MAX_TOP_K, spread_hits
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_segment import Candidates, Segment
from scene_clip_ros.search.archive_streams import Streams
from scene_clip_ros.search.moments import Moments, ScoreMoments, pool_scores

SAME_FRAME_S = 1e-9
"""A frame that is in an archive twice, because a damaged segment was made anew, counts once."""

NEIGHBOURS = 16
"""Candidates first fetched per hit, if hits must lie apart in time."""

GROWTH = 8
"""How many times more candidates are fetched if too few hits are left of them."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ArchiveFilter:
    """What is asked of the hits of a query.

    Attributes:
        top_k: Most hits, in [1, 4294967295].
        min_score: Least cosine of a hit, in [-1, 1].
        min_gap_s: Least time between hits of one camera of one source, seconds in [0, 1e9].
        sources: Paths of the sources searched; empty: all.
        cameras: Names of the cameras searched; empty: all.
    """

    top_k: int = 10
    min_score: float = -1.0
    min_gap_s: float = 0.0
    sources: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        require_whole_in_range("top_k", self.top_k, (1, MAX_TOP_K))
        require_in_range("min_score", self.min_score, (-1.0, 1.0))
        require_in_range("min_gap_s", self.min_gap_s, (0.0, MAX_SPAN_S))


@dataclass(frozen=True, slots=True)
class ArchiveHit:
    """One frame that answers a query.

    Attributes:
        source: Path of the recording, as it was indexed.
        camera: Name of the camera.
        stamp_ns: Nanoseconds, the camera's clock.
        score: Cosine of frame and query, in [-1, 1].
        z: Deviations by which ``score`` lies above the average of all frames of the archive.
    """

    source: str
    camera: str
    stamp_ns: int
    score: float
    z: float


class SegmentDamagedError(ArchiveError):
    """A segment turned out to be damaged while it was read."""

    def __init__(self, segment: Segment, reason: str) -> None:
        super().__init__(reason)
        self.segment = segment


@dataclass(frozen=True, slots=True)
class SearchTarget:
    """What is searched.

    Attributes:
        segments: Whole ones, at least one.
        streams: Of their rows.
        moments: Of all segments that keep their moments, together; None if there are none.
        executor: Reads segments, some at once.
    """

    segments: tuple[Segment, ...]
    streams: Streams
    moments: Moments | None
    executor: Executor


def search_segments(
    target: SearchTarget, query: FloatArray, wanted: ArchiveFilter
) -> list[ArchiveHit]:
    """Find the best frames.

    More candidates are fetched until there are enough hits, in the end all frames.

    Args:
        target: What is searched.
        query: ``(1, D)`` float32, unit length.
        wanted: What is asked of the hits.

    Returns:
        Best first; fewer than ``top_k`` if no more qualify.

    Raises:
        SegmentDamagedError: A segment turned out to be damaged; nothing is known of the others.
        ParameterError: There is no such source or camera.
    """
    allowed = target.streams.allow(wanted.sources, wanted.cameras)
    count = wanted.top_k * (NEIGHBOURS if wanted.min_gap_s else 1)

    def read(segment: Segment) -> Candidates:
        selected = target.streams.select(segment, allowed)
        return segment.candidates(query, count=count, selected=selected)

    found = ask_segments(target, target.segments, read)
    moments = _all_moments(target, found, query)
    while True:
        hits = _choose(target, found, wanted, moments=moments)
        lacking = [each for each in found if found[each].may_lack(wanted.min_score)]
        if len(hits) == wanted.top_k or not lacking:
            return hits
        count *= GROWTH
        found |= ask_segments(target, lacking, read)


def ask_segments(
    target: SearchTarget, segments: Sequence[Segment], ask: Callable[[Segment], Answer]
) -> dict[Segment, Answer]:
    """Ask segments, some at the same time.

    Raises:
        SegmentDamagedError: One turned out to be damaged.
    """
    running = {segment: target.executor.submit(ask, segment) for segment in segments}
    return {segment: _result(segment, future) for segment, future in running.items()}


def _result(segment: Segment, future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except ArchiveError as err:
        raise SegmentDamagedError(segment, str(err)) from err


def _all_moments(
    target: SearchTarget, found: dict[Segment, Candidates], query: FloatArray
) -> ScoreMoments:
    """Return the moments of a query's cosines over all frames."""
    parts = [each.moments for each in found.values() if each.moments is not None]
    if target.moments is not None:
        parts.append(target.moments.of_scores(query[0]))
    return pool_scores(parts)


def _choose(
    target: SearchTarget,
    found: dict[Segment, Candidates],
    wanted: ArchiveFilter,
    *,
    moments: ScoreMoments,
) -> list[ArchiveHit]:
    """Return the best hits of those candidates above which no frame is unseen."""
    floor = max([wanted.min_score, *(each.unseen_score for each in found.values())])
    stamps_ns, streams, scores = _gather(target, found, floor=floor)
    gap_s = max(wanted.min_gap_s, SAME_FRAME_S)
    chosen = spread_hits(stamps_ns, streams, scores, top_k=wanted.top_k, min_gap_s=gap_s)
    hits = []
    for row in chosen.tolist():
        stream = target.streams.stream(int(streams[row]))
        score = float(scores[row])
        hits.append(
            ArchiveHit(
                stream.source, stream.camera, int(stamps_ns[row]), score, moments.z_of(score)
            )
        )
    return hits


def _gather(
    target: SearchTarget, found: dict[Segment, Candidates], *, floor: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return stamps, streams and scores, ``(K,)`` each, of candidates of at least some score."""
    stamps_ns, streams, scores = [], [], []
    for segment, candidates in found.items():
        good = candidates.scores >= floor
        numbers = candidates.numbers[good]
        stamps_ns.append(segment.frames.stamps_ns[numbers])
        streams.append(target.streams.rows(segment)[numbers])
        scores.append(candidates.scores[good])
    return np.concatenate(stamps_ns), np.concatenate(streams), np.concatenate(scores)
