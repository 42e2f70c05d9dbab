"""The service ``scene_clip/segment``: asked on the executor, answered beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from rclpy.node import Node
from std_msgs.msg import Header

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.masks import MaskPrompts
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.mask_conversion import prompts_from_request, segment_response
from scene_clip_ros.nodes.mask_model import MaskModel
from scene_clip_ros.nodes.mask_outputs import MaskOutputs
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.nodes.worker_service import WorkerService
from scene_clip_ros.srv import Segment

MAX_REQUESTS = 8
"""Requests that are answered or wait; each holds on to a picture."""


class SegmentService(WorkerService[Segment.Request, Segment.Response]):
    """Marks pixels of the newest frames, one request after the other on a thread of its own.

    Args:
        node: Node that serves.
        queue: Leads back to its executor.
        model: Makes masks; loaded by the first request.
        outputs: Hold the newest frame of each camera, by name.
    """

    def __init__(
        self,
        node: Node,
        *,
        queue: ExecutorQueue,
        model: MaskModel,
        outputs: Mapping[str, MaskOutputs],
    ) -> None:
        """Prepare; nothing is offered before `offer`."""
        super().__init__(
            node, queue=queue, service_type=Segment, name="segment", max_requests=MAX_REQUESTS
        )
        self._model = model
        self._outputs = outputs

    def prepare(self, request: Segment.Request) -> Callable[[], Segment.Response]:
        """Check a request, and return what answers it."""
        prompts = prompts_from_request(request)
        camera = self._choose_camera(request.camera)
        frame = self._choose_frame(camera, stamp_ns(request.stamp))
        return partial(self._answer, frame, prompts)

    def _choose_camera(self, name: str) -> str:
        cameras = tuple(self._outputs)
        if not name and len(cameras) == 1:
            return cameras[0]
        if name not in self._outputs:
            message = f"camera: expected one of {', '.join(cameras)}, got {name!r}"
            raise ServiceError(message)
        return name

    def _choose_frame(self, camera: str, wanted_ns: int) -> CameraFrame:
        newest = self._outputs[camera].newest
        if newest is None:
            message = f"expected a frame of camera {camera}, got none yet"
            raise ServiceError(message)
        held_ns = newest.stamp_ns
        if wanted_ns not in (0, held_ns):
            message = (
                f"stamp: expected 0 or that of the newest frame of {camera}, the only one held, "
                f"{held_ns / 1e9:.9f} s; got {wanted_ns / 1e9:.9f} s"
            )
            raise ServiceError(message)
        return newest

    def _answer(self, frame: CameraFrame, prompts: MaskPrompts) -> Segment.Response:
        """Make the mask of the whole picture and write the response, on the worker's thread."""
        mask = self._model.find(frame.in_full(), prompts)
        now = self._node.get_clock().now().to_msg()
        map_header = Header(stamp=now, frame_id=frame.header.frame_id)
        return segment_response(mask, frame.header, map_header=map_header)
