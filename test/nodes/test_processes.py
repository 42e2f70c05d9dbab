"""The executables as processes: how they start, refuse to start, and end."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ament_index_python.packages import get_package_prefix
from diagnostic_msgs.msg import DiagnosticArray
from node_process import ALERTS, FAKE_RUNTIME, MONITOR, PLAYER, RUNTIME, NodeProcess
from ros_world import RosWorld

FAILING_RUNTIME = f"""
import scene_clip_ros.nodes.process
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

serve = SceneClipNode.start

def start(node):
    serve(node)
    node.create_timer(0.05, lambda: 1 / 0)

SceneClipNode.start = start
scene_clip_ros.nodes.process.LOG_PERIOD_S = 1e6
{FAKE_RUNTIME}"""
"""A node with a callback that always fails."""


@dataclass(frozen=True)
class Script:
    """Python code, a parameter for it, and words that it then says."""

    code: str
    parameter: str
    says: str = ""


Launch = Callable[[Script], NodeProcess]


@pytest.fixture
def launch(start_process: Callable[..., NodeProcess]) -> Launch:
    """Start a script with its parameter."""
    return lambda script: start_process(script.code, script.parameter)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda it: it.name)
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            Script(FAKE_RUNTIME, "labels.tau_s:=0.5", says="cameras: front"), id="scene_clip"
        ),
        pytest.param(
            Script(ALERTS, "alert.hold_s:=0.5", says="cameras: front"), id="pedestrian_alerts"
        ),
        pytest.param(
            Script(PLAYER, "source:=sim:city-day?size=64x48&seconds=900", says="frame 1 of"),
            id="drive_player",
        ),
        pytest.param(Script(MONITOR, "port:=0", says="cameras: front"), id="scene_monitor"),
    ],
)
def test_a_signal_ends_the_process_cleanly(
    launch: Launch, script: Script, number: signal.Signals
) -> None:
    process = launch(script)

    process.wait_until_said(script.says)
    process.send_signal(number)

    assert process.wait() == 0, process.said
    assert "Traceback" not in process.said


def test_a_callback_that_fails_is_told_and_the_others_go_on(
    world: RosWorld, launch: Launch
) -> None:
    process = launch(Script(FAILING_RUNTIME, "diagnostics.period_s:=0.1"))
    process.wait_until_said("ZeroDivisionError")

    reports = world.inbox(DiagnosticArray, "/diagnostics").wait_count(3)

    engine = reports[-1].status[0]
    assert engine.level == engine.WARN
    assert "callbacks have failed" in engine.message
    assert process.is_running
    assert process.said.count("a callback failed, the others go on") == 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            Script(RUNTIME, "labels.tau_s:=-1.0", says="labels.tau_s: expected a double"),
            id="range",
        ),
        pytest.param(
            Script(RUNTIME, "cameras:=[a, a]", says="cameras: expected different"), id="cameras"
        ),
        pytest.param(
            Script(RUNTIME, "vocabulary:=/no/such.yaml", says="/no/such.yaml: expected"), id="file"
        ),
        pytest.param(
            Script(ALERTS, "alert.zone:=[0.1, 0.2]", says="zone: expected at least 3 corners"),
            id="zone",
        ),
        pytest.param(Script(MONITOR, "token:=short", says="token: expected 16"), id="token"),
        pytest.param(Script(PLAYER, "source:=sim:moon", says="expected a scenario"), id="scenario"),
    ],
)
def test_a_wrong_parameter_stops_start_up_with_one_line(launch: Launch, script: Script) -> None:
    process = launch(script)

    assert process.wait() == 1
    assert script.says in process.said
    assert len(process.said.splitlines()) == 1


def test_a_port_in_use_stops_start_up_with_one_line(launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch(Script(MONITOR, f"port:={port}"))
        status = process.wait()

    assert status == 1
    assert f"127.0.0.1 port {port}: Address already in use" in process.said
    assert len(process.said.splitlines()) == 1


def test_a_vocabulary_error_names_file_and_key(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("attributes:\n  weather:\n    labels: 7\n")
    process = launch(Script(RUNTIME, f"vocabulary:={path}"))

    assert process.wait() == 1
    assert f"{path}:3: attributes.weather.labels: expected" in process.said
    assert len(process.said.splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "scene_clip",
        "scene_labels",
        "scored_boxes",
        "frame_memory",
        "pedestrian_alerts",
        "drive_player",
        "scene_monitor",
    ],
)
def test_executables_are_installed_to_be_run(name: str) -> None:
    prefix = get_package_prefix("scene_clip_ros")
    executable = Path(prefix, "lib", "scene_clip_ros", name)
    assert os.access(executable, os.X_OK)
