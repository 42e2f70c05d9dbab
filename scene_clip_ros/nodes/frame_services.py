"""The last minutes of a node: what is kept of them, and the services that answer from it."""

from __future__ import annotations

from rclpy.node import Node

from scene_clip_ros.core.frame_memory import MemoryStatistics
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import Reasoner
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.nodes.answering import Answering
from scene_clip_ros.nodes.ask_service import AskService
from scene_clip_ros.nodes.configured import FindReasoner
from scene_clip_ros.nodes.contrastive import CurrentReasoner
from scene_clip_ros.nodes.engine_texts import EngineTexts
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.fact_keeper import FactKeeper
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.late_reasoner import LateReasoner
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
        find_reasoner: Finds what answers questions, which is loaded once they are switched on.

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
        find_reasoner: FindReasoner,
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        self._node = node
        self._queue = queue
        self._engine = engine
        self._pipeline = pipeline
        self._values = values
        self._find_reasoner = find_reasoner
        self._frames = FrameKeeper(pipeline.info.dim, values.memory)
        self._search = FrameSearch(self._frames, pipeline, engine.run)
        self._queries = QueryService(node, queue=queue, frames=self._search, cameras=values.cameras)
        self._facts = FactKeeper(values)
        self._reasoner = LateReasoner(self._load_reasoner)
        self._questions = AskService(
            node,
            queue=queue,
            answering=Answering(self._frames, self._facts, self._reasoner),
            cameras=values.cameras,
            load=self._reasoner.load,
        )

    def offer(self, values: SceneClipParameters) -> None:
        """Offer the services of what is switched on, once the engine runs.

        Raises:
            ServiceError: The engine is shutting down.
            ParameterError: There is no reasoner of that name.
            ReasoningError: The language model is not configured, or wrongly.
            ModelError: A model cannot be loaded, or failed.
        """
        if _wants_answers(values):
            self._reasoner.load()
        if values.memory.enabled:
            self._search.prepare()
        self._offer(values)

    def check(self, values: SceneClipParameters) -> None:
        """Refuse parameters with which frames could not be kept or questions not be answered.

        Raises:
            ParameterError: The memory would be too small for a camera, or there is no reasoner of
                that name.
            ReasoningError: The language model is not configured, or wrongly.
            ModelError: There is no language model in the folder.
        """
        self._frames.check(values.memory)
        if _wants_answers(values) and not self._reasoner.is_loaded:
            self._find_reasoner(values)

    def apply(self, values: SceneClipParameters) -> None:
        """Use other parameters, which passed `check`, from the next frame on.

        A service that is wanted now is offered; questions that are switched on now are answered
        once the reasoner is loaded.
        """
        switched_on = _wants_answers(values) and not _wants_answers(self._values)
        self._values = values
        self._frames.apply(values.memory)
        self._facts.apply(values)
        if switched_on and not self._reasoner.is_loaded:
            self._questions.begin_load()
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
        self._questions.stop()

    def join(self) -> None:
        """Wait for the query in progress, after `stop` and the end of the engine.

        A question is not waited for, nor the loading of what answers it: that may take half a
        minute.
        """
        self._queries.join()

    def _load_reasoner(self) -> Reasoner:
        """Find what answers questions and load it; at run time on the thread that answers."""
        texts = EngineTexts(self._pipeline, self._engine.run, step=HYPOTHESES_AT_A_TIME)
        contrastive = CurrentReasoner(self._pipeline, texts, settings=self._reason_settings)
        return self._find_reasoner(self._values)(contrastive)

    def _reason_settings(self) -> ReasonSettings:
        return ReasonSettings(min_lead=self._frames.values.min_lead)

    def _offer(self, values: SceneClipParameters) -> None:
        if values.memory.enabled:
            self._queries.offer()
        if _wants_answers(values):
            self._questions.offer()


def _wants_answers(values: SceneClipParameters) -> bool:
    """Whether both functions are on that questions need."""
    return values.questions.enabled and values.memory.enabled
