"""Locks a robot's velocity commands while somebody is in its way, for twist_mux.

    python3 people_lock.py --ros-args -r alert:=/front/scene_clip/alert -r lock:=/people_lock

The lock is open only while alerts keep coming and say CLEAR or CAUTION.
"""

from __future__ import annotations

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import Bool

from scene_clip_ros.msg import PedestrianAlert

PERIOD_S = 0.1
PATIENCE = Duration(seconds=0.5)
"""Silence after which the lock closes; alerts come ten times a second, whatever the camera does."""


class PeopleLock(Node):
    """Subscribes to one camera's alerts and publishes a lock."""

    def __init__(self, **options: object) -> None:
        """Start with the lock closed."""
        super().__init__("people_lock", **options)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._opened_at = None
        self._lock = self.create_publisher(Bool, "lock", 1)
        self.create_subscription(PedestrianAlert, "alert", self._on_alert, 10)
        self.create_timer(PERIOD_S, self._publish, clock=self._steady)

    def _on_alert(self, alert: PedestrianAlert) -> None:
        is_free = alert.level in (PedestrianAlert.CLEAR, PedestrianAlert.CAUTION)
        self._opened_at = self._steady.now() if is_free else None
        self._publish()

    def _publish(self) -> None:
        opened_at = self._opened_at
        is_open = opened_at is not None and self._steady.now() - opened_at < PATIENCE
        self._lock.publish(Bool(data=not is_open))


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    try:
        rclpy.spin(PeopleLock())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
