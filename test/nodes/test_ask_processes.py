"""Questions and the end of a process."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable

import pytest
from asked import ask as query
from asked import image
from chat_server import chat_server, never_answers
from node_process import FAKE_RUNTIME, TIMEOUT_S, NodeProcess
from ros_world import RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.srv import Ask

PATIENCE_S = 5 * TIMEOUT_S
"""How long the process would wait for the language model."""

Launch = Callable[..., NodeProcess]


@pytest.fixture
def launch(start_process: Callable[..., NodeProcess]) -> Launch:
    """Start a node with a backend."""

    def start(backend: str, **environment: str) -> NodeProcess:
        return start_process(FAKE_RUNTIME, f"questions.backend:={backend}", **environment)

    return start


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
        status = process.wait()

    assert status == 0, process.said
    assert "Traceback" not in process.said


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

    assert process.wait() == 1
    (line,) = [line for line in process.said.splitlines() if "error: " in line]
    assert problem in line
    assert "Traceback" not in process.said
