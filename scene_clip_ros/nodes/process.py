"""How every executable of this package starts, spins and ends."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.nodes.camera_profile import use_camera_profile


class RunningNode(Protocol):
    """A node with work of its own beside its callbacks."""

    def start(self) -> None:
        """Load what is needed and begin; may take seconds."""

    def stop(self) -> None:
        """End within a second or two; may be called twice, and before :meth:`start`."""

    def has_finished(self) -> bool:
        """Whether nothing is left to do.

        Raises:
            SceneClipError: The work ended early.
        """

    def destroy_node(self) -> None:
        """Release the node, see rclpy."""


AnyNode = TypeVar("AnyNode", bound=RunningNode)


def run_node(make: Callable[[], AnyNode], arguments: Sequence[str] | None = None) -> int:
    """Run one node until SIGINT, SIGTERM or the end of its work.

    Args:
        make: Makes the node; called after ROS is initialised.
        arguments: Command line; None: that of the process.

    Returns:
        Exit status: 0 after an ordinary end, 1 after an error, told in one line on stderr.
    """
    use_camera_profile()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        rclpy.init(args=None if arguments is None else list(arguments))
        with contextlib.closing(_Running(make())) as running:
            running.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    except (SceneClipError, RuntimeError) as err:
        print(f"error: {_one_line(err)}", file=sys.stderr)
        return 1
    finally:
        rclpy.try_shutdown()
    return 0


class _Running:
    """A node with its executor, stopped and destroyed at the end."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def spin(self) -> None:
        self._node.start()
        executor = SingleThreadedExecutor()
        assert isinstance(self._node, Node)
        executor.add_node(self._node)
        try:
            while not self._node.has_finished():
                executor.spin_once()
        finally:
            executor.shutdown()

    def close(self) -> None:
        self._node.stop()
        self._node.destroy_node()


def _one_line(err: Exception) -> str:
    """Return the message of an error without line breaks."""
    return " ".join(str(err).split()) or type(err).__name__
