"""What is searched of an archive: some rows of some segments, read a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.archive_streams import Selection, Streams

Answer = TypeVar("Answer")


class SegmentDamagedError(ArchiveError):
    """A segment turned out to be damaged while it was read."""

    def __init__(self, segment: Segment, reason: str) -> None:
        super().__init__(reason)
        self.segment = segment


@dataclass(frozen=True, slots=True)
class SearchTarget:
    """What is searched.

    Attributes:
        selections: The rows that may be hits, of each segment that has any.
        streams: Of the rows of all segments.
        executor: Reads segments, some at once.
        exact_rows: Rows at most that are scored only to know what is usual among a part of them.
    """

    selections: dict[Segment, Selection]
    streams: Streams
    executor: Executor
    exact_rows: int

    def ask(
        self, question: Callable[[Segment], Answer], segments: Sequence[Segment] | None = None
    ) -> dict[Segment, Answer]:
        """Ask segments, some at the same time; None: all.

        Raises:
            SegmentDamagedError: One turned out to be damaged.
        """
        chosen = self.selections if segments is None else segments
        running = {segment: self.executor.submit(question, segment) for segment in chosen}
        return {segment: _result(segment, future) for segment, future in running.items()}


def _result(segment: Segment, future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except ArchiveError as err:
        raise SegmentDamagedError(segment, str(err)) from err
