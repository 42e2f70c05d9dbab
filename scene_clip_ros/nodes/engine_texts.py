"""Has the engine embed texts, in steps that hold no camera up. Free of ROS."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Protocol, TypeVar

import numpy as np

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.pipeline.pipeline import Pipeline

T = TypeVar("T")


class RunOnEngine(Protocol):
    """Runs something between two batches, see `scene_clip_ros.pipeline.engine.Engine.run`."""

    def __call__(self, call: Callable[[], T], /) -> Future[T]:
        """Return its outcome to come."""


MAX_KEPT_TEXTS = 1024
"""Embeddings of texts that are kept: of 512 numbers, 2 MB."""

_STOPPED = "expected a running engine, got one that is shutting down"


def wait_for_engine(run: RunOnEngine, call: Callable[[], T]) -> T:
    """Run something on the engine thread and return its outcome; never called there.

    Raises:
        ServiceError: The engine is shutting down.
    """
    try:
        outcome = run(call)
    except RuntimeError as err:
        raise ServiceError(_STOPPED) from err
    try:
        return outcome.result()
    except CancelledError as err:
        raise ServiceError(_STOPPED) from err


class EngineTexts:
    """Embeds texts; used by one thread, which is never the engine's.

    The engine gets a few texts at a time, so that batches of frames go between, and only those
    that were not asked for lately.

    Args:
        pipeline: Embeds, on the engine thread.
        run: Runs something there.
        step: Most texts that the engine gets at a time, ≥ 1.
    """

    def __init__(self, pipeline: Pipeline, run: RunOnEngine, *, step: int = 1) -> None:
        """Start with nothing kept."""
        self._pipeline = pipeline
        self._run = run
        self._step = step
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts as they are; waits for the engine.

        Returns:
            ``(T, D)`` float32, rows of unit length; ``(0, D)`` for no texts.

        Raises:
            ServiceError: The engine is shutting down.
            ModelError: The model failed.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        for start in range(0, len(new), self._step):
            self._embed(new[start : start + self._step])
        rows = np.empty((len(texts), self._pipeline.info.dim), np.float32)
        for row, text in enumerate(texts):
            self._kept.move_to_end(text)
            rows[row] = self._kept[text]
        while len(self._kept) > MAX_KEPT_TEXTS:
            self._kept.popitem(last=False)
        return rows

    def _embed(self, texts: Sequence[str]) -> None:
        rows = wait_for_engine(self._run, partial(self._pipeline.embed_prompts, texts))
        self._kept.update(zip(texts, rows, strict=True))
