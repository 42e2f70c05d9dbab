"""Messages with the boxes of one camera, as a detector would send them."""

from __future__ import annotations

from typing import Any

from feeds import Feed
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


class BoxFeed(Feed):
    """A detector that sees the same again and again.

    Args:
        world: Spins it.
        camera: Prefix of the topic.
        **options: Of :class:`Feed`.
    """

    def __init__(self, world: RosWorld, camera: str = "front", **options: Any) -> None:
        topic = f"{camera}/scene_clip/boxes"
        super().__init__(world, ScoredBoxes, topic, make=boxes_at, **options)

    def show(self, *seen: ScoredBox) -> None:
        """See other boxes from the next picture on; go on if stopped."""
        self.make = lambda stamp_ns: boxes_at(stamp_ns, *seen)
        self.resume()


def boxes_at(stamp_ns: int, *found: ScoredBox, frame_id: str = "front_optical") -> ScoredBoxes:
    """Return the message of a picture of 1280 by 720 pixels."""
    header = Header(stamp=time_message(stamp_ns), frame_id=frame_id)
    return boxes_message(FrameBoxes("", stamp_ns, SIZE_WH, found), header, model_id="test")
