"""Reads configurations from JSON files. Light."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ModelError


def read_object(path: Path, what: str = "a configuration") -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        what: What is expected there, for the message.

    Raises:
        ModelError: The file is missing or holds something else.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        message = f"{path}: expected {what}, got {err.strerror}"
        raise ModelError(message) from err
    except ValueError as err:
        message = f"{path}: expected JSON, got {err}"
        raise ModelError(message) from err
    if not isinstance(entries, dict):
        message = f"{path}: expected an object, got {type(entries).__name__}"
        raise ModelError(message)
    return entries
