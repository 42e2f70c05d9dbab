"""How far each source of an archive has come, told from the segments that are whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scene_clip_ros.search.archive_records import CameraRows, FinishedSource, SourceKey, SourceRows


@dataclass(frozen=True, slots=True)
class _Reached:
    """The end of the rows that are there without a gap: how many, and the last one's stamp."""

    rows: int = 0
    last_ns: int | None = None


class SourceProgress:
    """Which rows of which source are in whole segments.

    A segment that is lost leaves a gap. What comes after a gap does not count: the source is not
    done any more, and goes on from the gap.
    """

    def __init__(self) -> None:
        """Start with no source."""
        self._parts: defaultdict[SourceKey, list[CameraRows]] = defaultdict(list)
        self._finished: dict[SourceKey, FinishedSource] = {}

    @property
    def finished(self) -> tuple[FinishedSource, ...]:
        """The sources that were read to their end, in that order."""
        return tuple(self._finished.values())

    def add_rows(self, sources: Iterable[SourceRows]) -> None:
        """Take in what a segment holds."""
        for source in sources:
            self._parts[source.key].extend(source.cameras)

    def add_finished(self, finished: Iterable[FinishedSource]) -> None:
        """Take in which sources were read to their end."""
        self._finished.update((source.key, source) for source in finished)

    def copy(self) -> SourceProgress:
        """Return a copy that goes its own way."""
        other = SourceProgress()
        other._parts.update((key, list(parts)) for key, parts in self._parts.items())
        other._finished.update(self._finished)
        return other

    def is_done(self, key: SourceKey) -> bool:
        """Tell whether a source was read to its end and every row of it is there."""
        finished = self._finished.get(key)
        return finished is not None and all(
            self.rows(key, camera) >= rows for camera, rows in finished.rows
        )

    def rows(self, key: SourceKey, camera: str) -> int:
        """Return how many rows of a camera are there, up to the first gap."""
        return self._reached(key, camera).rows

    def last_ns(self, key: SourceKey, camera: str) -> int | None:
        """Return the stamp of the last row before the first gap; None if there is no row."""
        return self._reached(key, camera).last_ns

    def finish(self, key: SourceKey) -> FinishedSource:
        """Take a source as read to its end with the rows it has now, and return the record."""
        cameras = dict.fromkeys(part.camera for part in self._parts.get(key, []))
        rows = tuple((camera, self.rows(key, camera)) for camera in cameras)
        self._finished[key] = FinishedSource(key, rows)
        return self._finished[key]

    def _reached(self, key: SourceKey, camera: str) -> _Reached:
        reached = _Reached()
        parts = [part for part in self._parts.get(key, []) if part.camera == camera]
        for part in sorted(parts, key=lambda part: part.first_row):
            end = part.first_row + part.rows
            if part.first_row <= reached.rows < end:
                reached = _Reached(end, part.last_ns)
        return reached
