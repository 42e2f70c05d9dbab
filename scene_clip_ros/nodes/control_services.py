"""The services that change what a running node does: ``set_vocabulary`` and ``set_enabled``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future as EngineFuture

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.parameter import Parameter

from scene_clip_ros.core.functions import FUNCTIONS
from scene_clip_ros.core.short_text import shortened
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.qos import QUERY_QOS
from scene_clip_ros.nodes.refusals import refusal
from scene_clip_ros.nodes.vocabulary_change import VocabularyChange
from scene_clip_ros.srv import SetEnabled, SetVocabulary

SWITCHES = (*FUNCTIONS, "questions", "masks", "alert", "overlay", "similarity")
"""What ``set_enabled`` and the parameters ``<function>.enabled`` switch."""

ChangeVocabulary = Callable[[VocabularyChange], "EngineFuture[str]"]
"""Has a change encoded and swapped in; its outcome is the vocabulary that holds then."""


class ControlServices:
    """Offers both, from now on until the end of the node.

    Args:
        node: Node that serves, and whose parameters are the switches.
        queue: Leads back to its executor.
        change_vocabulary: Called with what is asked for.
    """

    def __init__(
        self, node: Node, *, queue: ExecutorQueue, change_vocabulary: ChangeVocabulary
    ) -> None:
        """Offer the services."""
        self._node = node
        self._queue = queue
        self._change_vocabulary = change_vocabulary
        # While a coroutine waits, its group stays occupied: a group of its own keeps frames coming.
        node.create_service(
            SetVocabulary,
            "scene_clip/set_vocabulary",
            self._set_vocabulary,
            qos_profile=QUERY_QOS,
            callback_group=ReentrantCallbackGroup(),
        )
        node.create_service(
            SetEnabled, "scene_clip/set_enabled", self._set_enabled, qos_profile=QUERY_QOS
        )

    async def _set_vocabulary(
        self, request: SetVocabulary.Request, response: SetVocabulary.Response
    ) -> SetVocabulary.Response:
        change = VocabularyChange(
            text=request.vocabulary,
            attribute=request.attribute,
            hazard=request.hazard,
            query=request.query,
            labels=tuple(request.labels),
            contrasts=tuple(request.contrasts),
        )
        try:
            outcome = self._change_vocabulary(change)
            response.vocabulary = await self._queue.outcome_of(outcome)
        except Exception as err:  # the service's edge: each request is answered
            log = self._node.get_logger().error
            response.success, response.message = False, refusal("set_vocabulary", err, log)
            return response
        response.success, response.message = True, shortened(change.describe())
        self._node.get_logger().info(response.message)
        return response

    def _set_enabled(
        self, request: SetEnabled.Request, response: SetEnabled.Response
    ) -> SetEnabled.Response:
        if request.function not in SWITCHES:
            response.success = False
            response.message = (
                f"function: expected one of {', '.join(SWITCHES)}, "
                f"got {shortened(request.function, 40)!r}"
            )
            return response
        switch = Parameter(f"{request.function}.enabled", value=request.enabled)
        (outcome,) = self._node.set_parameters([switch])
        response.success = outcome.successful
        state = "on" if request.enabled else "off"
        response.message = outcome.reason or f"{request.function} switched {state}"
        return response
