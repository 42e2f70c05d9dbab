"""One segment of an archive, opened to be searched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.running_moments import CosineSums
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_records import (
    FRAMES_NAME,
    INDEX_NAME,
    VECTORS_NAME,
    Manifest,
    check_model,
    read_header,
)
from scene_clip_ros.search.durable_files import read_file
from scene_clip_ros.search.frame_table import FrameTable, decode_frames
from scene_clip_ros.search.list_file import ListFile
from scene_clip_ros.search.moments import Moments, sum_scores
from scene_clip_ros.search.row_scores import best_rows
from scene_clip_ros.search.segment_index import decode_index, index_bytes
from scene_clip_ros.search.segment_rows import SegmentContent, SegmentRows

MAX_RANKED = 4096
"""Most rows that are ranked while lists are read; for more, every row is scored."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows that may answer a query.

    Attributes:
        numbers: ``(K,)`` int64, rows of the segment.
        scores: ``(K,)`` float32, cosines.
        unseen_score: No other row scores above this, as far as the lists that were read tell;
            -inf: they hold no other row.
        is_exact: Whether every list was read.
        sums: Of the cosines of all rows that may be returned, if each was scored.
    """

    numbers: IntArray
    scores: FloatArray
    unseen_score: float
    is_exact: bool
    sums: CosineSums | None = None

    def may_lack(self, min_score: float) -> bool:
        """Tell whether there may be other rows that score at least ``min_score``."""
        if self.is_exact and self.unseen_score == -np.inf:
            return False
        return len(self.scores) == 0 or bool(self.scores.min() >= min_score)


class Segment:
    """The frames of one segment; its embeddings stay on the disk.

    Attributes:
        header: What it says about itself.
        frames: Which frame each row is.
        moments: Of its embeddings; None if every search scores every row.
    """

    def __init__(self, folder: Path, *, archive: Manifest) -> None:
        """Open a segment.

        Args:
            folder: Where it is.
            archive: Says which model's embeddings there should be.

        Raises:
            ArchiveError: A file is missing or damaged, or the model is another one.
        """
        self.name = folder.name
        self.header = read_header(folder)
        check_model(folder, self.header, archive)
        index_path, frames_path = folder / INDEX_NAME, folder / FRAMES_NAME
        lists, dim = self.header.lists, self.header.dim
        expected = index_bytes(rows=len(self), lists=lists, dim=dim)
        if self.header.index.size_bytes != expected:
            came = self.header.index.size_bytes
            message = f"{index_path}: expected {expected} bytes for its lists, got {came}"
            raise ArchiveError(message)
        index = decode_index(read_file(index_path, self.header.index), self.header, path=index_path)
        content = read_file(frames_path, self.header.frames)
        self.frames: FrameTable = decode_frames(content, rows=self.header.rows, path=frames_path)
        self.moments: Moments | None = index.moments
        self._sampled, self._sample = index.sampled, index.sample
        self._lists = ListFile(
            folder / VECTORS_NAME,
            centroids=index.centroids,
            list_rows=index.list_rows,
            sums=index.list_sums,
        )

    def __len__(self) -> int:
        return self.header.rows

    def candidates(
        self, query: FloatArray, *, count: int, selected: npt.NDArray[np.bool_] | None
    ) -> Candidates:
        """Find at least the best rows.

        Args:
            query: ``(1, D)`` float32, unit length.
            count: How many, ≥ 1.
            selected: ``(N,)`` bool, rows that may be returned, at least one; None: all.

        Raises:
            ArchiveError: A list that is read is damaged.
        """
        if self.header.lists == 1 or count > MAX_RANKED:
            return self._score_all(query, selected)
        allowed = len(self) if selected is None else int(np.count_nonzero(selected))
        # The fewer rows are allowed, the further away the best of them may lie.
        probes = min(self.header.lists, -(-self.header.probes * len(self) // allowed))
        numbers, scores = self._lists.nearest(query, count=count, probes=probes, selected=selected)
        is_cut = len(numbers) == count and count < allowed
        return Candidates(
            numbers,
            scores,
            unseen_score=float(scores[-1]) if is_cut else -np.inf,
            is_exact=probes == self.header.lists,
        )

    def every_score(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every row: ``(N,)`` float32; ``query`` is ``(1, D)`` float32.

        Raises:
            ArchiveError: A list is damaged.
        """
        return self._lists.every_score(query)

    def row_scores(self, number: int, queries: FloatArray) -> FloatArray:
        """Return the cosines of one row: ``(Q,)`` float32; ``queries`` is ``(Q, D)`` float32.

        Raises:
            ArchiveError: A list is damaged.
        """
        return self._lists.row_scores(number, queries)

    def sample_scores(
        self, query: FloatArray, selected: npt.NDArray[np.bool_] | None
    ) -> FloatArray:
        """Return the cosines of a random sample: ``(S,)`` float32 in any order.

        Args:
            query: ``(1, D)`` float32, unit length.
            selected: ``(N,)`` bool, rows whose cosines are returned; None: all.
        """
        sample = self._sample
        if selected is not None:
            sample = sample[selected[self._sampled]]
        return best_rows(sample, query[0], len(sample))[1]

    def content(self) -> SegmentContent:
        """Read all of it.

        Raises:
            ArchiveError: A list is damaged.
        """
        frames = self.frames
        rows = SegmentRows(
            vectors=self._lists.read_rows(),
            stamps_ns=frames.stamps_ns,
            sources=frames.sources,
            cameras=frames.cameras,
            source_names=frames.source_names,
            camera_names=frames.camera_names,
        )
        return SegmentContent(rows, self.header.sources, self.header.finished)

    def check(self) -> None:
        """Read all of its embeddings.

        Raises:
            ArchiveError: A list is damaged.
        """
        self._lists.check()

    def _score_all(self, query: FloatArray, selected: npt.NDArray[np.bool_] | None) -> Candidates:
        scores = self._lists.every_score(query)
        numbers = np.arange(len(self)) if selected is None else np.flatnonzero(selected)
        found = scores[numbers]
        return Candidates(
            numbers, found, unseen_score=-np.inf, is_exact=True, sums=sum_scores(found)
        )
