"""The rows of a segment to be, gathered until there are enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.search.archive_records import CameraRows, FinishedSource, SourceKey, SourceRows
from scene_clip_ros.search.frame_runs import runs_of


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """Frames, one per row.

    Attributes:
        vectors: ``(N, D)`` float16, unit length.
        stamps_ns: ``(N,)`` int64, nanoseconds, the camera's clock.
        sources: ``(N,)`` int64, positions in ``source_names``.
        cameras: ``(N,)`` int64, positions in ``camera_names``.
        source_names: Paths of the sources.
        camera_names: Names of the cameras.
    """

    vectors: HalfArray
    stamps_ns: IntArray
    sources: IntArray
    cameras: IntArray
    source_names: tuple[str, ...]
    camera_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentContent:
    """What a segment holds.

    Attributes:
        rows: Its frames, at least one.
        sources: Whose they are.
        finished: Sources that end with them.
    """

    rows: SegmentRows
    sources: tuple[SourceRows, ...]
    finished: tuple[FinishedSource, ...]

    @property
    def keys(self) -> tuple[SourceKey, ...]:
        """The sources that it says anything of; of one path, one state only."""
        keys = [each.key for each in self.sources] + [each.key for each in self.finished]
        return tuple(dict.fromkeys(keys))


@dataclass(frozen=True, slots=True)
class RowPart:
    """Rows that came together.

    Attributes:
        source: Whose they are.
        camera: Name of the camera.
        numbers: ``(N,)`` int64, ≥ 0: their numbers among the camera's frames, N ≥ 1.
        stamps_ns: ``(N,)`` int64, nanoseconds, the camera's clock.
        vectors: ``(N, D)`` float16, unit length.
    """

    source: SourceKey
    camera: str
    numbers: IntArray
    stamps_ns: IntArray
    vectors: HalfArray

    def __len__(self) -> int:
        return len(self.numbers)

    def cut(self, start: int, stop: int) -> RowPart:
        """Return some of the rows."""
        part = slice(start, stop)
        return RowPart(
            self.source, self.camera, self.numbers[part], self.stamps_ns[part], self.vectors[part]
        )


class PendingRows:
    """Rows that are not on the disk yet, in the order in which they came."""

    def __init__(self) -> None:
        """Start with none."""
        self._parts: list[RowPart] = []
        self._states: dict[str, SourceKey] = {}
        self._next: dict[tuple[SourceKey, str], int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, part: RowPart) -> None:
        """Add rows."""
        self._parts.append(part)
        self._states[part.source.path] = part.source
        stream = part.source, part.camera
        self._next[stream] = max(self._next.get(stream, 0), int(part.numbers.max()) + 1)
        self._count += len(part)

    def clear(self) -> None:
        """Forget all rows."""
        self._parts.clear()
        self._states.clear()
        self._next.clear()
        self._count = 0

    def has_other_state(self, source: SourceKey) -> bool:
        """Tell whether there are rows of the same path in another state of the file."""
        return self._states.get(source.path, source) != source

    def next_number(self, source: SourceKey, camera: str) -> int:
        """Return the number behind that of the last frame of a camera; 0 if there is none."""
        return self._next.get((source, camera), 0)

    def rows(self) -> SegmentRows:
        """Return all rows, of which there must be some."""
        sources = {path: number for number, path in enumerate(self._states)}
        names = dict.fromkeys(part.camera for part in self._parts)
        cameras = {camera: number for number, camera in enumerate(names)}
        counts = [len(part) for part in self._parts]
        return SegmentRows(
            vectors=np.concatenate([part.vectors for part in self._parts]),
            stamps_ns=np.concatenate([part.stamps_ns for part in self._parts]),
            sources=np.repeat([sources[part.source.path] for part in self._parts], counts),
            cameras=np.repeat([cameras[part.camera] for part in self._parts], counts),
            source_names=tuple(sources),
            camera_names=tuple(cameras),
        )

    def source_rows(self) -> tuple[SourceRows, ...]:
        """Return whose rows they are, and which frames."""
        found: dict[SourceKey, dict[str, list[IntArray]]] = {}
        for part in self._parts:
            cameras = found.setdefault(part.source, {})
            cameras.setdefault(part.camera, []).append(part.numbers)
        return tuple(
            SourceRows(
                key,
                tuple(
                    CameraRows(camera, runs_of(np.concatenate(numbers)))
                    for camera, numbers in cameras.items()
                ),
            )
            for key, cameras in found.items()
        )
