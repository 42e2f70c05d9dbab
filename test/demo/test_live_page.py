"""The live page beside a demo."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scene_clip_ros.demo import live_page
from scene_clip_ros.demo.live import PlainScreen
from scene_clip_ros.demo.live_page import announce, choose_port
from scene_clip_ros.demo.processes import Child

SERVE = "import socket, signal; s = socket.create_server(('127.0.0.1', {port})); signal.pause()"


def start(code: str, folder: Path) -> Child:
    return Child("page", [sys.executable, "-c", code], log=folder / "log", env=os.environ)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that somebody listens to, as if it were the usual one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        monkeypatch.setattr(live_page, "USUAL_PORT", port)
        yield port


def test_a_port_that_is_taken_is_left_to_whoever_has_it(taken: int) -> None:
    port = choose_port()

    assert port not in (0, taken)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_the_usual_port_is_chosen_when_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
    monkeypatch.setattr(live_page, "USUAL_PORT", port)

    assert choose_port() == port


def test_the_address_is_printed_once_the_page_answers(tmp_path: Path) -> None:
    port, printed = choose_port(), io.StringIO()
    with start(SERVE.format(port=port), tmp_path) as page:
        announce(page, port, PlainScreen(printed))

    assert printed.getvalue() == f"live page: http://127.0.0.1:{port}/\n"


def test_a_page_that_cannot_start_is_told_and_no_more(tmp_path: Path) -> None:
    printed = io.StringIO()
    with start("raise SystemExit('port in use')", tmp_path) as page:
        announce(page, choose_port(), PlainScreen(printed))

    assert printed.getvalue().startswith("no live page: port in use (all of its output: ")
