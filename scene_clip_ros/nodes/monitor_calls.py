"""Calls services from the page's loop, through the node's executor."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import InvalidStateError
from typing import Any

from rclpy.node import Node

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.nodes.executor_queue import ExecutorQueue

MAX_CALLS = 4
"""Calls of one service on their way; one more is refused, not queued."""


class BusyError(ServiceError):
    """So many calls are on their way that one more is refused."""


class ServiceCaller:
    """Calls one service.

    Args:
        node: Node that calls.
        queue: Leads to its executor.
        service_type: Of the service.
        name: Of the service, relative to the node's namespace.
        timeout_s: Longest wait for an answer, seconds.
        hint: What must run for the service to be there.
    """

    def __init__(
        self,
        node: Node,
        queue: ExecutorQueue,
        service_type: type,
        *,
        name: str,
        timeout_s: float,
        hint: str,
    ) -> None:
        """Create the client; call on the executor's thread."""
        self._client = node.create_client(service_type, name)
        self._name = node.resolve_service_name(name)
        self._queue = queue
        self._timeout_s = timeout_s
        self._hint = hint
        self._on_their_way = 0
        self.is_offered = False

    def look(self) -> None:
        """Find out whether somebody offers the service; call on the executor's thread."""
        self.is_offered = self._client.service_is_ready()

    async def call(self, request: Any) -> Any:
        """Call and wait for the response; call on the page's loop.

        Raises:
            ServiceError: Nobody offers the service, or it does not answer in time.
            BusyError: `MAX_CALLS` calls are on their way.
        """
        if self._on_their_way >= MAX_CALLS:
            message = f"{MAX_CALLS} requests are being answered already: try again in a moment"
            raise BusyError(message)
        self._on_their_way += 1
        try:
            return await self._outcome(request)
        finally:
            self._on_their_way -= 1

    async def _outcome(self, request: Any) -> Any:
        outcome: ThreadFuture[Any] = ThreadFuture()
        self._queue.put(lambda: self._begin(request, outcome))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(outcome), self._timeout_s)
        except asyncio.TimeoutError as err:
            message = f"expected an answer of {self._name}, got none within {self._timeout_s:g} s"
            raise ServiceError(message) from err

    def _begin(self, request: Any, outcome: ThreadFuture[Any]) -> None:
        """Send the request; runs on the executor's thread, which nothing may stop."""
        try:
            self.look()
            if not self.is_offered:
                message = f"nobody offers {self._name}: {self._hint}"
                raise ServiceError(message)
            pending = self._client.call_async(request)
        except Exception as err:
            _settle(outcome, error=err)
            return
        pending.add_done_callback(lambda done: _settle_with(outcome, done))
        outcome.add_done_callback(lambda _done: self._queue.put(lambda: self._forget(pending)))

    def _forget(self, pending: Any) -> None:
        if not pending.done():
            self._client.remove_pending_request(pending)


def _settle_with(outcome: ThreadFuture[Any], done: Any) -> None:
    error = done.exception()
    _settle(outcome, error=error, result=None if error else done.result())


def _settle(
    outcome: ThreadFuture[Any], *, error: Exception | None = None, result: Any = None
) -> None:
    """Tell the outcome, unless nobody waits any more."""
    with contextlib.suppress(InvalidStateError):
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)
