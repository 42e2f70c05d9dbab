"""An encoder that is as slow as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.fake_encoder import FakeEncoder

TIMEOUT_S = 30.0
"""Longer than any test waits."""


class PacedEncoder(FakeEncoder):
    """Understands colours, but embeds a batch of pictures only with a permit, until it is free."""

    def __init__(self) -> None:
        super().__init__()
        self._permits = threading.Semaphore(0)
        self._is_free = True
        self.is_waiting = False

    def hold(self) -> None:
        """Embed nothing without a permit."""
        self._is_free = False

    def permit_one(self) -> None:
        """Let one batch through."""
        self._permits.release()

    def free(self) -> None:
        """Embed whatever comes."""
        self._is_free = True
        self._permits.release()

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        if not self._is_free:
            self.is_waiting = True
            self._permits.acquire(timeout=TIMEOUT_S)
            self.is_waiting = False
        return super().encode_images(images)
