"""What is answered to whom a request failed for."""

from __future__ import annotations

from collections.abc import Callable

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.short_text import shortened


def refusal(request: str, error: Exception, log: Callable[[str], object]) -> str:
    """Return why there is no answer, in one line that is not long.

    Args:
        request: What was asked for, such as the name of a service.
        error: Why it failed; only what nobody has foreseen is logged.
        log: Takes that entry.
    """
    if isinstance(error, SceneClipError):
        reason = str(error)
    else:
        reason = f"{request} failed: {type(error).__name__}: {error}"
        log(reason)
    return shortened(" ".join(reason.split()))
