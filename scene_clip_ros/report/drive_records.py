"""Keeps of every judged frame of a drive what a summary needs, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.types import BoolArray, FloatArray, FrameResult
from scene_clip_ros.core.vocabulary import Vocabulary

UNKNOWN_INDEX = -1
"""Index of the label ``unknown``."""

NOT_JUDGED = -1
"""Level of a frame whose people nobody judged."""

_DAY_NS = 86_400 * 1_000_000_000

StampArray = npt.NDArray[np.int64]
IndexArray = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class CameraRecords:
    """What was held of N frames of one camera, in order of time.

    Attributes:
        camera: Name of the camera.
        stamps_ns: ``(N,)`` int64, rising; equal ones are possible.
        labels: ``(N, A)`` int16, index of the label of each attribute, or ``UNKNOWN_INDEX``.
        hazards: ``(N, H)`` bool, which are active.
        levels: ``(N,)`` int16, ``AlertLevel`` or ``NOT_JUDGED``.
        embeddings: ``(N, D)`` float32, rows of unit length.
    """

    camera: str
    stamps_ns: StampArray
    labels: IndexArray
    hazards: BoolArray
    levels: IndexArray
    embeddings: FloatArray

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.stamps_ns)


class DriveRecorder:
    """Takes results in, in any order of the cameras; some kilobytes a frame."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Start with no frame.

        Args:
            vocabulary: Of every result.
        """
        self._indexes = [
            {name: index for index, name in enumerate(spec.label_names)}
            for spec in vocabulary.attributes
        ]
        self._hazard_count = len(vocabulary.hazards)
        self._cameras: dict[str, _Columns] = {}

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras seen, sorted."""
        return tuple(sorted(self._cameras))

    def add(self, result: FrameResult, alert: Alert | None) -> None:
        """Keep what is held of one frame.

        Args:
            result: Of a pipeline with this vocabulary and labels on.
            alert: ``None`` if nobody judged the people in it.
        """
        columns = self._cameras.setdefault(result.camera, _Columns())
        columns.stamps_ns.append(result.stamp_ns)
        columns.labels.append(
            [
                indexes.get(state.label, UNKNOWN_INDEX)
                for indexes, state in zip(self._indexes, result.attributes, strict=True)
            ]
        )
        columns.hazards.append([state.active for state in result.hazards])
        columns.levels.append(NOT_JUDGED if alert is None else int(alert.level))
        columns.embeddings.append(result.embedding)

    def records(self, camera: str) -> CameraRecords:
        """Return the frames of a camera seen, sorted by stamp.

        Frames whose stamp is more than a day from the median stamp are left out: some cameras
        begin with stamps of 1970, and no picture of a drive has room for both.
        """
        columns = self._cameras[camera]
        stamps_ns = np.array(columns.stamps_ns, np.int64)
        order = np.argsort(stamps_ns, kind="stable")
        order = order[is_plausible(stamps_ns)[order]]
        count = len(stamps_ns)
        labels = np.array(columns.labels, np.int16).reshape(count, len(self._indexes))
        hazards = np.array(columns.hazards, np.bool_).reshape(count, self._hazard_count)
        return CameraRecords(
            camera=camera,
            stamps_ns=stamps_ns[order],
            labels=labels[order],
            hazards=hazards[order],
            levels=np.array(columns.levels, np.int16)[order],
            embeddings=np.stack(columns.embeddings)[order],
        )


def is_plausible(stamps_ns: StampArray | Sequence[int]) -> BoolArray:
    """Tell which stamps are within a day of the median stamp.

    Args:
        stamps_ns: ``(N,)`` int64, N ≥ 1.

    Returns:
        ``(N,)`` bool, at least one of them true.
    """
    stamps = np.asarray(stamps_ns, np.int64)
    middle = np.sort(stamps)[len(stamps) // 2]
    return np.asarray(np.abs(stamps - middle) <= _DAY_NS)


@dataclass(slots=True)
class _Columns:
    stamps_ns: list[int] = field(default_factory=list)
    labels: list[list[int]] = field(default_factory=list)
    hazards: list[list[bool]] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    embeddings: list[FloatArray] = field(default_factory=list)
