"""Boxes around objects: proposed by a detector, then scored by language."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.types import BoolArray, FloatArray

NO_TRACK = -1
"""``track_id`` of a box that belongs to no track."""

Xyxy = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """Regions of one picture that may hold an object.

    Attributes:
        xyxy: ``(N, 4)`` float32, pixels of the picture, left, top, right, bottom, clipped to it.
        objectness: ``(N,)`` float32 in [0, 1], that the region holds an object of any kind.
        class_scores: ``(N, K)`` float32 in [0, 1], the detector's own classes; K may be 0.
    """

    xyxy: FloatArray
    objectness: FloatArray
    class_scores: FloatArray

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together.

        Raises:
            ValueError: A shape is wrong or a value is not finite.
        """
        count = len(self.xyxy)
        if self.xyxy.shape != (count, 4):
            message = f"expected boxes of shape (N, 4), got {self.xyxy.shape}"
            raise ValueError(message)
        if self.objectness.shape != (count,):
            message = f"expected objectness of shape ({count},), got {self.objectness.shape}"
            raise ValueError(message)
        if self.class_scores.ndim != 2 or len(self.class_scores) != count:
            message = f"expected class scores of shape ({count}, K), got {self.class_scores.shape}"
            raise ValueError(message)
        for name in ("xyxy", "objectness", "class_scores"):
            if not np.isfinite(getattr(self, name)).all():
                message = f"expected finite {name}, got NaN or infinity"
                raise ValueError(message)

    def __len__(self) -> int:
        """Return the number of regions."""
        return len(self.xyxy)

    def where(self, chosen: BoolArray) -> Proposals:
        """Return those regions for which ``(N,)`` bool is true, in their order."""
        return Proposals(self.xyxy[chosen], self.objectness[chosen], self.class_scores[chosen])


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """One object found from a text query; the fields of ``msg/ScoredBox``.

    Attributes:
        label: Query that fits best.
        score: Fused score in [0, 1], smoothed along the track.
        objectness: Of the proposal, whatever the object is, in [0, 1].
        detector_score: The detector's own classes for ``label`` and its kin, in [0, 1]; 0 where it
            has none.
        cosine: Similarity of the crop and ``label``, in [-1, 1].
        xyxy: Pixels of the picture, clipped to it.
        track_id: ≥ 0 and constant while the object is followed, or ``NO_TRACK``.
    """

    label: str
    score: float
    objectness: float
    detector_score: float
    cosine: float
    xyxy: Xyxy
    track_id: int = NO_TRACK


@dataclass(frozen=True, slots=True)
class FrameBoxes:
    """Every object found in one picture.

    Attributes:
        camera: Name of the camera.
        stamp_ns: The picture's stamp in nanoseconds, untouched.
        size_wh: Width and height of the picture in pixels.
        boxes: Highest score first; empty if nothing was found.
    """

    camera: str
    stamp_ns: int
    size_wh: tuple[int, int]
    boxes: tuple[ScoredBox, ...]
