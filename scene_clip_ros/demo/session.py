"""One run of the demo: starts the node and the player, listens, and keeps what was said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.demo.environment import find_executable
from scene_clip_ros.demo.events import (
    AlertReceived,
    DemoEvent,
    DemoListener,
    LabelsReceived,
    Received,
)
from scene_clip_ros.demo.journal import Journal
from scene_clip_ros.demo.live import LiveView, Screen
from scene_clip_ros.demo.live_page import announce, choose_port
from scene_clip_ros.demo.outputs import record
from scene_clip_ros.demo.play import play
from scene_clip_ros.demo.processes import Child
from scene_clip_ros.media.bag_writer import BagWriter

SUBSCRIBERS = 2
"""Who must listen before the player starts: the node and the demo itself."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What is played, and with what.

    Attributes:
        drive: Bag, video or folder.
        cameras: Names of its cameras.
        node_parameters: Parameters of the node ``scene_clip``: model, vocabulary, device.
        out: Folder for results and logs; exists.
        environment: Of the processes.
        has_page: Serve the live page beside it.
    """

    drive: Path
    cameras: tuple[str, ...]
    node_parameters: Mapping[str, str]
    out: Path
    environment: Mapping[str, str]
    has_page: bool = True


Connect = Callable[[Sequence[str]], AbstractContextManager[DemoListener]]
"""Subscribes to the cameras of those names."""


def run_session(plan: DemoPlan, connect: Connect, view: LiveView, screen: Screen) -> Journal:
    """Play a drive in real time and record what the node says in ``results.mcap``.

    Ctrl-C ends the play early; what was heard until then is kept.

    Args:
        plan: What is played.
        connect: Listens to the running system.
        view: Shows every result.
        screen: Takes notes on the progress.

    Raises:
        ProcessError: The node or the player cannot be started, or fails.
    """
    journal = Journal()
    node_parameters = {
        **plan.node_parameters,
        "cameras": list(plan.cameras),
        "transport": "compressed",
    }
    player_parameters = {
        "source": str(plan.drive.resolve()),
        "transport": "compressed",
        "wait_for_subscribers": SUBSCRIBERS,
    }
    with (
        BagWriter(plan.out / "results.mcap", overwrite=True) as bag,
        _start(plan, "scene_clip", node_parameters) as node,
        connect(plan.cameras) as listener,
        ExitStack() as page,
    ):

        def on_event(event: DemoEvent) -> None:
            journal.add(event)
            if isinstance(event, Received):
                record(bag, event)
            if isinstance(event, LabelsReceived):
                key = event.result.camera, event.result.stamp_ns
                view.show(event.result, latency_ms=journal.latency_ms(*key))
            elif isinstance(event, AlertReceived):
                view.hold(event.alert)

        screen.note("starting the node …")
        try:
            if plan.has_page:
                _show_page(plan, screen, page)
            play(
                listener,
                node,
                lambda: _start(plan, "drive_player", player_parameters),
                on_event=on_event,
                complete=journal.is_complete,
            )
        except KeyboardInterrupt:
            screen.note("interrupted: what was played so far counts")
        finally:
            screen.finish()
    return journal


def _show_page(plan: DemoPlan, screen: Screen, until: ExitStack) -> None:
    """Serve the live page as long as the demo runs; without it the demo runs all the same."""
    port = choose_port()
    parameters = {"cameras": list(plan.cameras), "transport": "compressed", "port": port}
    try:
        page = until.enter_context(_start(plan, "scene_monitor", parameters))
    except ProcessError as err:
        screen.note(f"no live page: {err}")
    else:
        announce(page, port, screen)


def _start(plan: DemoPlan, executable: str, parameters: Mapping[str, Any]) -> Child:
    """Start one of the package's executables with parameters from a file."""
    path = plan.out / f"{executable}.param.yaml"
    # JSON is YAML, and quotes every string that YAML would take for something else.
    path.write_text(json.dumps({"/**": {"ros__parameters": dict(parameters)}}), encoding="utf-8")
    return Child(
        executable,
        [
            str(find_executable(executable, plan.environment)),
            "--ros-args",
            "--params-file",
            str(path),
        ],
        log=plan.out / f"{executable}.log",
        env=plan.environment,
    )
