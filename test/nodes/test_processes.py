"""The executables as processes: how they start, refuse to start, and end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ament_index_python.packages import get_package_prefix

TIMEOUT_S = 60.0

PLAYER = "from scene_clip_ros.nodes.drive_player import main; raise SystemExit(main())"
MONITOR = "from scene_clip_ros.nodes.scene_monitor import main; raise SystemExit(main())"
RUNTIME = "from scene_clip_ros.nodes.runtime import main; raise SystemExit(main())"
ALERTS = "from scene_clip_ros.nodes.pedestrian_alerts import main; raise SystemExit(main())"
FAKE_RUNTIME = """
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

make = lambda: SceneClipNode(
    load_encoder=lambda _: FakeEncoder(), load_proposer=lambda _: FakeProposer()
)
raise SystemExit(run_node(make))
"""


@dataclass(frozen=True)
class Script:
    """Python code, a parameter for it, and words that it then says."""

    code: str
    parameter: str
    says: str = ""


Launch = Callable[[Script], "subprocess.Popen[str]"]


@pytest.fixture
def launch(domain_id: int, tmp_path: Path) -> Launch:
    """Start Python with a parameter, outside the source tree, whose package has no messages."""

    def start(script: Script) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", script.code, "--ros-args", "-p", script.parameter],
            cwd=tmp_path,
            env={**os.environ, "ROS_DOMAIN_ID": str(domain_id)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return what the process has written to stderr up to a line with ``words``."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            break
    return "".join(lines)


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

    said = read_until(process, script.says)
    process.send_signal(number)
    _, rest = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 0, said + rest
    assert "Traceback" not in rest


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

    _, said = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    assert script.says in said
    assert len(said.splitlines()) == 1


def test_a_port_in_use_stops_start_up_with_one_line(launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch(Script(MONITOR, f"port:={port}"))
        _, said = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    assert f"127.0.0.1 port {port}: Address already in use" in said
    assert len(said.splitlines()) == 1


def test_a_vocabulary_error_names_file_and_key(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("attributes:\n  weather:\n    labels: 7\n")
    process = launch(Script(RUNTIME, f"vocabulary:={path}"))

    _, said = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    assert f"{path}:3: attributes.weather.labels: expected" in said
    assert len(said.splitlines()) == 1


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
