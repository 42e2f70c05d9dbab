"""Asks a running node questions, on behalf of the command line."""

from __future__ import annotations

from scene_clip_ros.nodes.ask_conversion import answered_from_response, request_of
from scene_clip_ros.nodes.asked_question import AnsweredQuestion, AskedQuestion
from scene_clip_ros.nodes.service_client import ServiceClient
from scene_clip_ros.srv import Ask


class AskClient(ServiceClient[Ask.Request]):
    """A node that calls ``ask``."""

    def __init__(self, service: str) -> None:
        """Join the ROS graph.

        Args:
            service: Name of the service, with its namespace if it has one.

        Raises:
            ParameterError: No service can have this name.
        """
        super().__init__(Ask, service, name="scene_clip_ask", function="questions")

    def ask(self, question: AskedQuestion, *, timeout_s: float) -> AnsweredQuestion:
        """Ask, and wait for the answer.

        Args:
            question: What is asked.
            timeout_s: Longest time to be answered, seconds; see `ServiceClient.call`.

        Raises:
            ServiceError: Nobody offers the service, it does not answer, or it refuses.
        """
        return answered_from_response(self.call(request_of(question), timeout_s=timeout_s))
