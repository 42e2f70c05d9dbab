"""Keeps libraries that would fetch what is missing from using the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import constants


@contextmanager
def no_downloads() -> Iterator[None]:
    """Make the Hugging Face hub look only at its local cache, as ``HF_HUB_OFFLINE=1`` does.

    The variable itself is read once, when the library is imported, which may be long ago.
    """
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
