"""Tells when a node's clock jumps back, or becomes another one."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.clock import JumpHandle, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.node import Node

_BACK_IN_TIME = JumpThreshold(
    min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True
)


def watch_time_jumps(node: Node, on_jump: Callable[[], None]) -> JumpHandle:
    """Log that time has jumped and call ``on_jump``.

    Returns:
        What must be kept for as long as jumps are to be told.
    """

    def tell(_jump: TimeJump) -> None:
        node.get_logger().warning("time jumped back or the clock changed: every camera starts anew")
        on_jump()

    return node.get_clock().create_jump_callback(_BACK_IN_TIME, post_callback=tell)
