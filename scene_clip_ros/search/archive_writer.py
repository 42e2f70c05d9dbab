"""Adds recordings to an archive, so that a kill at any moment loses nothing that was finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.ranges import require_whole_in_range
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.search.archive_folder import ArchiveFolder
from scene_clip_ros.search.archive_records import MAX_DIM, MAX_SEGMENT_ROWS, SourceKey
from scene_clip_ros.search.segment_rows import PendingRows, RowPart, SegmentContent

LENGTH_TOLERANCE = 0.01
"""How far the length of an embedding may be from 1."""


class ArchiveWriter:
    """The one writer of an archive, from when it is made until it is closed or its process ends.

    Rows are on the disk for good when their source is finished, when there are more than fit into
    a segment, and when the writer is flushed or closed. Small segments are merged with what comes
    after them; a large one is never written again.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        model_id: str,
        dim: int,
        segment_rows: int = MAX_SEGMENT_ROWS,
        verify: bool = False,
    ) -> None:
        """Open an archive, or start one.

        Args:
            path: The archive, a folder; created if it does not exist.
            model_id: Model that makes the embeddings.
            dim: Length D of an embedding, in [1, 16384].
            segment_rows: Most rows of a new segment, in [1, 65536].
            verify: Read every embedding that is there: a segment that turns out to be damaged
                counts as missing, and goes once its frames have been added again.

        Raises:
            ParameterError: A number is outside its range.
            ArchiveError: Another writer is at it, the embeddings there are another model's, the
                folder is something else or of another format, or it cannot be written.
        """
        require_whole_in_range("dim", dim, (1, MAX_DIM))
        require_whole_in_range("segment_rows", segment_rows, (1, MAX_SEGMENT_ROWS))
        self._dim = dim
        self._segment_rows = segment_rows
        self._folder = ArchiveFolder(Path(path), model_id=model_id, dim=dim, verify=verify)
        self._pending = PendingRows()
        self._open: set[SourceKey] = set()
        self._is_refused = False

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found damaged or missing, in words; what it held counts as not done."""
        return tuple(self._folder.problems)

    @property
    def recall_at_10(self) -> float:
        """Least share of the ten best frames that a search of a segment finds, as measured."""
        return self._folder.recall_at_10

    def is_done(self, source: SourceKey, cameras: Sequence[str] = ()) -> bool:
        """Tell whether a source was read to its end and every row of it is in whole segments.

        A source of which another state was added later is not: it is not the one that is found.

        Args:
            source: The recording as it is now.
            cameras: Those that are asked for; none: all that it has.
        """
        return self._folder.progress.is_done(source, tuple(cameras))

    def has_frame(self, source: SourceKey, camera: str, number: int) -> bool:
        """Tell whether a frame is on the disk.

        Args:
            source: The recording.
            camera: Name of the camera.
            number: Of the frame, counted from 0 on over the frames of the camera.
        """
        return self._folder.progress.has_frame(source, camera, number)

    def add_source(self, source: SourceKey) -> None:
        """Start a source, or go on with it: rows of it may be appended until it is finished."""
        self._open.add(source)

    def append(
        self,
        source: SourceKey,
        camera: str,
        stamps_ns: Sequence[int] | IntArray,
        embeddings: npt.NDArray[np.floating],
        *,
        numbers: Sequence[int] | IntArray | None = None,
    ) -> None:
        """Add frames of one camera.

        Args:
            source: One that was added and is not finished.
            camera: Name of the camera.
            stamps_ns: N stamps, nanoseconds, the camera's clock, in any order.
            embeddings: ``(N, D)`` floats, unit length; N may be 0.
            numbers: N numbers of the frames, see `has_frame`; None: those behind the last one.

        Raises:
            ArchiveError: The source was not added, an embedding is no unit vector of D numbers, or
                a segment was full and cannot be written.
        """
        if source not in self._open:
            message = f"{source.path}: expected a source that was added, got another"
            raise ArchiveError(message)
        stamps = np.asarray(stamps_ns, np.int64)
        vectors = self._check_vectors(embeddings, count=len(stamps))
        if self._pending.has_other_state(source):
            self.flush()
        if numbers is None:
            numbers = np.arange(len(stamps)) + self._next_number(source, camera)
        rows = RowPart(source, camera, np.asarray(numbers, np.int64), stamps, vectors)
        start = 0
        while start < len(rows):
            if len(self._pending) == self._segment_rows:
                self.flush()
            part = rows.cut(start, start + self._segment_rows - len(self._pending))
            self._pending.add(part)
            start += len(part)

    def finish_source(self, source: SourceKey, cameras: Sequence[str] = ()) -> None:
        """Put all rows on the disk and note that the source was read to its end.

        Args:
            source: One that was added.
            cameras: Those that were asked for; none: all that it has.

        Raises:
            ArchiveError: The disk is full or cannot be written; the rows are kept in memory.
        """
        self._write(finished=source, cameras=tuple(cameras))
        self._open.discard(source)

    def flush(self) -> None:
        """Put all rows on the disk; does nothing if there are none.

        Raises:
            ArchiveError: The disk is full or cannot be written; the rows are kept in memory.
        """
        self._write()

    def close(self) -> None:
        """Put all rows on the disk and let the next writer in; may be called again.

        Raises:
            ArchiveError: The disk is full or cannot be written; the next writer is let in.
        """
        try:
            self.flush()
        finally:
            self._pending.clear()
            self._folder.release()

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A disk that has refused the rows would refuse them again.
        if exc is not None and self._is_refused:
            self._pending.clear()
        self.close()

    def _next_number(self, source: SourceKey, camera: str) -> int:
        on_disk = self._folder.progress.next_number(source, camera)
        return max(on_disk, self._pending.next_number(source, camera))

    def _write(self, *, finished: SourceKey | None = None, cameras: tuple[str, ...] = ()) -> None:
        progress = self._folder.progress.copy()
        sources = self._pending.source_rows()
        progress.add_rows(sources)
        ended = () if finished is None else (progress.finish(finished, cameras),)
        self._is_refused = True
        if self._pending:
            content = SegmentContent(self._pending.rows(), sources, ended)
            self._folder.add_segment(content, most_rows=self._segment_rows)
            self._pending.clear()
        self._folder.progress = progress
        self._folder.write_manifest()
        self._is_refused = False

    def _check_vectors(self, embeddings: npt.NDArray[np.floating], *, count: int) -> HalfArray:
        if embeddings.shape != (count, self._dim):
            message = f"expected embeddings of shape ({count}, {self._dim}), got {embeddings.shape}"
            raise ArchiveError(message)
        wide = np.asarray(embeddings, np.float32)
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)
        if not (np.abs(lengths - 1.0) <= LENGTH_TOLERANCE).all():
            worst = lengths[np.argmax(~(np.abs(lengths - 1.0) <= LENGTH_TOLERANCE))].item()
            message = f"expected embeddings of unit length, got one of length {worst:g}"
            raise ArchiveError(message)
        half: HalfArray = (wide / lengths).astype(np.float16)
        return half
