"""The service ``scene_clip/ask``: asked on the executor, answered beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rclpy.node import Node

from scene_clip_ros.nodes.answering import Answering
from scene_clip_ros.nodes.ask_conversion import question_from_request, response_of
from scene_clip_ros.nodes.asked_question import AskedQuestion
from scene_clip_ros.nodes.background_load import BackgroundLoad
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.worker_service import WorkerService
from scene_clip_ros.srv import Ask

MAX_QUESTIONS = 4
"""Questions that are answered or wait: a language model may take half a minute for each."""


class AskService(WorkerService[Ask.Request, Ask.Response]):
    """Answers questions one after the other on a thread of its own.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        answering: Answers.
        cameras: Names of the cameras that may be asked about.
        load: Loads what answers.
    """

    def __init__(
        self,
        node: Node,
        *,
        queue: ExecutorQueue,
        answering: Answering,
        cameras: tuple[str, ...],
        load: Callable[[], None],
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        super().__init__(
            node, queue=queue, service_type=Ask, name="ask", max_requests=MAX_QUESTIONS
        )
        self._answering = answering
        self._cameras = cameras
        self._loading = BackgroundLoad(self._worker, load, on_failure=self._log_failure)

    def begin_load(self) -> None:
        """Have what answers loaded on the thread that answers; until then, questions are refused.

        Called on the executor thread; nothing happens while it is being loaded already.
        """
        self._loading.begin()

    def prepare(self, request: Ask.Request) -> Callable[[], Ask.Response]:
        """Check a question, and return what answers it."""
        question = question_from_request(request)
        question.frame_filter.require_cameras(self._cameras)
        self._answering.require_ready()
        return partial(self._answer, question)

    def _answer(self, question: AskedQuestion) -> Ask.Response:
        """Reason and write the response, on the worker's thread."""
        return response_of(self._answering.answer(question))

    def _log_failure(self, error: BaseException) -> None:
        self._node.get_logger().error(f"questions: nothing that answers them: {error}")
