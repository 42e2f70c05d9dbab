"""Does the same work on many items with several threads, where Python's lock is not held."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_SHARING = 8
"""Items from which they are shared out; fewer are done on the calling thread."""

MAX_THREADS = 4


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return what some work makes of every item, in their order.

    Args:
        work: Is called on any thread, also with two items at once; must not call this itself.
        items: Any number of them.

    Raises:
        Exception: What ``work`` raised for the first item for which it did.
    """
    if len(items) < WORTH_SHARING:
        return list(map(work, items))
    return list(_threads().map(work, items))


@cache
def _threads() -> ThreadPoolExecutor:
    count = min(MAX_THREADS, os.cpu_count() or 1)
    return ThreadPoolExecutor(count, thread_name_prefix="scene_clip_work")
