"""Opens an archive of frames and searches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TypeVar

import faiss
import numpy as np

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.prompts import pool
from scene_clip_ros.core.standing_out import UsualScores
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_opening import open_archive
from scene_clip_ros.search.archive_records import least_recall
from scene_clip_ros.search.archive_scores import measure_usual
from scene_clip_ros.search.archive_search import ArchiveFilter, ArchiveHit, search_segments
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.archive_streams import Streams
from scene_clip_ros.search.archive_target import SearchTarget, SegmentDamagedError

__all__ = ["Archive", "ArchiveHit"]

THREADS = 2
"""Segments that are read at the same time."""

EXACT_ROWS = 131_072
"""Frames that are scored within some 50 ms."""

Answer = TypeVar("Answer")


class Archive:
    """An archive of frames, opened to be searched; embeddings stay on the disk.

    It shows what was finished when it was opened, whatever a writer adds meanwhile. Searches may
    come from any thread; they run one after the other.
    """

    def __init__(
        self, path: Path | str, *, model_id: str | None = None, exact_rows: int = EXACT_ROWS
    ) -> None:
        """Open an archive; see `open`."""
        self._lock = Lock()
        self._executor = ThreadPoolExecutor(THREADS, "archive", _read_alone)
        self._exact_rows = exact_rows
        try:
            opened = open_archive(Path(path), model_id=model_id, executor=self._executor)
        except BaseException:
            self.close()
            raise
        self._manifest = opened.manifest
        self._problems = list(opened.problems)
        self._use(opened.segments)
        self._opened = self._streams

    @classmethod
    def open(
        cls, path: Path | str, *, model_id: str | None = None, exact_rows: int = EXACT_ROWS
    ) -> Archive:
        """Open an archive.

        Args:
            path: The archive, a folder.
            model_id: Model that makes the queries; None: not known yet.
            exact_rows: Frames at most that are scored only for the z and the usual scores, if a
                part of the archive is searched; of more, a sample is.

        Raises:
            ArchiveError: There is no archive, it is of another format, or its embeddings are
                another model's.
        """
        return cls(path, model_id=model_id, exact_rows=exact_rows)

    @property
    def model_id(self) -> str:
        """Model whose embeddings it holds; empty if nothing was ever added."""
        return self._manifest.model_id

    @property
    def dim(self) -> int:
        """Length D of an embedding."""
        return self._manifest.dim

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged or missing, in words that name the file; its frames are left out."""
        return tuple(self._problems)

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the recordings, in the order in which they were added."""
        return self._streams.sources

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras, sorted."""
        return self._streams.cameras

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The whole ones, in the order in which they were written."""
        return self._segments

    @property
    def recall_at_10(self) -> float:
        """Least share of the ten best frames that a search of a segment finds, as measured."""
        return least_recall(segment.header for segment in self._segments)

    def __len__(self) -> int:
        """Return how many frames can be found, without those of files that have changed since."""
        selections = self._streams.select_all(self._segments, self._streams.allow())
        return sum(selection.count for selection in selections.values())

    def search(
        self,
        queries: FloatArray,
        *,
        top_k: int = 10,
        min_score: float = -1.0,
        min_gap_s: float = 0.0,
        sources: Sequence[str] = (),
        cameras: Sequence[str] = (),
    ) -> list[ArchiveHit]:
        """Find the frames that fit a query best.

        Args:
            queries: ``(Q, D)`` float32 unit vectors, Q ≥ 1; of several, their mean is looked for.
            top_k: Most hits, in [1, 4294967295].
            min_score: Least cosine of a hit, in [-1, 1].
            min_gap_s: Least time between hits of one camera of one source, seconds in [0, 1e9].
            sources: Paths of the recordings searched; none: all.
            cameras: Names of the cameras searched; none: all.

        Returns:
            Best first; fewer than ``top_k`` if no more qualify. Segments that turn out to be
            damaged are added to ``problems`` and left out.

        Raises:
            ParameterError: A setting is outside its range, or names no recording or camera.
            ArchiveError: The queries are not of the archive's size.
            VocabularyError: The queries have no common direction.
        """
        wanted = ArchiveFilter(top_k, min_score, min_gap_s, tuple(sources), tuple(cameras))
        query = merge_queries(queries, dim=self.dim)
        return self._answer(
            lambda target: search_segments(target, query, wanted), wanted, nothing=[]
        )

    def usual_scores(
        self, queries: FloatArray, *, sources: Sequence[str] = (), cameras: Sequence[str] = ()
    ) -> UsualScores:
        """Return what a query scores on frames that were not chosen for it.

        Every frame of a small archive is measured, a random sample of a large one.

        Args:
            queries: See `search`.
            sources: Paths of the recordings measured; none: all.
            cameras: Names of the cameras measured; none: all.

        Raises:
            ParameterError: There is no such recording or camera.
            ArchiveError: The queries are not of the archive's size.
            VocabularyError: The queries have no common direction.
        """
        wanted = ArchiveFilter(sources=tuple(sources), cameras=tuple(cameras))
        query = merge_queries(queries, dim=self.dim)
        return self._answer(
            lambda target: measure_usual(target, query),
            wanted,
            nothing=UsualScores.of(np.empty(0)),
        )

    def frame_scores(self, hit: ArchiveHit, queries: FloatArray) -> FloatArray:
        """Return what the frame of a hit scores with other queries.

        Args:
            hit: Of `search`.
            queries: ``(Q, D)`` float32 unit vectors, Q ≥ 1.

        Returns:
            ``(Q,)`` float32 cosines; none if the frame was lost to damage meanwhile.

        Raises:
            ArchiveError: The queries are not of the archive's size.
        """
        check_queries(queries, dim=self.dim)
        with self._lock:
            for segment in self._segments:
                if segment.name == hit.place.segment:
                    return self._score_row(segment, hit.place.row, queries)
        return np.empty(0, np.float32)

    def _score_row(self, segment: Segment, row: int, queries: FloatArray) -> FloatArray:
        try:
            return segment.row_scores(row, queries)
        except ArchiveError as err:
            self._drop(segment, str(err))
            return np.empty(0, np.float32)

    def verify(self) -> tuple[str, ...]:
        """Read every embedding, leave out the segments that are damaged, return ``problems``."""
        with self._lock:
            reasons = list(self._executor.map(_find_damage, self._segments))
            self._problems += [reason for reason in reasons if reason]
            pairs = zip(self._segments, reasons, strict=True)
            self._use(tuple(segment for segment, reason in pairs if not reason))
        return self.problems

    def close(self) -> None:
        """End the threads; may be called again."""
        self._executor.shutdown()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _use(self, segments: tuple[Segment, ...]) -> None:
        """Search these segments from now on."""
        self._segments = segments
        self._streams = Streams(segments)

    def _drop(self, segment: Segment, problem: str) -> None:
        """Search without a segment from now on."""
        self._problems.append(problem)
        self._use(tuple(each for each in self._segments if each is not segment))

    def _answer(
        self, ask: Callable[[SearchTarget], Answer], wanted: ArchiveFilter, *, nothing: Answer
    ) -> Answer:
        """Ask the segments, without those that turn out to be damaged."""
        with self._lock:
            self._opened.check(wanted.sources, wanted.cameras)
            while True:
                allowed = self._streams.allow(wanted.sources, wanted.cameras)
                selections = self._streams.select_all(self._segments, allowed)
                if not selections:
                    return nothing
                try:
                    return ask(
                        SearchTarget(selections, self._streams, self._executor, self._exact_rows)
                    )
                except SegmentDamagedError as err:
                    self._drop(err.segment, str(err))


def merge_queries(queries: FloatArray, *, dim: int) -> FloatArray:
    """Return the direction of the mean of ``(Q, D)`` queries, ``(1, D)`` float32, unit length.

    Args:
        queries: Q ≥ 1.
        dim: What D should be; 0: any.

    Raises:
        ArchiveError: The queries are of another size.
        VocabularyError: They have no common direction.
    """
    check_queries(queries, dim=dim)
    return pool(queries)[np.newaxis]


def check_queries(queries: FloatArray, *, dim: int) -> None:
    """Refuse what are no ``(Q, D)`` queries, Q ≥ 1; ``dim`` of 0 stands for any D.

    Raises:
        ArchiveError: The queries are of another size.
    """
    if queries.ndim != 2 or len(queries) == 0 or dim not in (0, queries.shape[1]):
        message = f"expected queries of shape (Q, {dim}), got {queries.shape}"
        raise ArchiveError(message)


def _find_damage(segment: Segment) -> str:
    """Return what is wrong with a segment's embeddings; empty if nothing is."""
    try:
        segment.check()
    except ArchiveError as err:
        return str(err)
    return ""


def _read_alone() -> None:
    """Keep FAISS from starting further threads in this one."""
    faiss.omp_set_num_threads(1)
