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
"""Largest number under a key that speaks of layers."""


def read_object(path: Path, what: str = "a configuration") -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        what: What is expected there, for the message.

    Raises:
        ModelError: The file is missing or holds something else, or numbers with which building a
            network would take all memory or all time.
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
    for key, number in _numbers(entries, ""):
        most = MAX_LAYERS if "layers" in key else MAX_NUMBER
        if number > most:
            message = f"{path}: {key}: expected at most {most}, got {number}"
            raise ModelError(message)
    return entries


def _numbers(value: Any, key: str) -> Iterator[tuple[str, int]]:
    """Yield every whole number in a value, with the key that it is under."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _numbers(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item, key)
    elif isinstance(value, int):
        yield key, value
