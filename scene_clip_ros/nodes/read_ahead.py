"""Makes things ahead of their time, on a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class ReadAhead(Generic[Item]):
    """Iterates over something on its own thread, some items ahead of whoever iterates over it.

    Args:
        items: What to iterate over.
        depth: Most items that wait to be taken, ≥ 1.
    """

    def __init__(self, items: Iterable[Item], *, depth: int) -> None:
        """Begin to read."""
        self._items = items
        self._depth = depth
        self._changed = threading.Condition()
        self._ready: deque[Item] = deque()
        self._error: Exception | None = None
        self._ended = self._closed = False
        self._thread = threading.Thread(target=self._read, name="read ahead")
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        """Yield the items in order, until their end or `close`.

        Raises:
            Exception: What ended the items early, after those that came before it.
        """
        while self._await_item():
            with self._changed:
                item = self._ready.popleft()
                self._changed.notify_all()
            yield item

    def close(self) -> None:
        """Stop reading, once the item at hand is made; may be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _await_item(self) -> bool:
        """Wait for an item; False if none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended or self._closed)
            if self._closed:
                return False
            if not self._ready and self._error is not None:
                raise self._error
            return bool(self._ready)

    def _read(self) -> None:
        try:
            for item in self._items:
                if not self._keep(item):
                    break
        except Exception as err:
            self._error = err
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _keep(self, item: Item) -> bool:
        """Wait for room and keep an item; False if nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._ready) < self._depth or self._closed)
            self._ready.append(item)
            self._changed.notify_all()
            return not self._closed
