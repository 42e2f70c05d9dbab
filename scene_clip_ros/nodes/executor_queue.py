"""Hands work from other threads to a node's executor."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.task import Future as RosFuture

from scene_clip_ros.core.errors import ServiceError


class ExecutorQueue:
    """Runs callables on the executor thread of a node, in the order in which they came.

    Publishing and answering stay on one thread, whichever thread did the work. A guard
    condition wakes the executor, so nothing is polled.

    Args:
        node: Node whose executor runs the callables.
    """

    def __init__(self, node: Node) -> None:
        """Attach to the node; nothing runs before it spins."""
        self._node = node
        self._pending: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._is_open = True
        self._wake = node.create_guard_condition(
            self._run_pending, callback_group=MutuallyExclusiveCallbackGroup()
        )

    def put(self, work: Callable[[], None]) -> None:
        """Run ``work`` soon; called from any thread, never waits."""
        with self._lock:
            if self._is_open:
                self._pending.append(work)
                self._wake.trigger()

    def close(self) -> None:
        """Run nothing that comes from now on: the node may be destroyed while others work on."""
        with self._lock:
            self._is_open = False

    def outcome_of(self, future: ThreadFuture[Any]) -> RosFuture:
        """Return what another thread works out as a callback can await it.

        Awaiting it leaves the executor free. A :class:`ServiceError` takes the place of a result
        that was cancelled.
        """
        outcome: RosFuture = RosFuture(executor=self._node.executor)

        def settle() -> None:
            if future.cancelled():
                outcome.set_exception(ServiceError("the node is shutting down"))
            elif error := future.exception():
                outcome.set_exception(error)
            else:
                outcome.set_result(future.result())

        future.add_done_callback(lambda _done: self.put(settle))
        return outcome

    def _run_pending(self) -> None:
        for _ in range(len(self._pending)):
            self._pending.popleft()()
