"""An endpoint answers questions over DDS, while cameras keep running."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from asked import Camera, image
from asked import ask as query
from asked_node import SERVICE, ask, run_node, write_vocabulary
from chat_server import Act, ChatServer, chat_server, closes, never_answers, says
from feeds import Feed
from reasoners import TIMEOUT_S
from ros_world import RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.srv import Ask

FEED_NS = 20_000_000
"""Time between two pictures of a feed."""


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    return write_vocabulary(tmp_path)


@pytest.fixture
def feed(world: RosWorld) -> Callable[[], Feed]:
    """Send a picture now and then, red or green, once the node is there."""

    def make(stamp_ns: int) -> Image:
        message = image("red" if stamp_ns // FEED_NS % 2 else "green", 0)
        message.header.stamp = time_message(stamp_ns)
        return message

    return lambda: Feed(world, Image, "front/image", make=make, period_s=FEED_NS / 1e9)


def use_endpoint(
    monkeypatch: pytest.MonkeyPatch, server: ChatServer, *, timeout_s: float = TIMEOUT_S
) -> None:
    monkeypatch.setenv("SCENE_CLIP_LLM_BASE_URL", server.url)
    monkeypatch.setenv("SCENE_CLIP_LLM_MODEL", "tiny")
    monkeypatch.setenv("SCENE_CLIP_LLM_TIMEOUT_S", str(timeout_s))
    monkeypatch.setenv("SCENE_CLIP_LLM_RETRIES", "0")


def test_an_endpoint_answers_from_pictures_and_facts(
    world: RosWorld, vocabulary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(says('{"answer": "It waits.", "confidence": 0.8, "evidence": [1]}')) as server:
        use_endpoint(monkeypatch, server)
        run_node(world, vocabulary, questions__backend="endpoint")
        Camera(world).show_all(["red", "green"])
        world.wait_until(lambda: query(world, text="red").searched == 2, "frames")

        response = ask(world, "what does the car do?")

    assert (response.success, response.answered) == (True, True), response.message
    assert (response.answer, response.backend) == ("It waits.", "tiny")
    assert response.confidence == pytest.approx(0.8)
    assert len(response.evidence) == 1
    assert len(server.requests[0].pictures()) == 2


def test_perception_goes_on_while_an_endpoint_never_answers(
    world: RosWorld,
    vocabulary: str,
    feed: Callable[[], Feed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with chat_server(never_answers) as server:
        use_endpoint(monkeypatch, server)
        run_node(world, vocabulary, questions__backend="endpoint")
        feed()
        labels = world.inbox(SceneLabels, "front/scene_clip/labels")
        labels.wait_count(1)
        world.wait_until(lambda: query(world, text="red").searched > 0, "a frame")
        client = world.node.create_client(Ask, SERVICE)
        answer = client.call_async(Ask.Request(question="is it red?"))
        world.wait_until(lambda: server.requests, "the question")

        labels.messages.clear()
        labels.wait_count(10)
        found = query(world, text="red")
        was_open = not answer.done()
        server.stopping.set()
        world.wait_until(answer.done, "the answer")

    assert was_open
    assert found.success
    assert (answer.result().success, answer.result().answered) == (False, False)
    assert "broken connection" in answer.result().message
    assert "\n" not in answer.result().message


@pytest.mark.parametrize(
    ("act", "timeout_s", "reason"),
    [
        (never_answers, 0.3, "within 0.3 s"),
        (closes, TIMEOUT_S, "broken connection"),
        (says("<html>"), TIMEOUT_S, "<html>"),
    ],
    ids=["slow", "down", "rubbish"],
)
def test_an_endpoint_of_no_use_is_told_in_one_line(
    world: RosWorld,
    vocabulary: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    act: Act,
    timeout_s: float,
    reason: str,
) -> None:
    with chat_server(act) as server:
        use_endpoint(monkeypatch, server, timeout_s=timeout_s)
        run_node(world, vocabulary, questions__backend="endpoint")
        Camera(world).show("red", 1)
        world.wait_until(lambda: query(world, text="red").searched == 1, "a frame")

        response = ask(world)

    assert (response.success, response.answered) == (False, False), response.answer
    assert reason in response.message
    assert "\n" not in response.message
    assert query(world, text="red").success


def test_what_contrasts_cannot_tell_goes_to_the_endpoint_alone(
    world: RosWorld, vocabulary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(says('{"answer": "A light.", "confidence": 0.9, "evidence": [1]}')) as server:
        use_endpoint(monkeypatch, server)
        run_node(world, vocabulary)
        Camera(world).show_all(["red"] * 3)
        world.wait_until(lambda: query(world, text="red").searched == 3, "frames")

        contrast = ask(world, "is the signal red or blue?")
        asked = len(server.requests)
        reason = ask(world, "why is it red?")

    assert (contrast.backend, asked) == ("contrastive", 0)
    assert (reason.answer, reason.backend) == ("A light.", "tiny")
