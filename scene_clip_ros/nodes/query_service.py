"""The service ``scene_clip/query_frames``: asked on the executor, answered beside it."""

from __future__ import annotations

from functools import partial

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.nodes.bounded_worker import BoundedWorker
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.qos import QUERY_QOS
from scene_clip_ros.nodes.query_conversion import question_from_request, refusal, response_of
from scene_clip_ros.srv import QueryFrames

MAX_QUERIES = 8
"""Queries that are answered or wait; with more, those in front would be stale before their turn."""


class QueryService:
    """Answers queries one after the other on a thread of its own; frames keep coming meanwhile.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        frames: Answers.
        cameras: Names of the cameras that may be asked for.
    """

    def __init__(
        self, node: Node, *, queue: ExecutorQueue, frames: FrameSearch, cameras: tuple[str, ...]
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        self._node = node
        self._queue = queue
        self._frames = frames
        self._cameras = cameras
        self._worker = BoundedWorker("scene_clip_query", max_calls=MAX_QUERIES)
        self._is_offered = False

    def offer(self) -> None:
        """Offer the service, from now on until the end; without effect the second time.

        While it has never been wanted, another process may offer it.
        """
        if not self._is_offered:
            self._is_offered = True
            # While a coroutine waits, its group stays occupied: frames must keep coming.
            self._node.create_service(
                QueryFrames,
                "scene_clip/query_frames",
                self._on_request,
                qos_profile=QUERY_QOS,
                callback_group=ReentrantCallbackGroup(),
            )

    def stop(self) -> None:
        """Cancel the queries that wait; may be called again."""
        self._worker.stop()

    def join(self) -> None:
        """Wait for the query in progress, after `stop` and the end of the engine.

        What it answers goes through the node, which must still be there.
        """
        self._worker.join()

    async def _on_request(
        self, request: QueryFrames.Request, _response: QueryFrames.Response
    ) -> QueryFrames.Response:
        try:
            question = question_from_request(request)
            question.require_cameras(self._cameras)
            self._frames.require_enabled()
            answer = self._worker.submit(partial(self._answer, question))
            return await self._queue.outcome_of(answer)
        except SceneClipError as err:
            return refusal(str(err))
        except Exception as err:  # the worker's edge: the next query must still be answered
            self._node.get_logger().error(f"query_frames: {type(err).__name__}: {err}")
            return refusal(f"the query failed: {type(err).__name__}: {err}")

    def _answer(self, question: FrameQuestion) -> QueryFrames.Response:
        """Search and write the response, on the worker's thread."""
        return response_of(self._frames.answer(question), thumbnails=question.thumbnails)
