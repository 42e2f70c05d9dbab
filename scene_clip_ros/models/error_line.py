"""Says in one line what a library raised. Light."""

from __future__ import annotations

from scene_clip_ros.core.short_text import shortened

MAX_CHARACTERS = 200


def error_line(error: BaseException) -> str:
    """Return the type and the message of an error in one line of at most `MAX_CHARACTERS`."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return shortened(text, MAX_CHARACTERS)
