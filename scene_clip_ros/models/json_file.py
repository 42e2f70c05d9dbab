"""Reads configurations from JSON files, whose author is not trusted. Light."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ModelError

MAX_BYTES = 1 << 20
"""Of a file that configures a model."""

MAX_NUMBER = 1_000_000
"""Largest number in it: of words that a tokenizer knows there are the most, some 250 000."""

MAX_LAYERS = 1000
"""Largest number under a key that speaks of layers or depth."""


def read_object(path: Path, what: str = "a configuration") -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        what: What is expected there, for the message.

    Raises:
        ModelError: The file is missing or holds something else, or numbers that no network
            has.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"{path}: expected at most {MAX_BYTES} bytes, got more"
            raise ModelError(message)
        entries = json.loads(content.decode("utf-8"))
    except OSError as err:
        message = f"{path}: expected {what}, got {err.strerror}"
        raise ModelError(message) from err
    except (ValueError, RecursionError) as err:
        message = f"{path}: expected JSON, got {err}"
        raise ModelError(message) from err
    if not isinstance(entries, dict):
        message = f"{path}: expected an object, got {type(entries).__name__}"
        raise ModelError(message)
    for key, number in _numbers(entries):
        most = MAX_LAYERS if "layer" in key or "depth" in key else MAX_NUMBER
        if number > most:
            message = f"{path}: {key}: expected at most {most}, got {number}"
            raise ModelError(message)
    return entries


def _numbers(entries: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield every number in an object, with the key that it is under."""
    waiting: list[tuple[str, Any]] = list(entries.items())
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((key, item) for item in value)
        elif isinstance(value, (int, float)):
            yield key, value
