"""A deterministic segmenter without a model, for tests and dry runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import BoolArray, FloatArray, ImageArray
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, NAN_COLOR
from scene_clip_ros.models.segmenter import SegmenterInfo

_SURE = 8.0
_MAX_DISTANCE = 96.0


class FakeSegmenter:
    """Marks colours: the prompt "a red thing" means the pixels that are about red.

    A prompt that names no colour means nothing in any picture.
    """

    def __init__(self, *, size_hw: tuple[int, int] = (32, 32)) -> None:
        """Make the fake.

        Args:
            size_hw: Height and width in pixels of its logits, ≥ 1; a logit is of the picture's
                pixel in the middle of its cell.
        """
        self._info = SegmenterInfo("fake-segmenter", "cpu", "fp32", size_hw)

    @property
    def info(self) -> SegmenterInfo:
        """What is loaded."""
        return self._info

    def view(self, images: Sequence[ImageArray]) -> _View:
        """Return pictures to be asked about."""
        return _View(self, images)

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        """Look for colours.

        Returns:
            ``(N, P, h, w)`` float32, 8 where a colour is that of the prompt and -8 elsewhere.

        Raises:
            ModelError: A picture has the colour `NAN_COLOR` everywhere.
        """
        logits = np.full((len(images), len(prompts), *self._info.size_hw), -_SURE, np.float32)
        for of_picture, image in zip(logits, images, strict=True):
            seen = self._sample(image)
            for plane, prompt in zip(of_picture, prompts, strict=True):
                plane[_is_named(seen, prompt)] = _SURE
        return logits

    def _sample(self, image: ImageArray) -> ImageArray:
        if (image == np.array(NAN_COLOR, np.uint8)).all():
            message = "expected finite logits, got NaN"
            raise ModelError(message)
        rows, columns = (
            ((np.arange(count) + 0.5) * side / count).astype(int)
            for count, side in zip(self._info.size_hw, image.shape[:2], strict=True)
        )
        sampled: ImageArray = image[rows][:, columns]
        return sampled


class _View:
    """Pictures, which are looked at when they are asked about."""

    def __init__(self, segmenter: FakeSegmenter, images: Sequence[ImageArray]) -> None:
        self._segmenter = segmenter
        self._images = images

    def segment(self, prompts: Sequence[str]) -> FloatArray:
        return self._segmenter.segment(self._images, prompts)


def _is_named(seen: ImageArray, prompt: str) -> BoolArray:
    """Return where one of a prompt's colours is seen, ``(h, w)``."""
    named = [COLOR_WORDS[word] for word in prompt.lower().split() if word in COLOR_WORDS]
    is_named = np.zeros(seen.shape[:2], np.bool_)
    for color in named:
        distance = np.linalg.norm(seen.astype(np.float32) - np.array(color, np.float32), axis=2)
        is_named |= distance < _MAX_DISTANCE
    return is_named
