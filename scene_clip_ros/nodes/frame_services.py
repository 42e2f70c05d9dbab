"""The last minutes of a node: what is kept of them, and the services that answer from it."""

from __future__ import annotations

from rclpy.node import Node

from scene_clip_ros.core.frame_memory import MemoryStatistics
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.query_service import QueryService
from scene_clip_ros.pipeline.engine import Engine
from scene_clip_ros.pipeline.pipeline import Pipeline


class FrameServices:
    """Keeps frames on the executor thread, and answers queries about them beside it.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        engine: Embeds what is looked for.
        pipeline: The engine's.
        values: Parameters as they are now.

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
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        self._frames = FrameKeeper(pipeline.info.dim, values.memory)
        self._search = FrameSearch(self._frames, pipeline, engine.run)
        self._queries = QueryService(node, queue=queue, frames=self._search, cameras=values.cameras)

    def offer(self, values: SceneClipParameters) -> None:
        """Offer the services of what is switched on, once the engine runs.

        Raises:
            ServiceError: The engine is shutting down.
            ModelError: The model failed.
        """
        if values.memory.enabled:
            self._search.prepare()
            self._queries.offer()

    def apply(self, values: SceneClipParameters) -> None:
        """Use other parameters from the next frame on.

        Raises:
            ParameterError: The memory would be too small for a camera; nothing has changed.
        """
        self._frames.apply(values.memory)
        if values.memory.enabled:
            self._queries.offer()

    def keep(self, result: FrameResult, rgb: ImageArray | None, *, frame_id: str) -> None:
        """Keep a frame, see `FrameKeeper.keep`."""
        self._frames.keep(result, rgb, frame_id=frame_id)

    def clear(self) -> None:
        """Forget every frame."""
        self._frames.clear()

    def statistics(self) -> MemoryStatistics | None:
        """Return how full the memory is; None while it is switched off."""
        return self._frames.statistics()

    def stop(self) -> None:
        """Cancel what waits to be answered; may be called again."""
        self._queries.stop()

    def join(self) -> None:
        """Wait for the query in progress, after `stop` and the end of the engine."""
        self._queries.join()
