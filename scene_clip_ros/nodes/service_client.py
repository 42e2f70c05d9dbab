"""Calls a service of a running node, on behalf of the command line."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Generic, TypeVar

import rclpy
from rclpy.context import Context
from rclpy.exceptions import NameValidationException
from rclpy.executors import SingleThreadedExecutor
from typing_extensions import Self

from scene_clip_ros.core.errors import ParameterError, ServiceError
from scene_clip_ros.nodes.abandoned_ports import abandoned_ports_avoided

MAX_SEARCH_S = 10.0
"""Longest time to find a service, however long its answer may take."""

Request = TypeVar("Request")


class ServiceClient(Generic[Request]):
    """A node that calls one service whose responses have ``success`` and ``message``."""

    def __init__(self, service_type: Any, service: str, *, name: str, function: str) -> None:
        """Join the ROS graph.

        Args:
            service_type: Of the service.
            service: Name of the service, with its namespace if it has one.
            name: Of the client's node.
            function: What must be switched on for the service to be offered.

        Raises:
            ParameterError: No service can have this name.
        """
        self._function = function
        self._context = Context()
        rclpy.init(args=[], context=self._context)
        with abandoned_ports_avoided():
            self._node = rclpy.create_node(name, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        try:
            self._client = self._node.create_client(service_type, service)
        except (NameValidationException, ValueError) as err:
            self._leave()
            message = f"expected the name of a service, got {service[:80]!r}: {err}"
            raise ParameterError(message) from err

    def __enter__(self) -> Self:
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

    def call(self, request: Request, *, timeout_s: float) -> Any:
        """Call the service, and wait for its response.

        Args:
            request: What is asked for.
            timeout_s: Longest time to be answered, seconds, and to find the service, up to
                `MAX_SEARCH_S`.

        Raises:
            ServiceError: Nobody offers the service, it does not answer, or it refuses.
        """
        name, search_s = self._client.srv_name, min(timeout_s, MAX_SEARCH_S)
        if not self._client.wait_for_service(timeout_sec=search_s):
            message = (
                f"expected a node that offers {name}, got none within {search_s:g} s: "
                f"is scene_clip running, with {self._function}.enabled, in this ROS_DOMAIN_ID?"
            )
            raise ServiceError(message)
        future = self._client.call_async(request)
        self._executor.spin_until_future_complete(future, timeout_sec=timeout_s)
        if not future.done():
            message = f"expected an answer of {name}, got none within {timeout_s:g} s"
            raise ServiceError(message)
        response = future.result()
        if not response.success:
            message = f"{name} refused: {response.message}"
            raise ServiceError(message)
        return response

    def _leave(self) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)
