"""A camera whose pictures have two halves, and segmenters that are slow or break."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from image_messages import image_message
from paced_encoder import TIMEOUT_S
from sensor_msgs.msg import Image

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.fake_segmenter import FakeSegmenter

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
WIDTH, HEIGHT = 64, 48

VOCABULARY = "attributes:\n  colour: {labels: {red: [a red thing], green: [a green thing]}}\n"

ON: dict[str, Any] = {
    "masks__enabled": True,
    "masks__prompts": ["a red thing", "something green"],
    "masks__max_rate_hz": 0.0,
}


def picture(
    stamp: int, left: tuple[int, int, int] = RED, right: tuple[int, int, int] = BLUE
) -> Image:
    """Return a picture of two halves; ``stamp`` is in nanoseconds."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:, : WIDTH // 2], pixels[:, WIDTH // 2 :] = left, right
    return image_message(pixels, stamp)


def labels_of(message: Image) -> ImageArray:
    """Return the labels of a mask, ``(H, W)``."""
    assert message.encoding == "mono8"
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)


class HeldSegmenter(FakeSegmenter):
    """Marks nothing before it is released, and counts how often it looks."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.begun = threading.Event()
        self.looks = 0

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        self.looks += 1
        self.begun.set()
        assert self.released.wait(TIMEOUT_S)
        return super().segment(images, prompts)


class BrokenSegmenter(FakeSegmenter):
    """Breaks on every picture, as a model does that runs out of memory."""

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        message = f"out of memory for {len(images)} pictures, {len(prompts)} prompts"
        raise RuntimeError(message)
