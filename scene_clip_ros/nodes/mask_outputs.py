"""Makes and publishes the masks of one camera, for whoever looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.masks import FrameMask, MaskPrompts
from scene_clip_ros.core.types import Frame
from scene_clip_ros.msg import LabelMap
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.mask_conversion import label_map_message, mask_message
from scene_clip_ros.nodes.parameters.masks import MaskParameters
from scene_clip_ros.nodes.qos import LATCHED_QOS, OVERLAY_QOS, overridable

Draw = Callable[[FrameMask | None], None]
"""Draws the overlay of a frame, with its mask if it has one."""

FindMask = Callable[[Frame, MaskPrompts], "Future[FrameMask] | None"]
"""Has a mask made on another thread; None while there is no model."""


class MaskOutputs:
    """The topics ``mask`` and ``mask_labels`` of one camera, and its newest frame.

    Topics of masks that have never been switched on are not advertised. One mask is made at a
    time; a frame that comes meanwhile, or too early for the rate, gets none.

    Attributes:
        newest: The frame that came last; None before the first.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topics.
        queue: Leads back to its executor.
        errors: Told of what goes wrong.
        find: Has masks made.
    """

    def __init__(
        self,
        node: Node,
        *,
        camera: str,
        queue: ExecutorQueue,
        errors: FrameErrors,
        find: FindMask,
    ) -> None:
        """Prepare."""
        self.newest: CameraFrame | None = None
        self._node = node
        self._camera = camera
        self._queue = queue
        self._errors = errors
        self._find = find
        self._masks: Publisher | None = None
        self._label_map: Publisher | None = None
        self._announced: tuple[str, ...] = ()
        self._is_busy = False
        self._begun_s = float("-inf")

    @property
    def is_watched(self) -> bool:
        """Whether somebody subscribes to masks."""
        return self._masks is not None and self._masks.get_subscription_count() > 0

    def offer(self, frame: CameraFrame, *, values: MaskParameters, draw: Draw | None) -> None:
        """Take a frame, and have its mask made if it is wanted and its time has come.

        While masks are made, the overlay is drawn of the frames that have one, so that its
        colours lie on what they mean.

        Args:
            frame: The frame, decoded; of one that is not whole no mask is made.
            values: Parameters as they are now.
            draw: Draws the overlay; called at once while no masks are made, else with the mask,
                or never if the frame gets none. None: nobody looks.
        """
        self.newest = frame
        if values.enabled:
            self._announce(values.prompts, frame.header.frame_id)
        if not (values.enabled and self._begin(frame, values=values, draw=draw)) and draw:
            draw(None)

    def _begin(self, frame: CameraFrame, *, values: MaskParameters, draw: Draw | None) -> bool:
        """Have a mask made, unless it is not yet time; return whether masks are made at all."""
        if self._is_busy:
            return True
        now_s = time.monotonic()
        is_due = not values.max_rate_hz or now_s - self._begun_s >= 1 / values.max_rate_hz
        if not (is_due and frame.is_whole and (draw or self.is_watched)):
            return True
        future = self._find(frame.in_full(), values.wanted())
        if future is None:
            return False
        self._is_busy, self._begun_s = True, now_s
        finish = partial(self._finish, frame, draw=draw)
        future.add_done_callback(lambda done: self._queue.put(partial(finish, done)))
        return True

    def _finish(self, frame: CameraFrame, done: Future[FrameMask], *, draw: Draw | None) -> None:
        self._is_busy = False
        if done.cancelled():
            return
        mask = None
        try:
            mask = done.result()
            self._publish(mask, frame.header)
        except Exception as err:  # the worker's edge: the next frame must still come out
            self._errors.report(frame.camera, frame.stamp_ns, err)
        if draw:
            draw(mask)

    def _publish(self, mask: FrameMask, header: Header) -> None:
        # The prompts may have changed since the mask was begun: its labels mean something else.
        if self._masks and mask.names == self._announced and self.is_watched:
            self._masks.publish(mask_message(mask.labels, header))

    def _announce(self, names: tuple[str, ...], frame_id: str) -> None:
        """Tell what labels mean from now on, unless they mean it already."""
        if self._masks is None or self._label_map is None:
            self._masks = self._advertise(Image, "mask")
            self._label_map = self._advertise(LabelMap, "mask_labels")
        if names != self._announced:
            self._announced = names
            header = Header(stamp=self._node.get_clock().now().to_msg(), frame_id=frame_id)
            self._label_map.publish(label_map_message(names, header))

    def _advertise(self, message_type: type, name: str) -> Publisher:
        return self._node.create_publisher(
            message_type,
            f"{self._camera}/scene_clip/{name}",
            LATCHED_QOS if message_type is LabelMap else OVERLAY_QOS,
            qos_overriding_options=overridable(),
        )
