"""The service ``scene_clip/query_frames``: asked on the executor, answered beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rclpy.node import Node

from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.query_conversion import question_from_request, response_of
from scene_clip_ros.nodes.worker_service import WorkerService
from scene_clip_ros.srv import QueryFrames

MAX_QUERIES = 8
"""Queries that are answered or wait; with more, those in front would be stale before their turn."""


class QueryService(WorkerService[QueryFrames.Request, QueryFrames.Response]):
    """Answers queries one after the other on a thread of its own.

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
        super().__init__(
            node,
            queue=queue,
            service_type=QueryFrames,
            name="query_frames",
            max_requests=MAX_QUERIES,
        )
        self._frames = frames
        self._cameras = cameras

    def prepare(self, request: QueryFrames.Request) -> Callable[[], QueryFrames.Response]:
        """Check a query, and return what finds the frames."""
        question = question_from_request(request)
        question.frame_filter.require_cameras(self._cameras)
        self._frames.require_enabled()
        return partial(self._answer, question)

    def _answer(self, question: FrameQuestion) -> QueryFrames.Response:
        """Search and write the response, on the worker's thread."""
        return response_of(self._frames.answer(question), thumbnails=question.thumbnails)
