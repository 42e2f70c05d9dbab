"""Plays a drive past a running node and listens until the last answer is in."""

from __future__ import annotations

import time
from collections.abc import Callable

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.demo.events import DemoEvent, DemoListener
from scene_clip_ros.demo.processes import Child

READY_TIMEOUT_S = 180.0
"""Longest time that loading the model may take, seconds."""

DRAIN_S = 3.0
"""Longest wait for the last answers after the last picture, seconds."""

POLL_S = 0.1


def wait_until_ready(listener: DemoListener, node: Child) -> None:
    """Wait until the node listens to every camera.

    Raises:
        ProcessError: The node ended, or takes too long.
    """
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while not listener.ready():
        node.check_running()
        if time.monotonic() > deadline_s:
            message = f"expected {node.name} to listen within {READY_TIMEOUT_S:.0f} s, got silence"
            raise ProcessError(message)
        listener.poll(timeout_s=POLL_S)


def play(
    listener: DemoListener,
    node: Child,
    start_player: Callable[[], Child],
    *,
    on_event: Callable[[DemoEvent], None],
    complete: Callable[[], bool],
) -> None:
    """Play a drive from its first to its last picture.

    Args:
        listener: Hears pictures and answers.
        node: The node under demonstration, already running.
        start_player: Starts the player when the node listens.
        on_event: Takes every event.
        complete: Whether every picture heard of has been answered.

    Raises:
        ProcessError: The node ended or the player failed.
    """
    wait_until_ready(listener, node)
    with start_player() as player:
        while player.exit_code is None:
            node.check_running()
            for event in listener.poll(timeout_s=POLL_S):
                on_event(event)
        player.check()
    deadline_s = time.monotonic() + DRAIN_S
    while not complete() and time.monotonic() < deadline_s:
        for event in listener.poll(timeout_s=POLL_S):
            on_event(event)
