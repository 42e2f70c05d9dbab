"""Services that are asked on the executor, and answered on a thread of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from scene_clip_ros.nodes.bounded_worker import BoundedWorker
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.qos import QUERY_QOS
from scene_clip_ros.nodes.refusals import refusal

Request = TypeVar("Request")
Response = TypeVar("Response")


class WorkerService(ABC, Generic[Request, Response]):
    """Answers requests one after the other; frames keep coming meanwhile.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        service_type: Of the service; its response has ``success`` and ``message``.
        name: Of the service, below ``scene_clip/``.
        max_requests: Most that are answered or wait.
    """

    def __init__(
        self,
        node: Node,
        *,
        queue: ExecutorQueue,
        service_type: Any,
        name: str,
        max_requests: int,
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        self._node = node
        self._queue = queue
        self._type = service_type
        self._name = name
        self._worker = BoundedWorker(f"scene_clip_{name}", max_calls=max_requests)
        self._is_offered = False

    @abstractmethod
    def prepare(self, request: Request) -> Callable[[], Response]:
        """Check a request on the executor thread, and return what the worker is to do.

        Raises:
            SceneClipError: It is refused, and why.
        """

    def offer(self) -> None:
        """Offer the service, from now on until the end; without effect the second time.

        While it has never been wanted, another process may offer it.
        """
        if not self._is_offered:
            self._is_offered = True
            # While a coroutine waits, its group stays occupied: frames must keep coming.
            self._node.create_service(
                self._type,
                f"scene_clip/{self._name}",
                self._on_request,
                qos_profile=QUERY_QOS,
                callback_group=ReentrantCallbackGroup(),
            )

    def stop(self) -> None:
        """Cancel the requests that wait; what is being answered is not waited for."""
        self._worker.stop()

    def join(self) -> None:
        """Wait for the answer in progress, after `stop` and the end of the engine."""
        self._worker.join()

    async def _on_request(self, request: Request, _response: Response) -> Response:
        try:
            answer = self._worker.submit(self.prepare(request))
            return await self._queue.outcome_of(answer)
        except Exception as err:  # the worker's edge: the next request must still be answered
            reason = refusal(self._name, err, self._node.get_logger().error)
            response: Response = self._type.Response(success=False, message=reason)
            return response
