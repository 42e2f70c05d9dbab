"""A thread for work that may wait, with a bound on how much of it does. Free of ROS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from scene_clip_ros.core.errors import ServiceError

T = TypeVar("T")


class BoundedWorker:
    """Runs calls one after the other on a thread of its own, and refuses more than may wait.

    Args:
        name: Of the thread.
        max_calls: Most calls that run or wait, ≥ 1.
    """

    def __init__(self, name: str, *, max_calls: int) -> None:
        """Prepare; the thread starts with the first call."""
        self._max_calls = max_calls
        self._room = threading.Semaphore(max_calls)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def require_room(self) -> None:
        """Do nothing but raise what `submit` would, as long as nobody else submits.

        Raises:
            ServiceError: Too many wait already.
        """
        if not self._room.acquire(blocking=False):
            raise self._refusal()
        self._room.release()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Run something as soon as what came before is done; called from any thread, never waits.

        Returns:
            Its outcome to come; cancelled if the worker stops first.

        Raises:
            ServiceError: Too many wait already, or the worker has stopped.
        """
        if not self._room.acquire(blocking=False):
            raise self._refusal()

        def run() -> T:
            try:
                return call()
            finally:
                self._room.release()

        try:
            return self._pool.submit(run)
        except RuntimeError as err:
            self._room.release()
            message = "expected a running node, got one that is shutting down"
            raise ServiceError(message) from err

    def stop(self) -> None:
        """Cancel what waits; what runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Stop, and wait for what runs; not called on the worker's own thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _refusal(self) -> ServiceError:
        return ServiceError(
            f"expected at most {self._max_calls} requests at a time, got one more: "
            "ask again when one has been answered"
        )
