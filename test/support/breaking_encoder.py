"""A text tower that breaks."""

from __future__ import annotations

from collections.abc import Sequence

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.fake_encoder import FakeEncoder


class BreakingEncoder(FakeEncoder):
    """Breaks on a word, as a model does that runs out of memory."""

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        if any("broken" in text for text in texts):
            message = "out of memory"
            raise RuntimeError(message)
        return super().encode_texts(texts)
