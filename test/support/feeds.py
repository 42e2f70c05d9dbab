"""Cameras and detectors that keep sending, on a steady timer that the test spins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock, ClockType
from ros_world import RosWorld

Make = Callable[[int], Any]
"""Makes the message of a picture from its stamp in nanoseconds."""


class Feed:
    """Publishes a message at every tick.

    Args:
        world: Spins it.
        message_type: What is sent.
        topic: Where to; somebody must subscribe.
        make: Makes the next message.
        period_s: Time between two messages, both real and in their stamps.
        start_s: Stamp of the first.
    """

    def __init__(
        self,
        world: RosWorld,
        message_type: type,
        topic: str,
        *,
        make: Make,
        period_s: float = 0.05,
        start_s: float = 100,
    ) -> None:
        self.sent: list[Any] = []
        self.make = make
        self._stamp_ns = round(start_s * 1e9)
        self._step_ns = round(period_s * 1e9)
        self._publisher = world.publisher(message_type, topic)
        self._timer = world.node.create_timer(
            period_s, self._publish, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def jump_to(self, stamp_s: float) -> None:
        """Stamp the next message with another time."""
        self._stamp_ns = round(stamp_s * 1e9)

    def stop(self) -> None:
        """Send nothing until `resume`."""
        self._timer.cancel()

    def resume(self) -> None:
        """Go on after `stop`."""
        self._timer.reset()

    def _publish(self) -> None:
        self.sent.append(self.make(self._stamp_ns))
        self._publisher.publish(self.sent[-1])
        self._stamp_ns += self._step_ns
