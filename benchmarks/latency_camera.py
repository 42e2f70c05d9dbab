"""A camera for `label_latency`: 1080p pictures at 10 Hz, to one topic and then to another.

    python benchmarks/latency_camera.py --rounds 4

A process of its own. Two nodes are compared, and never have pictures at the same time.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from itertools import count, cycle

import rclpy
from pictures import street
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.utilities import remove_ros_args
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.nodes.camera_profile import use_camera_profile
from scene_clip_ros.nodes.conversion import image_message, jpeg_message
from scene_clip_ros.nodes.qos import picture_qos
from scene_clip_ros.nodes.stamps import time_message

RATE_HZ = 10.0
PICTURES = 4
JPEG_QUALITY = 90
MATCHING_S = 1.0
LINGER_S = 0.5
SUBSCRIBERS_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Burst:
    """Pictures for one node, and the silence after them.

    Attributes:
        node: Name of the node, which its topic begins with.
        frames: Pictures, at `RATE_HZ`.
        rest_s: Seconds without pictures.
    """

    node: str
    frames: int
    rest_s: float


# The tutorial's node needs a second a picture, and must be done before the other's turn.
BURSTS = (Burst("node", 20, 1.5), Burst("tutorial", 10, 3.0))


def image_topic(node: str, kind: str) -> str:
    """Return where a node expects its pictures, ``raw`` or ``jpeg``."""
    return f"/{node}/image/compressed" if kind == "jpeg" else f"/{node}/image"


def main() -> int:
    """Publish every burst in every round."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=("raw", "jpeg"), default="raw", help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="(%(default)s)")
    args = parser.parse_args(remove_ros_args(sys.argv)[1:])
    use_camera_profile()
    messages = make_messages(args.kind)
    rclpy.init()
    try:
        node = rclpy.create_node("latency_camera")
        message_type = CompressedImage if args.kind == "jpeg" else Image
        publishers = {
            burst.node: node.create_publisher(
                message_type, image_topic(burst.node, args.kind), picture_qos("best_effort")
            )
            for burst in BURSTS
        }
        await_subscribers(node, list(publishers.values()))
        for burst in BURSTS * args.rounds:
            publish(publishers[burst.node], messages, burst.frames)
            time.sleep(burst.rest_s)
        time.sleep(LINGER_S)
    finally:
        rclpy.try_shutdown()
    return 0


def make_messages(kind: str) -> list[Image] | list[CompressedImage]:
    """Return messages whose stamps are still to be set."""
    pictures = street(PICTURES)
    if kind == "jpeg":
        return [jpeg_message(rgb, Header(), quality=JPEG_QUALITY) for rgb in pictures]
    return [image_message(rgb, Header()) for rgb in pictures]


def await_subscribers(node: Node, publishers: list[Publisher]) -> None:
    """Wait until every topic is heard, and the subscribers know of it.

    Raises:
        TimeoutError: They do not come.
    """
    deadline_s = time.monotonic() + SUBSCRIBERS_TIMEOUT_S
    while not all(publisher.get_subscription_count() for publisher in publishers):
        if time.monotonic() > deadline_s:
            topics = ", ".join(publisher.topic_name for publisher in publishers)
            message = f"expected subscribers of {topics}, got none of one for too long"
            raise TimeoutError(message)
        rclpy.spin_once(node, timeout_sec=0.1)
    time.sleep(MATCHING_S)


def publish(
    publisher: Publisher, messages: list[Image] | list[CompressedImage], frames: int
) -> None:
    """Publish so many pictures, each with the time as its stamp."""
    start_s = time.monotonic()
    for index, message in zip(count(), cycle(messages)):
        if index == frames:
            break
        time.sleep(max(0.0, start_s + index / RATE_HZ - time.monotonic()))
        message.header.stamp = time_message(time.time_ns())
        publisher.publish(message)


if __name__ == "__main__":
    sys.exit(main())
