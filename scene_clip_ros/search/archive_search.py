"""Finds the best frames over the segments of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.frame_query import MAX_SPAN_S, MAX_TOP_K, spread_hits
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_scores import add_up
from scene_clip_ros.search.archive_segment import Candidates, Segment
from scene_clip_ros.search.archive_target import SearchTarget

SAME_FRAME_S = 1e-9
"""A frame that is in an archive twice, because a damaged segment was made anew, counts once."""

NEIGHBOURS = 16
"""Candidates first fetched per hit, if hits must lie apart in time."""

GROWTH = 8
"""How many times more candidates are fetched if too few hits are left of them."""


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


class Place(NamedTuple):
    """Where a frame is kept: the name of its segment, and its row there."""

    segment: str
    row: int


@dataclass(frozen=True, slots=True)
class ArchiveHit:
    """One frame that answers a query.

    Attributes:
        source: Path of the recording, as it was indexed.
        camera: Name of the camera.
        stamp_ns: Nanoseconds, the camera's clock.
        score: Cosine of frame and query, in [-1, 1].
        z: Deviations by which ``score`` lies above the average of all frames that were searched,
            those of the cameras and recordings asked for.
        place: Where the archive keeps it; says nothing to others.
    """

    source: str
    camera: str
    stamp_ns: int
    score: float
    z: float
    place: Place


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Rows of several segments.

    Attributes:
        stamps_ns: ``(K,)`` int64, nanoseconds.
        streams: ``(K,)`` int64, numbers of their streams.
        scores: ``(K,)`` float32, cosines.
        segments: ``(K,)`` int64, places of their segments among those searched.
        rows: ``(K,)`` int64, their rows there.
    """

    stamps_ns: IntArray
    streams: IntArray
    scores: FloatArray
    segments: IntArray
    rows: IntArray

    def take(self, chosen: IntArray) -> _Chosen:
        """Return some of the rows."""
        return _Chosen(*(getattr(self, field.name)[chosen] for field in fields(self)))


def search_segments(
    target: SearchTarget, query: FloatArray, wanted: ArchiveFilter
) -> list[ArchiveHit]:
    """Find the best frames.

    Of each segment a few candidates are fetched. What is chosen from them is the answer as soon as
    no row that was left out can score as high as the last one chosen; until then more candidates
    are fetched of the segments of such rows, in the end all frames.

    Args:
        target: What is searched.
        query: ``(1, D)`` float32, unit length.
        wanted: What is asked of the hits.

    Returns:
        Best first; fewer than ``top_k`` if no more qualify.

    Raises:
        SegmentDamagedError: A segment turned out to be damaged; nothing is known of the others.
    """
    first = wanted.top_k * (NEIGHBOURS if wanted.min_gap_s else 1)
    counts = dict.fromkeys(target.selections, first)

    def read(segment: Segment) -> Candidates:
        mask = target.selections[segment].mask
        return segment.candidates(query, count=counts[segment], selected=mask)

    found = target.ask(read)
    known = {each: part.sums for each, part in found.items() if part.sums is not None}
    while True:
        chosen = _choose(target, found, wanted)
        lacking = _lacking(found, chosen, wanted)
        if not lacking:
            return _to_hits(target, list(found), chosen, add_up(target, query, known=known))
        counts |= {segment: GROWTH * counts[segment] for segment in lacking}
        found |= target.ask(read, lacking)


def _lacking(
    found: dict[Segment, Candidates], chosen: _Chosen, wanted: ArchiveFilter
) -> list[Segment]:
    """Return the segments with rows that were left out and may belong to the answer."""
    if len(chosen.scores) == wanted.top_k:
        last = chosen.scores[-1]
        return [segment for segment, part in found.items() if part.unseen_score > last]
    return [segment for segment, part in found.items() if part.may_lack(wanted.min_score)]


def _choose(
    target: SearchTarget, found: dict[Segment, Candidates], wanted: ArchiveFilter
) -> _Chosen:
    """Return the best hits among candidates."""
    parts = []
    for place, (segment, candidates) in enumerate(found.items()):
        good = candidates.scores >= wanted.min_score
        rows = candidates.numbers[good]
        stamps_ns = segment.frames.stamps_ns[rows]
        streams = target.streams.rows(segment)[rows]
        segments = np.full(len(rows), place, np.int64)
        parts.append((stamps_ns, streams, candidates.scores[good], segments, rows))
    every = _Chosen(*map(np.concatenate, zip(*parts, strict=True)))
    chosen = spread_hits(
        every.stamps_ns,
        every.streams,
        every.scores,
        top_k=wanted.top_k,
        min_gap_s=max(wanted.min_gap_s, SAME_FRAME_S),
    )
    return every.take(chosen)


def _to_hits(
    target: SearchTarget, segments: Sequence[Segment], chosen: _Chosen, sums: CosineSums
) -> list[ArchiveHit]:
    hits = []
    for stamp_ns, number, score, segment, row in zip(
        chosen.stamps_ns.tolist(),
        chosen.streams.tolist(),
        chosen.scores.tolist(),
        chosen.segments.tolist(),
        chosen.rows.tolist(),
        strict=True,
    ):
        stream, place = target.streams.stream(number), Place(segments[segment].name, row)
        z = sums.z_of(score)
        hits.append(ArchiveHit(stream.source, stream.camera, stamp_ns, score, z, place))
    return hits
