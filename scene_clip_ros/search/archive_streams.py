"""Which camera of which source each row of an archive belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.source_progress import current_sources

MAX_NAMED = 10
"""Most names that a message lists."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One camera of one source."""

    source: str
    camera: str


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some rows of a segment.

    Attributes:
        mask: ``(N,)`` bool, whether each row is one of them; None: all are.
        count: How many they are, ≥ 1.
    """

    mask: npt.NDArray[np.bool_] | None
    count: int


class Streams:
    """The streams of some segments.

    Rows of a file that has changed since, and was put into the archive again, belong to none.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Number the streams.

        Args:
            segments: In the order in which they were written.
        """
        current = current_sources(
            [[source.key for source in segment.header.sources] for segment in segments]
        )
        self._numbers: dict[Stream, int] = {}
        self._rows = {
            segment.name: self._number(segment, {key.path for key in keys})
            for segment, keys in zip(segments, current, strict=True)
        }
        self._present = {
            name: np.unique(rows, return_counts=True) for name, rows in self._rows.items()
        }
        self._streams = tuple(self._numbers)

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the sources, in the order in which they were added."""
        return tuple(dict.fromkeys(stream.source for stream in self._streams))

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras of all sources, sorted."""
        return tuple(sorted({stream.camera for stream in self._streams}))

    def rows(self, segment: Segment) -> IntArray:
        """Return the number of every row's stream, ``(N,)`` int64; -1: none."""
        return self._rows[segment.name]

    def stream(self, number: int) -> Stream:
        """Return the stream of a number ≥ 0."""
        return self._streams[number]

    def allow(
        self, sources: Sequence[str] = (), cameras: Sequence[str] = ()
    ) -> npt.NDArray[np.bool_]:
        """Return whether rows of each stream are asked for; the last entry is for no stream.

        Args:
            sources: Paths; none: all.
            cameras: Names; none: all.
        """
        allowed = [
            (not sources or stream.source in sources) and (not cameras or stream.camera in cameras)
            for stream in self._streams
        ]
        return np.array([*allowed, False], np.bool_)

    def check(self, sources: Sequence[str], cameras: Sequence[str]) -> None:
        """Refuse names that there are not.

        Raises:
            ParameterError: There is no such source or camera.
        """
        _check_names("source", sources, known=self.sources)
        _check_names("camera", cameras, known=self.cameras)

    def select_all(
        self, segments: Sequence[Segment], allowed: npt.NDArray[np.bool_]
    ) -> dict[Segment, Selection]:
        """Return the rows that are allowed, of each segment that has any."""
        selections = {segment: self._select(segment, allowed) for segment in segments}
        return {segment: found for segment, found in selections.items() if found is not None}

    def _select(self, segment: Segment, allowed: npt.NDArray[np.bool_]) -> Selection | None:
        present, counts = self._present[segment.name]
        count = int(counts[allowed[present]].sum())
        if count == 0:
            return None
        return Selection(None if count == len(segment) else allowed[self.rows(segment)], count)

    def _number(self, segment: Segment, current: set[str]) -> IntArray:
        frames = segment.frames
        pairs = frames.sources * len(frames.camera_names) + frames.cameras
        numbers = np.full(len(frames.source_names) * len(frames.camera_names), -1, np.int64)
        for pair in np.unique(pairs):
            source, camera = divmod(int(pair), len(frames.camera_names))
            if (path := frames.source_names[source]) in current:
                stream = Stream(path, frames.camera_names[camera])
                numbers[pair] = self._numbers.setdefault(stream, len(self._numbers))
        streams: IntArray = numbers[pairs]
        return streams


def _check_names(kind: str, names: Sequence[str], *, known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            listed = ", ".join(known[:MAX_NAMED]) + (", …" if len(known) > MAX_NAMED else "")
            message = f"{kind}: expected one of {listed or 'none'}, got {name}"
            raise ParameterError(message)
