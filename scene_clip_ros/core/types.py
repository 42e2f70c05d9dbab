"""The records that travel from a camera to a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.functions import EVERY_FUNCTION, Functions

if TYPE_CHECKING:
    from scene_clip_ros.core.box_types import FrameBoxes

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
ImageArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
"""The label of an attribute that the model cannot tell."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture of one camera.

    Attributes:
        camera: Name of the camera, as configured.
        stamp_ns: Time of capture in nanoseconds, copied from the source.
        rgb: ``(H, W, 3)`` uint8, RGB, C-contiguous; never written to.
        due: The functions whose turn the frame is; of these, those that are on see it.
    """

    camera: str
    stamp_ns: int
    rgb: ImageArray
    due: Functions = EVERY_FUNCTION

    def __post_init__(self) -> None:
        """Refuse arrays that are not RGB pictures.

        Raises:
            ValueError: ``rgb`` is not ``(H, W, 3)`` uint8 with H, W ≥ 1.
        """
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or self.rgb.size == 0:
            message = f"expected a picture of shape (H, W, 3), got {self.rgb.shape}"
            raise ValueError(message)
        if self.rgb.dtype != np.uint8:
            message = f"expected a uint8 picture, got {self.rgb.dtype}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label fits: softmax probability in [0, 1] and raw cosine in [-1, 1]."""

    label: str
    probability: float
    cosine: float


@dataclass(frozen=True, slots=True)
class AttributeState:
    """What is held to be true of one attribute of a scene.

    Attributes:
        name: Attribute, e.g. ``weather``.
        label: The held label, or ``unknown``.
        probability: Smoothed probability of ``label`` in [0, 1]; of the best label if unknown.
        cosine: Cosine of this frame to ``label``; to the best label if unknown.
        since_ns: Stamp of the frame from which ``label`` has been held.
        scores: Every label of the attribute: smoothed probability, this frame's cosine.
    """

    name: str
    label: str
    probability: float
    cosine: float
    since_ns: int
    scores: tuple[LabelScore, ...]


@dataclass(frozen=True, slots=True)
class HazardState:
    """Whether one independent hazard is present.

    Attributes:
        name: Hazard, e.g. ``person_on_road``.
        active: Held decision, after smoothing, hysteresis and dwell.
        probability: Smoothed probability against the contrasting phrasings, in [0, 1].
        cosine: Cosine of this frame to the hazard's phrasings, in [-1, 1].
        since_ns: Stamp of the frame from which ``active`` has had its value.
    """

    name: str
    active: bool
    probability: float
    cosine: float
    since_ns: int


@dataclass(frozen=True, slots=True)
class FrameResult:
    """Everything the pipeline says about one frame.

    Attributes:
        camera: The frame's camera.
        stamp_ns: The frame's stamp, untouched.
        embedding: ``(D,)`` float32, unit length; ``(0,)`` if no function needed it.
        attributes: One state per attribute of the vocabulary, in its order; none without labels.
        hazards: One state per hazard of the vocabulary, in its order; none without labels.
        boxes: Every object found; None without boxes.
        functions: What was done with the frame: of the functions that were on, those whose turn
            it was. Only these publish or keep anything of it.
    """

    camera: str
    stamp_ns: int
    embedding: FloatArray
    attributes: tuple[AttributeState, ...]
    hazards: tuple[HazardState, ...]
    boxes: FrameBoxes | None = None
    functions: Functions = EVERY_FUNCTION

    @property
    def is_judged(self) -> bool:
        """Whether anything was decided about the frame."""
        return bool(self.attributes or self.hazards) or self.boxes is not None
