"""An encoder of two dimensions: bright pictures on one axis, dark ones on the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.encoder import Crops, EncoderInfo


class TwoAxes:
    """Embeds by how bright a picture is; texts with one word or the other are the axes."""

    info = EncoderInfo("two-axes", 2, "cpu", "fp32", "test", 10.0, 4)

    def __init__(self, bright: str = "bright", dark: str = "dark") -> None:
        self._axes = {bright: (1.0, 0.0), dark: (0.0, 1.0)}

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        turn = np.array([image.mean() / 255 * np.pi / 2 for image in images])
        return np.stack([np.sin(turn), np.cos(turn)], axis=1).astype(np.float32)

    def encode_crops(self, parts: Sequence[Crops]) -> FloatArray:
        return self.encode_images([crop for part in parts for crop in part.cut()])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        rows = [next(axis for word, axis in self._axes.items() if word in text) for text in texts]
        return np.array(rows, np.float32)
