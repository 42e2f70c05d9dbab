"""The seam between perception and any model that marks the pixels which a text describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scene_clip_ros.core.types import FloatArray, ImageArray


@dataclass(frozen=True, slots=True)
class SegmenterInfo:
    """What a loaded segmenter is.

    Attributes:
        model_id: Architecture, weights and weight digest in one string.
        device: ``cpu`` or ``cuda``.
        precision: ``fp32`` or ``bf16``.
        size_hw: Height and width in pixels of the logits.
        backend: Runtime that sees pictures, e.g. ``torch``.
        backend_reason: One line for a person: why that runtime, with its version and figures.
    """

    model_id: str
    device: str
    precision: str
    size_hw: tuple[int, int]
    backend: str = "torch"
    backend_reason: str = ""


class PictureView(Protocol):
    """Pictures that a segmenter looks at once, however often it is asked about them."""

    def segment(self, prompts: Sequence[str]) -> FloatArray:
        """Tell how well prompts describe the pixels; the first call looks at the pictures.

        Returns:
            As `Segmenter.segment`.

        Raises:
            ModelError: The model failed on at least one of the pictures.
        """


class Segmenter(Protocol):
    """Tells for every pixel how well texts describe it. Called from one thread only."""

    @property
    def info(self) -> SegmenterInfo:
        """What is loaded."""

    def view(self, images: Sequence[ImageArray]) -> PictureView:
        """Return pictures to be asked about, a few prompts at a time; looks at nothing yet.

        What was seen is held for as long as the view is. It may be made on any thread.

        Args:
            images: As for `segment`; not to be changed while the view is held.
        """

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        """Look at pictures once and for every prompt.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.
            prompts: Texts, one object or substance each, e.g. ``road``.

        Returns:
            ``(N, P, h, w)`` float32 logits at the model's own resolution; a sigmoid makes them
            probabilities. The model's whole ``(h, w)`` is the whole picture, whatever its aspect
            ratio. N or P may be 0.

        Raises:
            ModelError: The model failed on at least one of the pictures.
        """
