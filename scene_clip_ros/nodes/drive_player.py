"""The executable ``drive_player``: publishes a recording or a rendered drive as cameras."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from rclpy.duration import Duration
from rclpy.publisher import Publisher
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header, String

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.nodes.camera_info import CameraInfoOutput
from scene_clip_ros.nodes.conversion import image_message, jpeg_message
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.parameter_server import ParameterServer
from scene_clip_ros.nodes.parameters import DrivePlayerParameters
from scene_clip_ros.nodes.playback import Schedule, clock_ns, repeated
from scene_clip_ros.nodes.player_source import PlayedFrame, PlayerSource, open_player_source
from scene_clip_ros.nodes.process import WorkingNode, run_node
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable, picture_qos
from scene_clip_ros.nodes.read_ahead import ReadAhead
from scene_clip_ros.nodes.stamps import time_message

READ_AHEAD = 8
"""Messages that are ready before they are due."""

LATE_S = 0.010
"""A frame published so long after its deadline counts as late, seconds."""

LINGER_S = 0.2
"""Best-effort subscribers read from this process's memory: it stays so long for the last ones."""

_POLL_S = 0.02
_MATCHING_S = 0.5
_FLUSH_TIMEOUT = Duration(seconds=2)


@dataclass(frozen=True, slots=True)
class _ReadyFrame:
    """A frame whose message is filled."""

    frame: PlayedFrame
    message: Image | CompressedImage


@dataclass(frozen=True, slots=True)
class _CameraTopics:
    pictures: Publisher
    truth: Publisher
    calibration: CameraInfoOutput | None


class DrivePlayer(WorkingNode):
    """Plays a drive on a thread of its own, another one reads ahead.

    Args:
        name: Name of the node.
        **options: Passed on to rclpy's Node.

    Raises:
        ParameterError: A parameter given at start-up is wrong.
    """

    def __init__(self, name: str = "drive_player", **options: Any) -> None:
        """Declare the parameters; everything else waits for `start`."""
        super().__init__(name, **options)
        self._values = ParameterServer(self, DrivePlayerParameters()).values
        self._events = ExecutorQueue(self)
        self._stopping = threading.Event()
        self._player: threading.Thread | None = None
        self._error: Exception | None = None
        self._over = False
        self._published = self._late = self._unreadable = 0
        self._progress_s = 0.0

    def start(self) -> None:
        """Open the source, advertise its topics and begin to play.

        Raises:
            SourceError: The source cannot be opened.
            ParameterError: It is a drive with a malformed option.
            SimulationError: It is a drive without such a scenario.
        """
        values = self._values
        source = open_player_source(values.source, camera=values.camera)
        self._topics = {
            camera: self._advertise(camera, self._calibration(source, camera))
            for camera in source.cameras
        }
        self._clock_topic = (
            self.create_publisher(Clock, "/clock", RESULT_QOS) if values.clock else None
        )
        self._frame_count = None if values.loop else source.frame_count
        self._player = threading.Thread(target=self._play, args=(source,), name="play")
        self._player.start()

    def stop(self) -> None:
        """Stop playing."""
        self._stopping.set()
        if self._player is not None:
            self._player.join()

    def has_finished(self) -> bool:
        """Whether the drive is over.

        Raises:
            SourceError: It ended early because the source is damaged.
        """
        if self._error is not None:
            raise self._error
        return self._over

    @property
    def published_count(self) -> int:
        """Pictures published so far, all cameras together."""
        return self._published

    def _calibration(self, source: PlayerSource, camera: str) -> PinholeCamera | None:
        """Return how a camera is calibrated; None where nobody knows."""
        try:
            return source.calibration(camera)
        except SourceError as err:
            self.get_logger().warning(f"calibration of {camera} left out: {err}")
            return None

    def _advertise(self, camera: str, pinhole: PinholeCamera | None) -> _CameraTopics:
        compressed = self._values.transport == "compressed"
        pictures = self.create_publisher(
            CompressedImage if compressed else Image,
            f"{camera}/image/compressed" if compressed else f"{camera}/image",
            picture_qos(self._values.reliability),
            qos_overriding_options=overridable(),
        )
        truth = self.create_publisher(String, f"{camera}/ground_truth", RESULT_QOS)
        calibration = CameraInfoOutput(self, camera, pinhole) if pinhole else None
        return _CameraTopics(pictures, truth, calibration)

    def _play(self, source: PlayerSource) -> None:
        """Play to the end or until the node stops; runs on the playing thread."""
        error: Exception | None = None
        try:
            with closing(source), closing(ReadAhead(self._fill(source), depth=READ_AHEAD)) as ready:
                if self._await_subscribers():
                    self._play_frames(ready)
            self._flush()
        except Exception as err:  # the thread's edge: the executor's thread tells it
            error = err
        self._events.put(partial(self._finish, error))

    def _finish(self, error: Exception | None) -> None:
        self.get_logger().info(
            f"{self._values.source}: played {self._published} frames, {self._late} of them late, "
            f"{self._unreadable} unreadable"
        )
        self._error, self._over = error, True

    def _fill(self, source: PlayerSource) -> Iterator[_ReadyFrame]:
        """Yield the frames with their messages; runs on the reading thread."""
        for frame in repeated(source) if self._values.loop else source:
            try:
                yield _ReadyFrame(frame, self._message(frame))
            except ImageError as err:
                self._unreadable += 1
                self.get_logger().warning(f"{frame.camera} at {frame.stamp_ns} ns left out: {err}")

    def _message(self, frame: PlayedFrame) -> Image | CompressedImage:
        """Return the message of a frame.

        Raises:
            ImageError: The frame cannot be decoded.
        """
        values = self._values
        stamp = time_message(frame.stamp_ns)
        header = Header(stamp=stamp, frame_id=values.frame_id or frame.frame_id)
        rgb = frame.decode()
        if values.transport == "raw":
            return image_message(rgb, header)
        return jpeg_message(rgb, header, quality=values.jpeg_quality)

    def _await_subscribers(self) -> bool:
        """Wait for the subscribers asked for; False if the node stops first."""
        wanted = self._values.wait_for_subscribers
        pictures = [topics.pictures for topics in self._topics.values()]
        while any(publisher.get_subscription_count() < wanted for publisher in pictures):
            if self._stopping.wait(_POLL_S):
                return False
        # Discovery has two sides: a subscriber that we know may not know us yet, and would miss
        # the first pictures.
        return wanted == 0 or not self._stopping.wait(_MATCHING_S)

    def _play_frames(self, ready: ReadAhead[_ReadyFrame]) -> None:
        """Publish every frame when it is due."""
        schedule = Schedule(speed=self._values.speed, rate_hz=self._values.rate_hz)
        start_s: float | None = None
        before: tuple[float, int] | None = None
        for item in ready:
            due_s = schedule.due_s(item.frame)
            if start_s is None:  # the first frame sets the clock, once it is ready
                start_s = time.monotonic()
            after = (start_s + due_s, item.frame.stamp_ns)
            if not self._wait_for(after, before=before or after):
                return
            self._publish(item, deadline_s=after[0])
            before = after

    def _wait_for(self, after: tuple[float, int], *, before: tuple[float, int]) -> bool:
        """Wait until a frame is due, with ticks of the clock; False if the node stops."""
        longest_s = 1 / self._values.clock_rate_hz if self._clock_topic else float("inf")
        while (left_s := after[0] - time.monotonic()) > 0:
            if self._stopping.wait(min(left_s, longest_s)):
                return False
            self._tick(clock_ns(time.monotonic(), before=before, after=after))
        return not self._stopping.is_set()

    def _publish(self, ready: _ReadyFrame, *, deadline_s: float) -> None:
        frame, message = ready.frame, ready.message
        self._late += time.monotonic() - deadline_s > LATE_S
        topics = self._topics[frame.camera]
        self._tick(frame.stamp_ns)
        if self._values.stamp == "now":
            message.header.stamp = self.get_clock().now().to_msg()
        if frame.truth is not None:
            topics.truth.publish(String(data=frame.truth))
        if topics.calibration is not None:
            topics.calibration.publish(message.header)
        topics.pictures.publish(message)
        self._published += 1
        self._log_progress()

    def _tick(self, time_ns: int) -> None:
        if self._clock_topic is not None:
            self._clock_topic.publish(Clock(clock=time_message(time_ns)))

    def _flush(self) -> None:
        """Wait until the subscribers have the last pictures; not if the node stops."""
        if self._stopping.is_set():
            return
        for topics in self._topics.values():
            topics.pictures.wait_for_all_acked(_FLUSH_TIMEOUT)
            topics.truth.wait_for_all_acked(_FLUSH_TIMEOUT)
        self._stopping.wait(LINGER_S)

    def _log_progress(self) -> None:
        period_s, now_s = self._values.progress_period_s, time.monotonic()
        if not period_s or now_s - self._progress_s < period_s:
            return
        self._progress_s = now_s
        total = self._frame_count
        share = f" of {total} ({self._published / total:.0%})" if total else ""
        self.get_logger().info(
            f"{self._values.source}: frame {self._published}{share}, {self._late} late"
        )


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``drive_player``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(DrivePlayer, arguments)
