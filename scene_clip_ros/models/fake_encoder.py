"""A deterministic encoder without a model, for tests and dry runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.models.encoder import Crops, EncoderInfo

COLOR_WORDS: Mapping[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}
"""Words that `FakeEncoder` understands, and the RGB colour each stands for."""

NAN_COLOR = (254, 1, 254)
"""A picture of this mean colour makes `FakeEncoder` fail, as a bad picture does a real model."""

COLOR_DIMS = 4

INPUT_SIDE = 4
"""A mean colour needs few pixels."""


class FakeEncoder:
    """Understands colours: a red picture and the text "a red thing" are close.

    The first four numbers of an embedding are a colour: red, green and blue in [-1, 1], and a
    constant. Of a picture it is the mean colour, of a text the mean of the colours that it names.
    The others hash the words of a text, weakly beside a colour, and are zero for pictures. So
    texts that name no colour differ, and are no nearer to one picture than to another.
    """

    def __init__(self, *, dim: int = 32, logit_scale: float = 20.0) -> None:
        """Make the fake.

        Args:
            dim: Length of an embedding, > 4.
            logit_scale: Multiplier of a cosine before the softmax, > 0.
        """
        self._info = EncoderInfo(
            model_id=f"fake-{dim}",
            dim=dim,
            device="cpu",
            precision="fp32",
            backend="fake",
            logit_scale=logit_scale,
            input_side=INPUT_SIDE,
        )

    @property
    def info(self) -> EncoderInfo:
        """What is loaded."""
        return self._info

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        """Embed pictures by their mean colour.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no pictures.

        Raises:
            ModelError: A picture has the colour `NAN_COLOR`.
        """
        means = [image.mean(axis=(0, 1)) for image in images]
        if any(np.allclose(mean, NAN_COLOR) for mean in means):
            message = "expected finite embeddings, got NaN"
            raise ModelError(message)
        return self._unit_rows([self._color_row(mean) for mean in means])

    def encode_crops(self, parts: Sequence[Crops]) -> FloatArray:
        """Embed windows of pictures by their mean colour, as `encode_images`."""
        return self.encode_images([crop for part in parts for crop in part.cut()])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts by the colours and words in them.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no texts.
        """
        return self._unit_rows([self._text_row(text.lower().split()) for text in texts])

    def _text_row(self, words: Sequence[str]) -> Float64Array:
        colors = [COLOR_WORDS[word] for word in words if word in COLOR_WORDS]
        row = self._color_row(np.mean(colors, axis=0)) if colors else np.zeros(self._info.dim)
        for word in ("", *words):
            row[COLOR_DIMS:] += 0.02 * self._word_vector(word)
        return row

    def _color_row(self, color: Float64Array) -> Float64Array:
        row = np.zeros(self._info.dim)
        row[:COLOR_DIMS] = *(color / 127.5 - 1.0), 0.5
        return row

    def _word_vector(self, word: str) -> Float64Array:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self._info.dim - COLOR_DIMS)

    def _unit_rows(self, rows: Sequence[Float64Array]) -> FloatArray:
        if not rows:
            return np.empty((0, self._info.dim), np.float32)
        stacked = np.stack(rows)
        lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
        return np.asarray(stacked / lengths, np.float32)
