"""Keeps messages for people short, whatever they quote."""

from __future__ import annotations

MAX_MESSAGE_CHARACTERS = 500
"""Of a message that quotes what somebody sent."""


def shortened(text: str, max_characters: int = MAX_MESSAGE_CHARACTERS) -> str:
    """Return a text, or its beginning and an ellipsis if it has more than ``max_characters``."""
    return text if len(text) <= max_characters else f"{text[: max_characters - 1]}…"
