"""Answers questions about the frames that are kept. Free of ROS."""

from __future__ import annotations

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.frame_query import SearchOutcome
from scene_clip_ros.nodes.engine_texts import RunOnEngine
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.query_embedding import QueryEmbedding
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.search.memory_search import search


class FrameSearch:
    """Has the query embedded, and searches; used by one thread, which is never the engine's.

    Args:
        keeper: Holds the frames.
        pipeline: Embeds the query, on the engine thread.
        run: Runs something there.
    """

    def __init__(self, keeper: FrameKeeper, pipeline: Pipeline, run: RunOnEngine) -> None:
        """Prepare; nothing runs before `answer`."""
        self._keeper = keeper
        self._queries = QueryEmbedding(pipeline, run)

    def prepare(self) -> None:
        """Embed what every text is compared with, so that no query has to wait for it.

        Raises:
            ServiceError: The engine is shutting down.
            ModelError: The model failed.
        """
        self._queries.embed_unrelated()

    def require_enabled(self) -> None:
        """Refuse while nothing is kept.

        Raises:
            ServiceError: The memory is switched off.
        """
        if not self._keeper.values.enabled:
            message = "expected the function memory to be on, got it switched off"
            raise ServiceError(message)

    def answer(self, question: FrameQuestion) -> SearchOutcome:
        """Find the frames that are asked for; waits for the engine, so never call it there.

        Raises:
            ServiceError: The memory is switched off, or the engine is shutting down.
            ImageError: The picture is no JPEG or PNG, or damaged.
            ModelError: The model failed on the query.
            VocabularyError: The wordings cancel each other.
        """
        self.require_enabled()
        query = self._queries.embed(question)
        unrelated = self._queries.embed_unrelated() if question.texts else None
        return search(
            self._keeper.snapshot(),
            query,
            question.frame_filter,
            unrelated=unrelated,
            min_lead=self._keeper.values.min_lead,
        )
