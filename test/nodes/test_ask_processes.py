"""Questions and the end of a process."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asked import ask as query
from asked import image
from chat_server import chat_server, never_answers
from ros_world import RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.srv import Ask

TIMEOUT_S = 60.0

PATIENCE_S = 10 * TIMEOUT_S
"""How long the process would wait for the language model."""

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

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(domain_id: int, tmp_path: Path) -> Iterator[Launch]:
    """Start a node with a backend, outside the source tree, whose package has no messages."""
    started = []

    def start(backend: str, **environment: str) -> subprocess.Popen[str]:
        parameter = f"questions.backend:={backend}"
        process = subprocess.Popen(
            [sys.executable, "-c", FAKE_RUNTIME, "--ros-args", "-p", parameter],
            cwd=tmp_path,
            env={
                **os.environ,
                "ROS_DOMAIN_ID": str(domain_id),
                "SCENE_CLIP_CACHE": str(tmp_path / "cache"),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_ends_while_the_language_model_thinks(world: RosWorld, launch: Launch) -> None:
    with chat_server(never_answers) as server:
        process = launch(
            "endpoint",
            SCENE_CLIP_LLM_BASE_URL=server.url,
            SCENE_CLIP_LLM_MODEL="tiny",
            SCENE_CLIP_LLM_TIMEOUT_S=f"{PATIENCE_S:g}",
        )
        camera, seconds = world.publisher(Image, "front/image"), itertools.count(1)

        def is_remembered() -> int:
            camera.publish(image("red", next(seconds)))
            return int(query(world, text="red").searched)

        # The first pictures are lost if the process has yet to hear of the publisher.
        world.wait_until(is_remembered, "a frame")
        client = world.node.create_client(Ask, "scene_clip/ask")
        world.wait_until(client.service_is_ready, "the service")
        client.call_async(Ask.Request(question="why?"))
        world.wait_until(lambda: server.requests, "the question")

        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 0, rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("backend", "problem"),
    [
        ("oracle", "expected one of auto, contrastive, endpoint, local:FOLDER, got 'oracle'"),
        ("endpoint", "SCENE_CLIP_LLM_BASE_URL: expected an OpenAI-compatible endpoint, got none"),
    ],
)
def test_a_wrong_backend_stops_start_up_with_one_line(
    launch: Launch, backend: str, problem: str
) -> None:
    process = launch(backend, SCENE_CLIP_LLM_BASE_URL="")

    _, said = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    (line,) = [line for line in said.splitlines() if "error: " in line]
    assert problem in line
    assert "Traceback" not in said
