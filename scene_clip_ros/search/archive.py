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
from scene_clip_ros.core.standing_out import UsualScores
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_records import (
    LOCK_NAME,
    MANIFEST_NAME,
    SEGMENTS_NAME,
    ArchiveFormatError,
    Manifest,
    read_header,
    read_manifest,
    segment_names,
)
from scene_clip_ros.search.archive_search import (
    ArchiveFilter,
    ArchiveHit,
    SearchTarget,
    SegmentDamagedError,
    ask_segments,
    search_segments,
)
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.archive_streams import Streams
from scene_clip_ros.search.moments import Moments
from scene_clip_ros.search.segment_index import ROWS_PER_SAMPLE

__all__ = ["Archive", "ArchiveHit"]

THREADS = 2
"""Segments that are read at the same time."""

LEAST_LENGTH = 1e-6
"""Of the mean of some unit vectors; below it, they cancel out."""

Answer = TypeVar("Answer")


class Archive:
    """An archive of frames, opened to be searched; embeddings stay on the disk.

    It shows what was finished when it was opened, whatever a writer adds meanwhile. Searches may
    come from any thread; they run one after the other.
    """

    def __init__(self, path: Path, manifest: Manifest, *, problems: Sequence[str]) -> None:
        """Open the segments of an archive; use `open`.

        Args:
            path: The archive.
            manifest: What it is.
            problems: What is known to be wrong with it.
        """
        self._manifest = manifest
        self._problems = list(problems)
        self._lock = Lock()
        self._executor = ThreadPoolExecutor(THREADS, "archive", _read_alone)
        folders = [path / SEGMENTS_NAME / name for name in segment_names(path)]
        opened = list(self._executor.map(self._open_segment, folders))
        self._problems += [str(each) for each in opened if isinstance(each, ArchiveError)]
        self._use(tuple(each for each in opened if isinstance(each, Segment)))

    @classmethod
    def open(cls, path: Path | str, *, model_id: str | None = None) -> Archive:
        """Open an archive.

        Args:
            path: The archive, a folder.
            model_id: Model that makes the queries; None: not known yet.

        Raises:
            ArchiveError: There is no archive, it is of another format, or its embeddings are
                another model's.
        """
        path = Path(path)
        manifest, problems = _identify(path)
        model_id = manifest.model_id if model_id is None else model_id
        if manifest.model_id not in ("", model_id):
            message = (
                f"{path}: expected a search with its own model {manifest.model_id}, "
                f"got one with {model_id}"
            )
            raise ArchiveError(message)
        return cls(path, manifest, problems=problems)

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

    def __len__(self) -> int:
        """Return how many frames can be found."""
        return sum(len(segment) for segment in self._segments)

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
            ArchiveError: The queries are not of the archive's size, or have no mean direction.
        """
        wanted = ArchiveFilter(top_k, min_score, min_gap_s, tuple(sources), tuple(cameras))
        query = merge_queries(queries, dim=self.dim)
        return self._answer(lambda target: search_segments(target, query, wanted), nothing=[])

    def usual_scores(self, queries: FloatArray) -> UsualScores:
        """Return what a query scores on frames that were not chosen for it; see `search`.

        Every frame of a small archive is measured, a random sample of a large one.

        Raises:
            ArchiveError: The queries are not of the archive's size, or have no mean direction.
        """
        query = merge_queries(queries, dim=self.dim)
        return self._answer(
            lambda target: _measure_usual(target, query), nothing=UsualScores.of(np.empty(0))
        )

    def verify(self) -> tuple[str, ...]:
        """Read every embedding, leave out the segments that are damaged, return ``problems``."""
        self._answer(_check_all, nothing=None)
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

    def _open_segment(self, folder: Path) -> Segment | ArchiveError:
        try:
            return Segment(folder, archive=self._manifest)
        except ArchiveError as err:
            return err

    def _use(self, segments: tuple[Segment, ...]) -> None:
        """Search these segments from now on."""
        self._segments = segments
        self._streams = Streams(segments)
        self._moments: Moments | None = None
        for packed in (segment.moments for segment in segments):
            if packed is not None:
                kept = packed.unpack()
                self._moments = kept if self._moments is None else self._moments + kept

    def _answer(self, ask: Callable[[SearchTarget], Answer], *, nothing: Answer) -> Answer:
        """Ask the segments, without those that turn out to be damaged."""
        with self._lock:
            while self._segments:
                target = SearchTarget(self._segments, self._streams, self._moments, self._executor)
                try:
                    return ask(target)
                except SegmentDamagedError as err:
                    self._problems.append(str(err))
                    self._use(tuple(each for each in self._segments if each is not err.segment))
            return nothing


def merge_queries(queries: FloatArray, *, dim: int) -> FloatArray:
    """Return the direction of the mean of ``(Q, D)`` queries, ``(1, D)`` float32, unit length.

    Args:
        queries: Q ≥ 1.
        dim: What D should be; 0: any.

    Raises:
        ArchiveError: The queries are of another size, or have no mean direction.
    """
    if queries.ndim != 2 or len(queries) == 0 or dim not in (0, queries.shape[1]):
        message = f"expected queries of shape (Q, {dim}), got {queries.shape}"
        raise ArchiveError(message)
    mean = queries.mean(axis=0, keepdims=True, dtype=np.float64)
    length = float(np.linalg.norm(mean))
    if not length > LEAST_LENGTH:
        message = f"expected queries with a mean direction, got a mean of length {length:g}"
        raise ArchiveError(message)
    direction: FloatArray = (mean / length).astype(np.float32)
    return direction


def _identify(path: Path) -> tuple[Manifest, list[str]]:
    """Return what an archive is, from its manifest or else from a segment, and what is wrong.

    Raises:
        ArchiveError: There is no archive, or it is of another format.
    """
    names = segment_names(path)
    try:
        manifest = read_manifest(path)
    except ArchiveFormatError:
        raise
    except ArchiveError as err:
        if not names and not (path / LOCK_NAME).exists():
            message = f"{path}: expected an archive, got {_describe(path)}"
            raise ArchiveError(message) from err
        return _told_by_segments(path, names), [str(err)]
    missing = [name for name in manifest.segments if name not in names]
    folder = path / SEGMENTS_NAME
    return manifest, [f"{folder / name}: expected a segment, got none" for name in missing]


def _told_by_segments(path: Path, names: Sequence[str]) -> Manifest:
    """Return what the first whole header says; of no model and size 0 if there is none."""
    for name in names:
        try:
            header = read_header(path / SEGMENTS_NAME / name)
        except ArchiveError:
            continue
        return Manifest(header.model_id, header.dim)
    return Manifest("", 0)


def _describe(path: Path) -> str:
    if not path.exists():
        return "nothing of that name"
    return f"a folder without {MANIFEST_NAME}" if path.is_dir() else "a file"


def _measure_usual(target: SearchTarget, query: FloatArray) -> UsualScores:
    is_large = target.moments is not None

    def measure(segment: Segment) -> FloatArray:
        if segment.moments is not None:
            sampled: FloatArray = segment.sample.astype(np.float32) @ query[0]
            return sampled
        return segment.every_score(query)[:: ROWS_PER_SAMPLE if is_large else 1]

    measured = ask_segments(target, target.segments, measure)
    return UsualScores.of(np.concatenate(list(measured.values())))


def _check_all(target: SearchTarget) -> None:
    ask_segments(target, target.segments, Segment.check)


def _read_alone() -> None:
    """Keep FAISS from starting further threads in this one."""
    faiss.omp_set_num_threads(1)
