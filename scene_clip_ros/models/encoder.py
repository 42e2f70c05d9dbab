"""The seam between perception and any CLIP-like model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scene_clip_ros.core.types import FloatArray, ImageArray, IntArray


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What a loaded encoder is.

    Attributes:
        model_id: Architecture, weights and weight digest in one string; equal ids give
            comparable embeddings.
        dim: Length D of an embedding.
        device: ``cpu`` or ``cuda``.
        precision: ``fp32``, ``bf16`` or ``int8``.
        backend: Runtime that executes the image tower, e.g. ``torch``.
        logit_scale: Multiplier of a cosine before the softmax (``exp`` of CLIP's learnt
            parameter, or a calibrated value), > 0.
        input_side: Shorter side of the image tower's input, pixels.
        cosine_floor: Calibrated cosine below which no label fits, in [-1, 1]; None: not calibrated.
        box_cosine_floor: The same for an object query and the crop of a region.
        backend_reason: One line for a person: why that runtime, with its version and figures.
    """

    model_id: str
    dim: int
    device: str
    precision: str
    backend: str
    logit_scale: float
    input_side: int
    cosine_floor: float | None = None
    box_cosine_floor: float | None = None
    backend_reason: str = ""


@dataclass(frozen=True, slots=True)
class Crops:
    """Windows of one picture.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 RGB.
        windows: ``(N, 4)`` int64, left, top, right, bottom in pixels, the latter two excluded;
            within the picture and not empty.
    """

    rgb: ImageArray
    windows: IntArray

    def cut(self) -> list[ImageArray]:
        """Return the windows' pictures, ``(h, w, 3)`` uint8, as views."""
        return [self.rgb[v0:v1, u0:u1] for u0, v0, u1, v1 in self.windows.tolist()]


class Encoder(Protocol):
    """Embeds pictures and texts into one space. Called from one thread only."""

    @property
    def info(self) -> EncoderInfo:
        """What is loaded."""

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        """Embed pictures of any sizes in one batch.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no pictures.
        """

    def encode_crops(self, parts: Sequence[Crops]) -> FloatArray:
        """Embed windows of pictures, all in one batch.

        Args:
            parts: Pictures, each with the windows to be cut out of it.

        Returns:
            ``(N, D)`` float32, rows of unit length, N windows in their order; ``(0, D)`` for none.
        """

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts in one batch.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no texts.
        """


class TwoStepEncoder(Encoder, Protocol):
    """An encoder whose two steps can be told apart, as profiling does."""

    def prepare(self, images: Sequence[ImageArray]) -> Any:
        """Bring pictures of any sizes, at least one, into the form that the model takes."""

    def prepare_crops(self, parts: Sequence[Crops]) -> Any:
        """Do the same with windows of pictures, at least one."""

    def encode_prepared(self, pixels: Any) -> FloatArray:
        """Embed what `prepare` returned.

        Returns:
            ``(N, D)`` float32, rows of unit length.
        """
