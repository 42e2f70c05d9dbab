"""The live page beside a demo: served where a port is free, and done without where it fails."""

from __future__ import annotations

import contextlib
import socket
import time

from scene_clip_ros.demo.live import Screen
from scene_clip_ros.demo.processes import Child

HOST, USUAL_PORT = "127.0.0.1", 8642

UP_TIMEOUT_S = 20.0
"""Longest wait for the page; the node loads its models meanwhile, seconds."""

_POLL_S = 0.1


def choose_port() -> int:
    """Return the usual port of the page, or any free one if something listens there."""
    for port in (USUAL_PORT, 0):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)) as found:
            return int(found.getsockname()[1])
    return USUAL_PORT


def announce(page: Child, port: int, screen: Screen) -> None:
    """Print where the page is as soon as it answers, or why there is none.

    Args:
        page: The node that serves it.
        port: Where it listens.
        screen: Where to print.
    """
    end_s = time.monotonic() + UP_TIMEOUT_S
    while page.exit_code is None and time.monotonic() < end_s:
        if _answers(port):
            screen.note(f"live page: http://{HOST}:{port}/")
            return
        time.sleep(_POLL_S)
    screen.note(f"no live page: {page.last_words()}")


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=_POLL_S).close()
    except OSError:
        return False
    return True
