"""Playing a drive past a node."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.demo.events import BackendReported, DemoEvent
from scene_clip_ros.demo.play import play
from scene_clip_ros.demo.processes import Child

RUNNING = "import signal; signal.pause()"


class ScriptedListener:
    """Is ready after some polls, and hears one event a poll."""

    def __init__(self, events: Iterable[DemoEvent], *, polls_until_ready: int = 0) -> None:
        self._events = iter(events)
        self._polls_until_ready = polls_until_ready

    def ready(self) -> bool:
        return self._polls_until_ready <= 0

    def poll(self, *, timeout_s: float) -> Sequence[DemoEvent]:  # noqa: ARG002
        if not self.ready():
            self._polls_until_ready -= 1
            return []
        event = next(self._events, None)
        return [] if event is None else [event]


def child(code: str, folder: Path, *, name: str) -> Child:
    return Child(name, [sys.executable, "-c", code], log=folder / name, env=os.environ)


def heard(count: int) -> list[DemoEvent]:
    return [BackendReported(str(number)) for number in range(count)]


def test_every_event_is_heard_until_nothing_is_missing(tmp_path: Path) -> None:
    events: list[DemoEvent] = []
    with child(RUNNING, tmp_path, name="node") as node:
        play(
            ScriptedListener(heard(3), polls_until_ready=2),
            node,
            lambda: child("", tmp_path, name="player"),
            on_event=events.append,
            complete=lambda: len(events) == 3,
        )
    assert events == heard(3)


def test_a_node_that_ends_ends_the_demo(tmp_path: Path) -> None:
    with (
        child("raise SystemExit('no model')", tmp_path, name="node") as node,
        pytest.raises(ProcessError, match=r"expected node to keep running.*no model"),
    ):
        play(
            ScriptedListener([], polls_until_ready=sys.maxsize),
            node,
            lambda: child(RUNNING, tmp_path, name="player"),
            on_event=lambda _: None,
            complete=lambda: True,
        )


def test_a_player_that_fails_ends_the_demo(tmp_path: Path) -> None:
    with (
        child(RUNNING, tmp_path, name="node") as node,
        pytest.raises(ProcessError, match=r"expected player to keep running.*no film"),
    ):
        play(
            ScriptedListener([]),
            node,
            lambda: child("raise SystemExit('no film')", tmp_path, name="player"),
            on_event=lambda _: None,
            complete=lambda: True,
        )
