"""The rows of a segment to be, gathered until there are enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.search.archive_records import CameraRows, SourceKey, SourceRows
from scene_clip_ros.search.source_progress import SourceProgress

HalfArray = npt.NDArray[np.float16]
IntArray = npt.NDArray[np.int64]


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
class _Part:
    """Rows that came together; all of one camera of one source."""

    source: SourceKey
    camera: str
    stamps_ns: IntArray
    vectors: HalfArray


class PendingRows:
    """Rows that are not on the disk yet, in the order in which they came."""

    def __init__(self) -> None:
        """Start with none."""
        self._parts: list[_Part] = []
        self._states: dict[str, SourceKey] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(
        self, source: SourceKey, camera: str, *, stamps_ns: IntArray, vectors: HalfArray
    ) -> None:
        """Add rows, at least one; see `SegmentRows` for shapes."""
        self._parts.append(_Part(source, camera, stamps_ns, vectors))
        self._states[source.path] = source
        self._count += len(stamps_ns)

    def clear(self) -> None:
        """Forget all rows."""
        self._parts.clear()
        self._states.clear()
        self._count = 0

    def has_other_state(self, source: SourceKey) -> bool:
        """Tell whether there are rows of the same path in another state of the file."""
        return self._states.get(source.path, source) != source

    def rows(self) -> SegmentRows:
        """Return all rows, of which there must be some."""
        sources = {path: number for number, path in enumerate(self._states)}
        names = dict.fromkeys(part.camera for part in self._parts)
        cameras = {camera: number for number, camera in enumerate(names)}
        counts = [len(part.stamps_ns) for part in self._parts]
        return SegmentRows(
            vectors=np.concatenate([part.vectors for part in self._parts]),
            stamps_ns=np.concatenate([part.stamps_ns for part in self._parts]),
            sources=np.repeat([sources[part.source.path] for part in self._parts], counts),
            cameras=np.repeat([cameras[part.camera] for part in self._parts], counts),
            source_names=tuple(sources),
            camera_names=tuple(cameras),
        )

    def source_rows(self, progress: SourceProgress) -> tuple[SourceRows, ...]:
        """Return whose rows they are, and where each camera's go on from.

        Args:
            progress: Of the rows that are on the disk.
        """
        found: dict[SourceKey, dict[str, CameraRows]] = {}
        for part in self._parts:
            cameras = found.setdefault(part.source, {})
            first = progress.rows(part.source, part.camera)
            known = cameras.get(part.camera)
            cameras[part.camera] = CameraRows(
                part.camera,
                first,
                rows=len(part.stamps_ns) + (known.rows if known else 0),
                last_ns=int(part.stamps_ns[-1]),
            )
        return tuple(SourceRows(key, tuple(rows.values())) for key, rows in found.items())
