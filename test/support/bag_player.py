"""Plays a bag as `ros2 bag play --clock` does: recorded bytes, /clock, pauses, seeks, any rate.

`ros2 bag` itself is not on PyPI. Nothing here waits for real time: a test says how far to play.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ros_world import RosWorld
from rosbags.highlevel import AnyReader
from rosgraph_msgs.msg import Clock

from scene_clip_ros.nodes.stamps import time_message

TICK_NS = 25_000_000
"""Of /clock: 40 Hz, as `ros2 bag play --clock` gives."""


class BagPlayer:
    """Publishes one topic of a bag, reliably, and the clock.

    Args:
        world: Spins it.
        path: The bag.
        topic: What is played; somebody must subscribe to it and to /clock.
        message_type: Of its messages.
    """

    def __init__(self, world: RosWorld, path: Path, topic: str, message_type: type) -> None:
        with AnyReader([path]) as reader:
            self._messages = [
                (time_ns, bytes(data))
                for connection, time_ns, data in reader.messages()
                if connection.topic.strip("/") == topic.strip("/")
            ]
        self.start_ns = self._messages[0][0]
        self._pictures: Any = world.publisher(message_type, topic)
        self._clock: Any = world.publisher(Clock, "/clock")
        self._now_ns = self.start_ns
        self._next = 0

    def play(self, seconds: float) -> int:
        """Publish what is due in the next seconds of the bag, and the clock meanwhile.

        Returns:
            How many messages that was.
        """
        before, until_ns = self._next, self._now_ns + round(seconds * 1e9)
        while self._now_ns < until_ns:
            self.tick()
            self._publish_due()
            self._now_ns = min(self._now_ns + TICK_NS, until_ns)
        return self._next - before

    def tick(self) -> None:
        """Publish the clock as it stands: what goes on while the player is paused."""
        self._clock.publish(Clock(clock=time_message(self._now_ns)))

    def seek(self, seconds: float) -> None:
        """Go on from so many seconds after the beginning."""
        self._now_ns = self.start_ns + round(seconds * 1e9)
        times = [time_ns for time_ns, _ in self._messages]
        self._next = sum(time_ns < self._now_ns for time_ns in times)
        self.tick()

    def _publish_due(self) -> None:
        while self._next < len(self._messages) and self._messages[self._next][0] <= self._now_ns:
            self._pictures.publish(self._messages[self._next][1])
            self._next += 1
