"""Hands work from other threads to a node's executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node


class ExecutorQueue:
    """Runs callables on the executor thread of a node, in the order in which they came.

    Publishing and answering stay on one thread, whichever thread did the work. A guard
    condition wakes the executor, so nothing is polled.

    Args:
        node: Node whose executor runs the callables.
    """

    def __init__(self, node: Node) -> None:
        """Attach to the node; nothing runs before it spins."""
        self._pending: deque[Callable[[], None]] = deque()
        self._wake = node.create_guard_condition(
            self._run_pending, callback_group=MutuallyExclusiveCallbackGroup()
        )

    def put(self, work: Callable[[], None]) -> None:
        """Run ``work`` soon; called from any thread, never waits."""
        self._pending.append(work)
        self._wake.trigger()

    def _run_pending(self) -> None:
        for _ in range(len(self._pending)):
            self._pending.popleft()()
