"""The last minutes of a node: what is kept of them, and the services that answer from it."""

from __future__ import annotations

from rclpy.node import Node

from scene_clip_ros.core.frame_memory import MemoryStatistics
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.nodes.answering import Answering
from scene_clip_ros.nodes.ask_service import AskService
from scene_clip_ros.nodes.configured import LoadReasoner
from scene_clip_ros.nodes.contrastive import CurrentReasoner
from scene_clip_ros.nodes.engine_texts import EngineTexts
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.fact_keeper import FactKeeper
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.query_service import QueryService
from scene_clip_ros.pipeline.engine import Engine
from scene_clip_ros.pipeline.pipeline import Pipeline

HYPOTHESES_AT_A_TIME = 8
"""Texts of a question that the engine embeds between two batches of frames."""


class FrameServices:
    """Keeps frames on the executor thread, and answers queries and questions beside it.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        engine: Embeds what is looked for.
        pipeline: The engine's.
        values: Parameters as they are now.
        load_reasoner: Loads what answers questions, once they are switched on.

    Raises:
        ParameterError: The memory is too small for a camera.
    """

    def __init__(
        self,
        node: Node,
        *,
        queue: ExecutorQueue,
        engine: Engine,
        pipeline: Pipeline,
        values: SceneClipParameters,
        load_reasoner: LoadReasoner,
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        self._node = node
        self._queue = queue
        self._engine = engine
        self._pipeline = pipeline
        self._load_reasoner = load_reasoner
        self._frames = FrameKeeper(pipeline.info.dim, values.memory)
        self._search = FrameSearch(self._frames, pipeline, engine.run)
        self._queries = QueryService(node, queue=queue, frames=self._search, cameras=values.cameras)
        self._facts = FactKeeper(values)
        self._questions: AskService | None = None

    def offer(self, values: SceneClipParameters) -> None:
        """Offer the services of what is switched on, once the engine runs.

        Raises:
            ServiceError: The engine is shutting down.
            ParameterError: There is no reasoner of that name.
            ReasoningError: The language model is not configured, or wrongly.
            ModelError: A model cannot be loaded, or failed.
        """
        self._load_questions(values)
        if values.memory.enabled:
            self._search.prepare()
        self._offer(values)

    def apply(self, values: SceneClipParameters) -> None:
        """Use other parameters from the next frame on; a service that is wanted now is offered.

        Raises:
            ParameterError: The memory would be too small for a camera; nothing has changed.
            ReasoningError: As for `offer`; nothing has changed.
            ModelError: As for `offer`; nothing has changed.
        """
        self._load_questions(values)
        self._frames.apply(values.memory)
        self._facts.apply(values)
        self._offer(values)

    def keep(self, result: FrameResult, rgb: ImageArray | None, *, frame_id: str) -> None:
        """Keep a frame, and what was decided about it."""
        self._facts.keep(result)
        self._frames.keep(result, rgb, frame_id=frame_id)

    def clear(self) -> None:
        """Forget every frame."""
        self._frames.clear()
        self._facts.clear()

    def statistics(self) -> MemoryStatistics | None:
        """Return how full the memory is; None while it is switched off."""
        return self._frames.statistics()

    def stop(self) -> None:
        """Cancel what waits to be answered; may be called again."""
        self._queries.stop()
        if self._questions is not None:
            self._questions.stop()

    def join(self) -> None:
        """Wait for the query in progress, after `stop` and the end of the engine.

        A question is not waited for: a language model may take half a minute.
        """
        self._queries.join()

    def _load_questions(self, values: SceneClipParameters) -> None:
        """Make the service that answers questions, once both functions it needs are on."""
        wanted = values.questions.enabled and values.memory.enabled
        if not wanted or self._questions is not None:
            return
        texts = EngineTexts(self._pipeline, self._engine.run, step=HYPOTHESES_AT_A_TIME)
        contrastive = CurrentReasoner(self._pipeline, texts, settings=self._reason_settings)
        reasoner = self._load_reasoner(values, contrastive)
        self._questions = AskService(
            self._node,
            queue=self._queue,
            answering=Answering(self._frames, self._facts, reasoner),
            cameras=values.cameras,
        )

    def _reason_settings(self) -> ReasonSettings:
        return ReasonSettings(min_lead=self._frames.values.min_lead)

    def _offer(self, values: SceneClipParameters) -> None:
        if values.memory.enabled:
            self._queries.offer()
        if self._questions is not None:
            self._questions.offer()
