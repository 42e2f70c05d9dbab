"""Notices the end of a replay."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from scene_clip_ros.pipeline.engine import Engine

QUIET_S = 1.0
"""How long nothing must have happened, seconds; the last results arrive meanwhile."""

_PERIOD_S = 0.1


class ReplayEnd:
    """Watches for the cameras to go, once one has come, and for their frames to be processed.

    Args:
        node: Node that subscribes to the cameras.
        engine: Processes their frames.
        topics: Full names of the image topics.

    Attributes:
        is_over: Whether no topic has a publisher any more and no frame is left.
    """

    def __init__(self, node: Node, engine: Engine, topics: Sequence[str]) -> None:
        """Begin to watch."""
        self._node = node
        self._engine = engine
        self._topics = topics
        self._received = 0
        self._has_begun = False
        self._last_s = time.monotonic()
        self.is_over = False
        node.create_timer(_PERIOD_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _look(self) -> None:
        cameras = self._engine.statistics().cameras.values()
        received = sum(camera.received for camera in cameras)
        is_played = any(self._node.count_publishers(topic) for topic in self._topics)
        self._has_begun |= is_played or received > 0
        if is_played or received > self._received or not self._engine.wait_idle(0.0):
            self._received, self._last_s = received, time.monotonic()
        self.is_over = self._has_begun and time.monotonic() - self._last_s >= QUIET_S
