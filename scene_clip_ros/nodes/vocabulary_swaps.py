"""Replaces the vocabulary of a running pipeline, while frames keep coming. Free of ROS."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.nodes.bounded_worker import BoundedWorker
from scene_clip_ros.nodes.engine_texts import EngineTexts, RunOnEngine, wait_for_engine
from scene_clip_ros.nodes.vocabulary_change import VocabularyChange
from scene_clip_ros.pipeline.pipeline import Pipeline

MAX_SWAPS = 4
"""Most changes that are encoded or wait for it; each may take seconds."""

PROMPTS_AT_A_TIME = 8
"""Prompts that the engine embeds between two batches of frames."""


class VocabularySwaps:
    """Encodes vocabularies on a thread of its own and swaps them in, in the order asked for.

    Args:
        pipeline: The engine's.
        run: Runs something on the engine thread.
        on_swap: Told of each new vocabulary there, before its first result.
    """

    def __init__(
        self, pipeline: Pipeline, run: RunOnEngine, *, on_swap: Callable[[Vocabulary], None]
    ) -> None:
        """Prepare."""
        self._pipeline = pipeline
        self._run = run
        self._on_swap = on_swap
        self._texts = EngineTexts(pipeline, run, step=PROMPTS_AT_A_TIME)
        self._worker = BoundedWorker("scene_clip_vocabulary", max_calls=MAX_SWAPS)

    def require_room(self) -> None:
        """Do nothing but raise what `begin` and `replace` would; for the thread that calls them.

        Raises:
            ServiceError: Too many changes wait already.
        """
        self._worker.require_room()

    def begin(self, change: VocabularyChange) -> Future[str]:
        """Make a change of what holds when its turn comes.

        Returns:
            The YAML text of what holds from then on, or why it was refused, to come.

        Raises:
            ServiceError: Too many changes wait already, or the node is shutting down.
        """
        return self._worker.submit(lambda: self._swap(change.apply(self._pipeline.vocabulary)))

    def replace(self, vocabulary: Vocabulary) -> Future[str]:
        """Swap in a whole vocabulary; see `begin`."""
        return self._worker.submit(partial(self._swap, vocabulary))

    def stop(self) -> None:
        """Cancel what waits."""
        self._worker.stop()

    def join(self) -> None:
        """Wait for the change in progress, after `stop` and the end of the engine."""
        self._worker.join()

    def _swap(self, vocabulary: Vocabulary) -> str:
        """Encode and swap, on the worker's thread.

        Raises:
            VocabularyError: Phrasings of a label cancel each other.
            ModelError: The model failed.
            ServiceError: The engine is shutting down.
        """
        bank = self._pipeline.encode_vocabulary(vocabulary, encode_texts=self._texts)

        def swap() -> None:
            self._pipeline.set_vocabulary(vocabulary, bank)
            self._on_swap(vocabulary)

        wait_for_engine(self._run, swap)
        return vocabulary.to_yaml()
