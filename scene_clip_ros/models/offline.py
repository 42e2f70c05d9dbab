"""Keeps libraries that would fetch what is missing from using the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from huggingface_hub import constants


@dataclass(slots=True)
class _Users:
    """Who loads a model at this moment: several threads may."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0
    before: bool = False


_users = _Users()


@contextmanager
def no_downloads() -> Iterator[None]:
    """Make the Hugging Face hub look only at its local cache, as ``HF_HUB_OFFLINE=1`` does.

    The variable itself is read once, when the library is imported, which may be long ago. What it
    was is put back when the last thread that is in such a block leaves it.
    """
    with _users.lock:
        if not _users.count:
            _users.before = constants.HF_HUB_OFFLINE
            constants.HF_HUB_OFFLINE = True
        _users.count += 1
    try:
        yield
    finally:
        with _users.lock:
            _users.count -= 1
            if not _users.count:
                constants.HF_HUB_OFFLINE = _users.before
