"""How far each source of an archive has come, told from the segments that are whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from scene_clip_ros.search.archive_records import FinishedSource, SourceKey, SourceRows
from scene_clip_ros.search.frame_runs import (
    Runs,
    count_frames,
    holds_frame,
    join_runs,
    next_number,
)

Asked = tuple[str, ...]


class SourceProgress:
    """Which frames of which source are in whole segments.

    Of a path, the state that was written last counts, and no other. A segment that is lost leaves
    a gap: the source is not done any more, and lacks the frames of the gap.
    """

    def __init__(self) -> None:
        """Start with no source."""
        self._newest: dict[str, SourceKey] = {}
        self._runs: defaultdict[SourceKey, dict[str, Runs]] = defaultdict(dict)
        self._finished: dict[tuple[SourceKey, Asked], FinishedSource] = {}

    @property
    def finished(self) -> tuple[FinishedSource, ...]:
        """The sources that were read to their end, in that order."""
        return tuple(self._finished.values())

    def add_rows(self, sources: Iterable[SourceRows]) -> None:
        """Take in what a segment holds; segments come in the order in which they were written."""
        for source in sources:
            self._make_newest(source.key)
            cameras = self._runs[source.key]
            for each in source.cameras:
                cameras[each.camera] = join_runs((*cameras.get(each.camera, ()), *each.runs))

    def add_finished(self, finished: Iterable[FinishedSource]) -> None:
        """Take in which sources were read to their end; those of older states do not count."""
        for source in finished:
            if self._newest.setdefault(source.key.path, source.key) == source.key:
                self._finished[source.key, source.cameras] = source

    def copy(self) -> SourceProgress:
        """Return a copy that goes its own way."""
        other = SourceProgress()
        other._newest.update(self._newest)
        other._runs.update((key, dict(cameras)) for key, cameras in self._runs.items())
        other._finished.update(self._finished)
        return other

    def is_done(self, key: SourceKey, cameras: Asked = ()) -> bool:
        """Tell whether a source was read to its end and every row of it is there.

        Args:
            key: The source.
            cameras: Those that are asked for; none: all that it has.
        """
        if self._newest.get(key.path) != key:
            return False
        whole = [
            each for each in self._finished.values() if each.key == key and self._has_rows(each)
        ]
        if any(not each.cameras for each in whole):
            return True
        return bool(cameras) and set(cameras) <= {name for each in whole for name in each.cameras}

    def has_frame(self, key: SourceKey, camera: str, number: int) -> bool:
        """Tell whether a frame is there, by its number among the frames of its camera."""
        return holds_frame(self._runs_of(key, camera), number)

    def holds(self, sources: Iterable[SourceRows]) -> bool:
        """Tell whether all rows of some sources are there, or of states that count no more."""
        return all(
            join_runs((*known, *each.runs)) == known
            for source in sources
            if self._newest.get(source.key.path, source.key) == source.key
            for each in source.cameras
            for known in [self._runs_of(source.key, each.camera)]
        )

    def next_number(self, key: SourceKey, camera: str) -> int:
        """Return the number behind that of the last frame that is there; 0 if none is."""
        return next_number(self._runs_of(key, camera))

    def finish(self, key: SourceKey, cameras: Asked = ()) -> FinishedSource:
        """Take a source as read to its end with the rows it has now, and return the record.

        Args:
            key: The source.
            cameras: Those that were asked for; none: all that it has.
        """
        self._make_newest(key)
        runs = self._runs.get(key, {})
        rows = tuple((camera, count_frames(each)) for camera, each in runs.items())
        record = FinishedSource(key, rows, cameras)
        self._finished[key, cameras] = record
        return record

    def _make_newest(self, key: SourceKey) -> None:
        """Forget the other states of a path, and what this one held before those."""
        before = self._newest.get(key.path)
        self._newest[key.path] = key
        if before in (None, key):
            return
        for stale in [each for each in self._runs if each.path == key.path]:
            del self._runs[stale]
        for done in [each for each in self._finished if each[0].path == key.path]:
            del self._finished[done]

    def _runs_of(self, key: SourceKey, camera: str) -> Runs:
        return self._runs[key].get(camera, ()) if key in self._runs else ()

    def _has_rows(self, finished: FinishedSource) -> bool:
        return all(
            count_frames(self._runs_of(finished.key, camera)) >= rows
            for camera, rows in finished.rows
        )


def current_sources(written: Sequence[Iterable[SourceKey]]) -> list[set[SourceKey]]:
    """Return which sources still count, of each of some segments.

    A source does not if another state of the same path was written after it.

    Args:
        written: The sources of each segment, in the order in which segments were written.
    """
    newest: dict[str, SourceKey] = {}
    replaced: set[str] = set()
    current: list[set[SourceKey]] = []
    for keys in reversed([list(each) for each in written]):
        replaced |= {key.path for key in keys if newest.setdefault(key.path, key) != key}
        current.append({key for key in keys if key.path not in replaced})
    return current[::-1]
