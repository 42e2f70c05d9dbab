"""The function ``masks`` of a node: one model, the masks of every camera, and the service."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial

from rclpy.node import Node

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.masks import FrameMask, MaskPrompts
from scene_clip_ros.core.types import Frame
from scene_clip_ros.models.segmenter import Segmenter
from scene_clip_ros.nodes.background_load import BackgroundLoad
from scene_clip_ros.nodes.bounded_worker import BoundedWorker
from scene_clip_ros.nodes.configured import FindSegmenter
from scene_clip_ros.nodes.engine_texts import RunOnEngine
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.mask_model import MaskModel
from scene_clip_ros.nodes.mask_outputs import MaskOutputs
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.segment_service import SegmentService


class MaskServices:
    """Makes masks beside everything else: what goes wrong with them stops nothing else.

    Attributes:
        outputs: The masks of each camera, by its name.

    Args:
        node: Node that publishes and serves.
        queue: Leads back to its executor.
        run: Runs something on the engine thread.
        errors: Told of frames that failed.
        find_segmenter: Finds the model.
        values: Parameters as they are now.
    """

    def __init__(
        self,
        node: Node,
        *,
        queue: ExecutorQueue,
        run: RunOnEngine,
        errors: FrameErrors,
        find_segmenter: FindSegmenter,
        values: SceneClipParameters,
    ) -> None:
        """Prepare; nothing is loaded or offered yet."""
        self._node = node
        self._find_segmenter = find_segmenter
        self._values = values
        self._model = MaskModel(self._load, run)
        # One mask of each camera at a time, and the loading of the model.
        self._worker = BoundedWorker("scene_clip_masks", max_calls=len(values.cameras) + 1)
        self._loading = BackgroundLoad(self._worker, self._model.load, on_failure=self._log_failure)
        self.outputs = {
            camera: MaskOutputs(node, camera=camera, queue=queue, errors=errors, find=self._find)
            for camera in values.cameras
        }
        self._service = SegmentService(node, queue=queue, model=self._model, outputs=self.outputs)

    @property
    def model_id(self) -> str:
        """Identity of the model; empty while it is not loaded."""
        return self._model.model_id

    def start(self) -> None:
        """Load the model if masks are on, and offer the service.

        Raises:
            ModelError: The model cannot be found, trusted or loaded.
        """
        if self._values.masks.enabled:
            self._model.load()
        if self._values.masks.serve:
            self._service.offer()

    def check(self, values: SceneClipParameters) -> None:
        """Refuse parameters with which no mask could be made.

        Raises:
            ModelError: There is no such model, or its folder lacks a file.
        """
        if values.masks.enabled and not self._model.is_loaded:
            self._find_segmenter(values)

    def apply(self, values: SceneClipParameters) -> None:
        """Use other parameters; masks that are switched on now begin when the model is loaded."""
        switched_on = values.masks.enabled and not self._values.masks.enabled
        self._values = values
        if switched_on and not self._model.is_loaded:
            self._loading.begin()

    def clear(self) -> None:
        """Forget the newest frames."""
        for outputs in self.outputs.values():
            outputs.newest = None

    def stop(self) -> None:
        """Cancel what waits; may be called again."""
        self._worker.stop()
        self._service.stop()

    def join(self) -> None:
        """Wait for the masks in progress, after `stop` and the end of the engine.

        A model that is being loaded is not waited for: that may take seconds.
        """
        if not self._model.is_loading:
            self._worker.join()
            self._service.join()

    def _load(self) -> Segmenter:
        """Find the model and load it, on whichever thread needs it first."""
        segmenter = self._find_segmenter(self._values)()
        info = segmenter.info
        self._node.get_logger().info(
            f"masks: {info.model_id} on {info.device} ({info.precision}, {info.backend})"
        )
        return segmenter

    def _find(self, frame: Frame, prompts: MaskPrompts) -> Future[FrameMask] | None:
        """Have a mask made; None while there is no model, or no room."""
        if not self._model.is_loaded:
            return None
        try:
            return self._worker.submit(partial(self._model.find, frame, prompts))
        except ServiceError:
            return None

    def _log_failure(self, error: BaseException) -> None:
        self._node.get_logger().error(f"masks: no model, so no masks are made: {error}")
