"""Answers questions about the frames that are kept. Free of ROS."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.frame_query import SearchOutcome
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.search.memory_search import search

RunOnEngine = Callable[[Callable[[], FloatArray]], "Future[FloatArray]"]
"""Runs something between two batches, see `scene_clip_ros.pipeline.engine.Engine.run`."""

_STOPPED = "expected a running engine, got one that is shutting down"


class FrameSearch:
    """Decodes, has the query embedded by the engine, and searches.

    Args:
        keeper: Holds the frames.
        pipeline: Embeds the query, on the engine thread.
        run: Runs something there.
    """

    def __init__(self, keeper: FrameKeeper, pipeline: Pipeline, run: RunOnEngine) -> None:
        """Prepare; nothing runs before `answer`."""
        self._keeper = keeper
        self._pipeline = pipeline
        self._run = run

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
        query = self._embed(question)
        return search(
            self._keeper.snapshot(),
            query,
            question.frame_filter,
            min_lead=self._keeper.values.min_lead,
        )

    def _embed(self, question: FrameQuestion) -> FloatArray:
        """Return ``(Q, D)`` float32 unit vectors of what is looked for."""
        if question.texts:
            call = partial(self._pipeline.embed_texts, question.texts)
        else:
            call = partial(self._pipeline.embed_pictures, [decode_compressed(question.image)])
        try:
            outcome = self._run(call)
        except RuntimeError as err:
            raise ServiceError(_STOPPED) from err
        try:
            return outcome.result()
        except CancelledError as err:
            raise ServiceError(_STOPPED) from err
