"""Messages with the boxes of one camera, as a detector would send them."""

from __future__ import annotations

from rclpy.clock import Clock, ClockType
from ros_world import RosWorld
from std_msgs.msg import Header

from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.msg import ScoredBoxes
from scene_clip_ros.nodes.box_conversion import boxes_message
from scene_clip_ros.nodes.stamps import time_message

SIZE_WH = (1280, 720)

IN_ZONE: Xyxy = (600.0, 400.0, 680.0, 620.0)
"""Feet in the middle of the corridor, some metres ahead."""

FAR_ASIDE: Xyxy = (20.0, 380.0, 60.0, 470.0)
"""On the pavement, away from the corridor."""


def person(xyxy: Xyxy, label: str = "child", *, track_id: int = NO_TRACK) -> ScoredBox:
    """Return a box that is as sure as can be."""
    return ScoredBox(label, 0.9, 0.9, 0.9, 0.3, xyxy, track_id)


class BoxFeed:
    """A detector that sees the same again and again, on a steady timer.

    Args:
        world: Spins it.
        camera: Prefix of the topic.
        period_s: Time between two pictures, both real and in their stamps.
        start_s: Stamp of the first picture.
    """

    def __init__(
        self,
        world: RosWorld,
        camera: str = "front",
        *,
        period_s: float = 0.05,
        start_s: float = 100,
    ) -> None:
        self.sent: list[ScoredBoxes] = []
        self._seen: tuple[ScoredBox, ...] = ()
        self._stamp_ns = round(start_s * 1e9)
        self._step_ns = round(period_s * 1e9)
        self._publisher = world.publisher(ScoredBoxes, f"{camera}/scene_clip/boxes")
        self._timer = world.node.create_timer(
            period_s, self._publish, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def show(self, *seen: ScoredBox) -> None:
        """See other boxes from the next picture on; go on if stopped."""
        self._seen = seen
        self._timer.reset()

    def jump_to(self, stamp_s: float) -> None:
        """Stamp the next picture with another time."""
        self._stamp_ns = round(stamp_s * 1e9)

    def stop(self) -> None:
        """Send nothing until `show`."""
        self._timer.cancel()

    def _publish(self) -> None:
        self.sent.append(boxes_at(self._stamp_ns, *self._seen))
        self._publisher.publish(self.sent[-1])
        self._stamp_ns += self._step_ns


def boxes_at(stamp_ns: int, *found: ScoredBox, frame_id: str = "front_optical") -> ScoredBoxes:
    """Return the message of a picture of 1280 by 720 pixels."""
    header = Header(stamp=time_message(stamp_ns), frame_id=frame_id)
    return boxes_message(FrameBoxes("", stamp_ns, SIZE_WH, found), header, model_id="test")
