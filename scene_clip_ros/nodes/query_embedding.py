"""Has the engine embed what is looked for, in steps that hold no camera up. Free of ROS."""

from __future__ import annotations

from functools import partial

import numpy as np

from scene_clip_ros.core.prompts import expand
from scene_clip_ros.core.standing_out import unrelated_prompts
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.scaling import fit_short_side
from scene_clip_ros.nodes.engine_texts import EngineTexts, RunOnEngine, wait_for_engine
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.pipeline.pipeline import Pipeline

MAX_SHORT_SIDE_PX = 768
"""Twice what large models look at, three times what most do: more would cost and not show."""


class QueryEmbedding:
    """Embeds queries; used by one thread, which is never the engine's.

    The engine gets one prompt at a time, so that batches of frames go between, and only those
    that were not asked for lately.

    Args:
        pipeline: Embeds, on the engine thread.
        run: Runs something there.
    """

    def __init__(self, pipeline: Pipeline, run: RunOnEngine) -> None:
        """Start with nothing kept."""
        self._pipeline = pipeline
        self._run = run
        self._texts = EngineTexts(pipeline, run)
        self._unrelated_prompts: tuple[str, ...] = ()
        self._unrelated: FloatArray = np.empty((0, 0), np.float32)

    def embed(self, question: FrameQuestion) -> FloatArray:
        """Embed texts in the templates of the vocabulary, or else a picture; waits for the engine.

        Returns:
            ``(Q, D)`` float32, rows of unit length.

        Raises:
            ServiceError: The engine is shutting down.
            ImageError: The picture is no JPEG or PNG, or damaged.
            ModelError: The model failed.
        """
        if not question.texts:
            return self._embed_picture(question.image)
        # The vocabulary is replaced as a whole, so that any thread may look at it.
        return self._texts(expand(question.texts, self._pipeline.vocabulary.templates))

    def embed_unrelated(self) -> FloatArray:
        """Embed texts about something else; waits for the engine.

        All at once, since a query would wait for many batches otherwise; and only once as long as
        the templates of the vocabulary stay, best before frames come.

        Returns:
            ``(T, D)`` float32, rows of unit length.

        Raises:
            ServiceError: The engine is shutting down.
            ModelError: The model failed.
        """
        prompts = unrelated_prompts(self._pipeline.vocabulary.templates)
        if prompts != self._unrelated_prompts:
            embed = partial(self._pipeline.embed_prompts, prompts)
            self._unrelated = wait_for_engine(self._run, embed)
            self._unrelated_prompts = prompts
        return self._unrelated

    def _embed_picture(self, image: bytes) -> FloatArray:
        small = fit_short_side(decode_compressed(image), max_px=MAX_SHORT_SIDE_PX)
        return wait_for_engine(self._run, partial(self._pipeline.embed_pictures, [small]))
