"""Brings pictures into the form that an open_clip model was trained on.

Does what open_clip's own transform does, on uint8 tensors instead of PIL pictures, which is
several times faster; single values differ by at most rounding. On a CPU, pictures that are far
larger than the model's input are cut and halved first, which embeddings hardly notice
(docs/decisions.md has figures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as transforms

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.side_by_side import side_by_side
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.encoder import Crops

_FAR_LARGER = 4
"""Sides of the input in a picture's, from which the picture is halved first."""

RESIZE_MODES = ("shortest", "longest", "squash")
INTERPOLATIONS = {
    "bicubic": InterpolationMode.BICUBIC,
    "bilinear": InterpolationMode.BILINEAR,
    "random": InterpolationMode.BICUBIC,
}
"""By open_clip's names; ``random`` is meant for training and is bicubic otherwise."""


class Normalisation(nn.Module):
    """Brings bytes to the range that a model was trained on; a part of exported networks."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """Take mean and standard deviation per channel of RGB, of values in [0, 1]."""
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Turn ``(N, h, w, 3)`` uint8 RGB into ``(N, 3, h, w)`` float32."""
        channels = pixels.permute(0, 3, 1, 2).to(torch.float32)
        return (channels / 255.0 - self.mean) / self.std


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture becomes a model's input; the fields of open_clip's ``preprocess_cfg``.

    Attributes:
        size_hw: Height and width of the input in pixels.
        mean: Per channel of RGB, of values in [0, 1].
        std: Per channel of RGB, > 0.
        interpolation: One of `INTERPOLATIONS`; always antialiased.
        resize_mode: ``shortest`` fills the input and cuts off what is too much, ``longest`` fits
            in the whole picture and pads, ``squash`` ignores the aspect ratio.
        fill_color: Value of padded pixels in [0, 255].
    """

    size_hw: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str
    fill_color: int

    def __post_init__(self) -> None:
        """Refuse what open_clip's transform does not know.

        Raises:
            ModelError: Names the field, what it may be and what it is.
        """
        _require_one_of("interpolation", self.interpolation, INTERPOLATIONS)
        _require_one_of("resize_mode", self.resize_mode, RESIZE_MODES)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Preprocessing:
        """Read the ``preprocess_cfg`` of a loaded open_clip model."""
        size = config["size"]
        height, width = (size, size) if isinstance(size, int) else size
        resize_mode, interpolation = config["resize_mode"], config["interpolation"]
        if resize_mode == "shortest" and height != width:
            # In this one case open_clip's transform does not pass the interpolation on.
            interpolation = "bicubic"
        return cls(
            size_hw=(int(height), int(width)),
            mean=_per_channel(config["mean"]),
            std=_per_channel(config["std"]),
            interpolation=interpolation,
            resize_mode=resize_mode,
            fill_color=config["fill_color"],
        )

    def normalisation(self) -> Normalisation:
        """Return the last step as a part of a network."""
        return Normalisation(self.mean, self.std)

    def fit(self, images: Sequence[ImageArray], device: torch.device) -> torch.Tensor:
        """Scale pictures of any sizes to the model's; on a GPU, they are scaled there.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each, at least one.
            device: Where the result is.

        Returns:
            ``(N, h, w, 3)`` uint8.
        """
        if device.type == "cpu":
            images = side_by_side(self._lightened, images)
        return self._stacked([_to_tensor(image).to(device) for image in images])

    def _lightened(self, image: ImageArray) -> ImageArray:
        """Leave out pixels of a picture that is far larger than the model's input.

        What would be cut off after scaling is cut off before, and squares of two pixels are
        averaged. What is left has twice the input's side at least, so that the last step still sees
        more than it can keep; cuts are off by at most an eighth of a pixel of the input.
        """
        if min(image.shape[:2]) < _FAR_LARGER * min(self.size_hw):
            return image
        if self.resize_mode == "shortest":
            image = self._cut_middle(image)
        height, width = image.shape[:2]
        halved = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        return np.asarray(halved, np.uint8)

    def _cut_middle(self, image: ImageArray) -> ImageArray:
        """Return the part of a picture that the model sees, as a view."""
        scaled_hw = self._scaled_size_hw(image.shape[:2])
        spans = []
        for side, scaled, wanted in zip(image.shape[:2], scaled_hw, self.size_hw, strict=True):
            first = round((scaled - wanted) / 2)
            spans.append(slice(*(round(edge * side / scaled) for edge in (first, first + wanted))))
        return image[spans[0], spans[1]]

    def fit_crops(self, parts: Sequence[Crops], device: torch.device) -> torch.Tensor:
        """Scale windows of pictures to the model's size; a GPU gets each picture once.

        Args:
            parts: Pictures with their windows, at least one window in all.
            device: Where the result is.

        Returns:
            ``(N, h, w, 3)`` uint8, in the order of the windows.
        """
        whole = ((_to_tensor(part.rgb).to(device), part.windows.tolist()) for part in parts)
        return self._stacked(
            [pixels[:, v0:v1, u0:u1] for pixels, windows in whole for u0, v0, u1, v1 in windows]
        )

    def _stacked(self, pictures: Sequence[torch.Tensor]) -> torch.Tensor:
        """Scale ``(3, H, W)`` pictures and return them as one ``(N, h, w, 3)``."""
        is_on_cpu = pictures[0].device.type == "cpu"
        fitted = side_by_side(self._fit, pictures) if is_on_cpu else list(map(self._fit, pictures))
        fitted = [pixels.permute(1, 2, 0) for pixels in fitted]
        return fitted[0][None] if len(fitted) == 1 else torch.stack(fitted)

    def batch(self, images: Sequence[ImageArray], device: torch.device) -> torch.Tensor:
        """Prepare pictures of any sizes.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each, at least one.
            device: Where the result is.

        Returns:
            ``(N, 3, h, w)`` float32, normalised.
        """
        normalised: torch.Tensor = self.normalisation().to(device)(self.fit(images, device))
        return normalised.contiguous()

    def _fit(self, pixels: torch.Tensor) -> torch.Tensor:
        if self.resize_mode == "squash":
            return self._resize(pixels, self.size_hw)
        scaled = self._resize(pixels, self._scaled_size_hw(pixels.shape[-2:]))
        fitted: torch.Tensor = transforms.center_crop(self._pad(scaled), list(self.size_hw))
        return fitted

    def _scaled_size_hw(self, picture_hw: Sequence[int]) -> tuple[int, int]:
        height, width = picture_hw
        ratios = (height / self.size_hw[0], width / self.size_hw[1])
        if self.resize_mode == "shortest" and self.size_hw[0] == self.size_hw[1]:
            # torchvision's Resize, which open_clip uses here, rounds the longer edge down.
            edge, shorter = self.size_hw[0], min(height, width)
            return height * edge // shorter, width * edge // shorter
        ratio = max(ratios) if self.resize_mode == "longest" else min(ratios)
        return max(1, round(height / ratio)), max(1, round(width / ratio))

    def _resize(self, pixels: torch.Tensor, size_hw: tuple[int, int]) -> torch.Tensor:
        interpolation = INTERPOLATIONS[self.interpolation]
        resized: torch.Tensor = transforms.resize(
            pixels, list(size_hw), interpolation=interpolation, antialias=True
        )
        return resized

    def _pad(self, pixels: torch.Tensor) -> torch.Tensor:
        missing_h = max(0, self.size_hw[0] - pixels.shape[-2])
        missing_w = max(0, self.size_hw[1] - pixels.shape[-1])
        left_top = [missing_w // 2, missing_h // 2]
        right_bottom = [(missing_w + 1) // 2, (missing_h + 1) // 2]
        padded: torch.Tensor = transforms.pad(pixels, left_top + right_bottom, fill=self.fill_color)
        return padded


def _to_tensor(image: ImageArray) -> torch.Tensor:
    # torch warns about arrays that it could write to by mistake, so a read-only one is copied.
    writable = np.require(image, requirements=("C", "W"))
    return torch.from_numpy(writable).permute(2, 0, 1)


def _per_channel(value: float | Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = (value,) * 3 if isinstance(value, (int, float)) else value
    return red, green, blue


def _require_one_of(field: str, value: str, known: Mapping[str, Any] | Sequence[str]) -> None:
    if value not in known:
        message = f"preprocess_cfg.{field}: expected one of {', '.join(known)}, got {value!r}"
        raise ModelError(message)
