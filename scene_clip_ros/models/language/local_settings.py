"""How a language model in a folder runs, and whether there is one. Light."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scene_clip_ros.core.errors import ModelError, ReasoningError
from scene_clip_ros.models.language.endpoint_settings import (
    DEFAULT_MAX_FRAMES,
    DEFAULT_TIMEOUT_S,
    check_limits,
)

MOST_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """How a language model in a folder runs.

    Attributes:
        device: As `models.devices.choose_device` takes it.
        precision: As `models.devices.choose_precision` takes it.
        timeout_s: Most seconds that a question takes.
        max_frames: Most frames that are shown.
        max_tokens: Most tokens of a reply, 1 to `MOST_TOKENS`.
    """

    device: str = "auto"
    precision: str = "auto"
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_frames: int = DEFAULT_MAX_FRAMES
    max_tokens: int = 512

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ReasoningError: A value is out of its range.
        """
        check_limits(self.timeout_s, self.max_frames)
        if not 1 <= self.max_tokens <= MOST_TOKENS:
            message = f"max_tokens: expected 1 to {MOST_TOKENS}, got {self.max_tokens}"
            raise ReasoningError(message)


def require_weights(folder: Path) -> None:
    """Refuse a folder without a model, at once.

    Raises:
        ModelError: No safetensors file lies in it.
    """
    if not any(folder.glob("*.safetensors")):
        message = f"{folder}: expected a folder with a model's .safetensors files, got none"
        raise ModelError(message)
