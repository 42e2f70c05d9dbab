"""How every executable of this package starts, spins and ends."""

from __future__ import annotations

import os
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NoReturn

import rclpy
from rclpy.exceptions import NameValidationException
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.qos_overriding_options import InvalidQosOverridesError

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.interrupts import (
    catch_interrupts,
    end_in_time,
    ignore_interrupts,
    interrupts_held,
    was_interrupted,
)
from scene_clip_ros.nodes.abandoned_memory import free_abandoned_memory
from scene_clip_ros.nodes.abandoned_ports import abandoned_ports_avoided
from scene_clip_ros.nodes.camera_profile import use_camera_profile

_FORESEEN = (
    SceneClipError,
    OSError,  # no room for temporary files, no right to read
    NameValidationException,
    InvalidQosOverridesError,
    RuntimeError,  # rclpy's own, of a malformed command line or parameter file
)


LOG_PERIOD_S = 5.0
"""Least time between two log entries about callbacks that failed, seconds."""

END_S = 1.5
"""Longest time from SIGINT or SIGTERM to the end of the process, seconds."""


class WorkingNode(Node, ABC):
    """A node with work of its own beside its callbacks.

    Attributes:
        failed_callbacks: How many have raised something that nobody expected.
    """

    failed_callbacks = 0

    @abstractmethod
    def start(self) -> None:
        """Load what is needed and begin; may take seconds."""

    @abstractmethod
    def stop(self) -> None:
        """End within a second; may be called twice, and before :meth:`start`."""

    @abstractmethod
    def has_finished(self) -> bool:
        """Whether nothing is left to do.

        Raises:
            SceneClipError: The work ended early.
        """


def run_node(make: Callable[[], WorkingNode], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one node until SIGINT, SIGTERM or the end of its work, and end the process.

    The exit status is 0 after an ordinary end, and 1 after an error, told in one line on stderr.
    What has not ended `END_S` after a signal is not waited for.

    Args:
        make: Makes the node; called after ROS is initialised.
        arguments: Command line; None: that of the process.
    """
    status = _run(make, arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the interpreter would take seconds to tear torch down


def _run(make: Callable[[], WorkingNode], arguments: Sequence[str] | None) -> int:
    """Run the node and return the exit status."""
    use_camera_profile()
    free_abandoned_memory()
    end_in_time(END_S)
    try:
        catch_interrupts()
        rclpy.init(args=None if arguments is None else list(arguments))
        with abandoned_ports_avoided():
            node = make()
        _spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    except Exception as err:
        if was_interrupted():  # ROS, shut down by the same signal, fails where it would go on
            return 0
        if not isinstance(err, _FORESEEN):
            raise
        print(f"error: {' '.join(str(err).split())}", file=sys.stderr)
        return 1
    finally:
        ignore_interrupts()
        rclpy.try_shutdown()
    return 0


def _spin(node: WorkingNode) -> None:
    """Start a node, handle its callbacks until its work is done, and destroy it."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        node.start()
        while not node.has_finished():
            with interrupts_held():
                _handle_next(executor, node)
    finally:
        executor.shutdown()
        node.stop()
        node.destroy_node()


def _handle_next(executor: Executor, node: WorkingNode) -> None:
    """Wait for a callback and run it. If it fails, that is told, and the others go on.

    Raises:
        ExternalShutdownException: ROS was shut down.
        RCLError: ROS itself fails.
        MemoryError: There is none left.
        Exception: A message could not be taken. ROS would never handle its callback group again.
    """
    try:
        executor.spin_once()
    except (ExternalShutdownException, rclpy_implementation.RCLError, MemoryError):
        raise
    except Exception as err:
        if _came_before_the_callback(err) or not node.context.ok():
            raise
        node.failed_callbacks += 1
        node.get_logger().error(
            f"a callback failed, the others go on: {traceback.format_exc()}",
            throttle_duration_sec=LOG_PERIOD_S,
        )


def _came_before_the_callback(error: Exception) -> bool:
    """Return whether an error is of rclpy's taking of a message, by its names for that."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name.startswith("_take_") for frame, _ in frames)
