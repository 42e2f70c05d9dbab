"""Asks a running node for frames, on behalf of the command line."""

from __future__ import annotations

from types import TracebackType

import rclpy
from rclpy.context import Context
from rclpy.exceptions import NameValidationException
from rclpy.executors import SingleThreadedExecutor

from scene_clip_ros.core.errors import ParameterError, ServiceError
from scene_clip_ros.core.frame_query import SearchOutcome
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.query_conversion import outcome_from_response, request_of
from scene_clip_ros.srv import QueryFrames


class QueryClient:
    """A node that calls one service."""

    def __init__(self, service: str) -> None:
        """Join the ROS graph.

        Args:
            service: Name of the service, with its namespace if it has one.

        Raises:
            ParameterError: No service can have this name.
        """
        self._context = Context()
        rclpy.init(args=[], context=self._context)
        self._node = rclpy.create_node("scene_clip_query", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        try:
            self._client = self._node.create_client(QueryFrames, service)
        except (NameValidationException, ValueError) as err:
            self._leave()
            message = f"expected the name of a service, got {service[:80]!r}: {err}"
            raise ParameterError(message) from err

    def __enter__(self) -> QueryClient:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the ROS graph."""
        self._leave()

    def ask(self, question: FrameQuestion, *, timeout_s: float) -> SearchOutcome:
        """Ask, and wait for the answer.

        Args:
            question: What is looked for.
            timeout_s: Longest time to find the service, and again to be answered, seconds.

        Raises:
            ServiceError: Nobody offers the service, it does not answer, or it refuses.
        """
        name = self._client.srv_name
        if not self._client.wait_for_service(timeout_sec=timeout_s):
            message = (
                f"expected a node that offers {name}, got none within {timeout_s:g} s: "
                "is scene_clip running, with memory.enabled, in this ROS_DOMAIN_ID?"
            )
            raise ServiceError(message)
        future = self._client.call_async(request_of(question))
        self._executor.spin_until_future_complete(future, timeout_sec=timeout_s)
        if not future.done():
            message = f"expected an answer of {name}, got none within {timeout_s:g} s"
            raise ServiceError(message)
        response = future.result()
        if not response.success:
            message = f"{name} refused: {response.message}"
            raise ServiceError(message)
        return outcome_from_response(response)

    def _leave(self) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)
