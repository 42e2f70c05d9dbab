"""Asks a running node for frames, on behalf of the command line."""

from __future__ import annotations

from scene_clip_ros.core.frame_query import SearchOutcome
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.query_conversion import outcome_from_response, request_of
from scene_clip_ros.nodes.service_client import ServiceClient
from scene_clip_ros.srv import QueryFrames


class QueryClient(ServiceClient[QueryFrames.Request]):
    """A node that calls ``query_frames``."""

    def __init__(self, service: str) -> None:
        """Join the ROS graph.

        Args:
            service: Name of the service, with its namespace if it has one.

        Raises:
            ParameterError: No service can have this name.
        """
        super().__init__(QueryFrames, service, name="scene_clip_query", function="memory")

    def ask(self, question: FrameQuestion, *, timeout_s: float) -> SearchOutcome:
        """Ask, and wait for the answer.

        Args:
            question: What is looked for.
            timeout_s: Longest time to be answered, seconds; see `ServiceClient.call`.

        Raises:
            ServiceError: Nobody offers the service, it does not answer, or it refuses.
        """
        return outcome_from_response(self.call(request_of(question), timeout_s=timeout_s))
