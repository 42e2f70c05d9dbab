"""Draws and publishes how near frames are to some texts, for whoever looks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.nodes.bounded_worker import BoundedWorker
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.conversion import image_message
from scene_clip_ros.nodes.engine_texts import EngineTexts
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.parameters.similarity import SimilarityParameters
from scene_clip_ros.nodes.qos import OVERLAY_QOS, overridable
from scene_clip_ros.report.recent_frames import RecentFrame, draw_recent_frames, usual_texts

THUMBNAIL_HEIGHT_PX = 90


class SimilarityOutputs:
    """The topic ``similarity`` of every camera.

    One thread draws for all cameras, and embeds the texts on the engine; a camera whose last
    picture is not drawn yet waits for its next turn.

    Args:
        node: Node that publishes.
        cameras: Names of the cameras, prefixes of the topics.
        queue: Leads back to the node's executor.
        texts: Embeds texts; from now on used by the drawing thread alone.
        vocabulary: Returns the one that holds now.
        errors: Told of what goes wrong.
    """

    def __init__(
        self,
        node: Node,
        *,
        cameras: Sequence[str],
        queue: ExecutorQueue,
        texts: EngineTexts,
        vocabulary: Callable[[], Vocabulary],
        errors: FrameErrors,
    ) -> None:
        """Advertise the topics."""
        self._queue = queue
        self._texts = texts
        self._vocabulary = vocabulary
        self._errors = errors
        self._worker = BoundedWorker("scene_clip_similarity", max_calls=len(cameras))
        self._outputs = {camera: _SimilarityOutput(node, camera) for camera in cameras}

    def show(self, frame: CameraFrame, result: FrameResult, values: SimilarityParameters) -> None:
        """Have a frame drawn beside those before it, if somebody looks and its time has come.

        Args:
            frame: The frame, decoded.
            result: What is held of it; one without an embedding is passed over.
            values: Parameters as they are now.
        """
        output = self._outputs[result.camera]
        if frame.rgb is None or not result.embedding.size or not output.is_due(values):
            return
        output.begin(result, frame.rgb, most=values.frames)
        draw = partial(self._draw, result.camera, tuple(output.frames), values.texts)
        finish = partial(
            self._finish, output, header=frame.header, result=result, begun=output.round
        )
        try:
            drawn = self._worker.submit(draw)
        except ServiceError:
            return  # the node is shutting down
        drawn.add_done_callback(lambda done: self._queue.put(partial(finish, done)))

    def clear(self) -> None:
        """Forget the frames, also those that are being drawn."""
        for output in self._outputs.values():
            output.clear()

    def stop(self) -> None:
        """Draw nothing more; before the end of the engine."""
        self._worker.stop()

    def join(self) -> None:
        """Wait for the picture in progress; after the end of the engine."""
        self._worker.join()

    def _finish(
        self,
        output: _SimilarityOutput,
        drawn: Future[ImageArray],
        *,
        header: Header,
        result: FrameResult,
        begun: int,
    ) -> None:
        """Publish what was drawn, on the executor."""
        output.is_busy = False
        if drawn.cancelled() or output.round != begun:
            return
        try:
            output.publish(drawn.result(), header)
        except ServiceError:
            return  # the engine is shutting down
        except Exception as err:  # the worker's edge: the next picture must still come out
            self._errors.report(result.camera, result.stamp_ns, err)

    def _draw(self, camera: str, frames: Sequence[RecentFrame], texts: Sequence[str]) -> ImageArray:
        """Embed the texts and draw, on the drawing thread."""
        shown = texts or usual_texts(self._vocabulary())
        return draw_recent_frames(camera, frames, shown, self._texts(shown))


class _SimilarityOutput:
    """The topic of one camera, and its last frames.

    Attributes:
        frames: Oldest first.
        is_busy: Whether a picture is being drawn.
        round: How often the frames were forgotten.
    """

    def __init__(self, node: Node, camera: str) -> None:
        self.frames: deque[RecentFrame] = deque()
        self.is_busy = False
        self.round = 0
        self._begun_s = float("-inf")
        self._publisher = node.create_publisher(
            Image,
            f"{camera}/scene_clip/similarity",
            OVERLAY_QOS,
            qos_overriding_options=overridable(),
        )

    def is_due(self, values: SimilarityParameters) -> bool:
        """Whether to draw the frame that has just come."""
        if self.is_busy or not (values.enabled and self._publisher.get_subscription_count()):
            return False
        return time.monotonic() - self._begun_s >= 1 / values.max_rate_hz

    def begin(self, result: FrameResult, rgb: ImageArray, *, most: int) -> None:
        """Take a frame to be drawn."""
        self.is_busy, self._begun_s = True, time.monotonic()
        small = fit_height(rgb, max_height=THUMBNAIL_HEIGHT_PX)
        if self.frames and result.stamp_ns <= self.frames[-1].stamp_ns:
            self.clear()
        self.frames.append(RecentFrame(result.stamp_ns, small.copy(), result.embedding))
        while len(self.frames) > most:
            self.frames.popleft()

    def publish(self, rgb: ImageArray, header: Header) -> None:
        """Publish a picture under the header of its newest frame."""
        self._publisher.publish(image_message(rgb, header))

    def clear(self) -> None:
        """Forget the frames."""
        self.frames.clear()
        self.round += 1
