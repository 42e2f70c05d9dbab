"""Questions about the last minutes are answered over DDS, while cameras keep running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import Camera, image
from asked import ask as query
from asked_colors import SIGNALS
from builtin_interfaces.msg import Time
from chat_server import Act, ChatServer, chat_server, closes, never_answers, says
from feeds import Feed
from reasoners import TIMEOUT_S, HeldReasoner, NotingReasoner, loading
from ros_world import RosWorld, overrides
from sensor_msgs.msg import Image

from scene_clip_ros.core.errors import ParameterError, ReasoningError
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.ask_service import MAX_QUESTIONS
from scene_clip_ros.nodes.configured import load_configured_reasoner
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.srv import Ask, SetEnabled, SetVocabulary

SERVICE = "scene_clip/ask"

FEED_NS = 20_000_000
"""Time between two pictures of a feed."""


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    path = tmp_path / "colours.yaml"
    path.write_text(SIGNALS)
    return str(path)


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCENE_CLIP_LLM_BASE_URL", raising=False)


def run_node(
    world: RosWorld, vocabulary: str, load_reasoner: Any = load_configured_reasoner, **options: Any
) -> SceneClipNode:
    return world.add(
        SceneClipNode(
            load_encoder=lambda _values: FakeEncoder(),
            load_proposer=lambda _values: FakeProposer(),
            load_reasoner=load_reasoner,
            context=world.context,
            parameter_overrides=overrides(vocabulary=vocabulary, **options),
        )
    )


@pytest.fixture
def reasoner(world: RosWorld, vocabulary: str) -> NotingReasoner:
    """The reasoner of a node that runs."""
    reasoner = NotingReasoner()
    run_node(world, vocabulary, loading(reasoner))
    return reasoner


def ask(world: RosWorld, question: str = "is it red?", **request: Any) -> Ask.Response:
    return world.call(Ask, SERVICE, Ask.Request(question=question, **request))


def wait_for_seen(world: RosWorld, reasoner: NotingReasoner, frames: int) -> None:
    """Wait until a question would be about so many frames."""

    def is_met() -> bool:
        ask(world, window_s=0.0)
        return len(reasoner.seen.frames) == len(reasoner.seen.facts) == frames

    world.wait_until(is_met, f"{frames} frames")


def switch(world: RosWorld, function: str, *, enabled: bool) -> None:
    request = SetEnabled.Request(function=function, enabled=enabled)
    assert world.call(SetEnabled, "scene_clip/set_enabled", request).success


def test_a_question_is_answered_with_the_frames_that_show_it(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)
    camera = Camera(world)
    camera.show_all(["red"] * 6)
    world.wait_until(lambda: query(world, text="red").searched == 6, "frames")

    response = ask(world, "is the signal red or blue?")

    assert (response.success, response.message) == (True, "")
    assert (response.answered, response.kind, response.backend) == (True, "which", "contrastive")
    assert "red" in response.answer.lower()
    assert 0.5 < response.confidence <= 1
    best = response.evidence[0]
    assert (best.camera, best.header.frame_id) == ("front", "front_optical")
    assert 100 <= best.header.stamp.sec <= 105
    picture = decode_compressed(best.thumbnail.data)
    np.testing.assert_allclose(picture.mean(axis=(0, 1)), COLOR_WORDS["red"], atol=8)
    assert best.thumbnail.header == best.header


def test_a_question_that_needs_a_language_model_is_told_so(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)

    response = ask(world, "why is it red?")

    assert (response.success, response.answered) == (True, False)
    assert (response.kind, response.confidence, len(response.evidence)) == ("language", 0.0, 0)
    assert "language model" in response.answer


def test_a_new_vocabulary_is_understood_by_the_next_question(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)
    camera = Camera(world)
    camera.show("yellow", 1)
    world.wait_until(lambda: query(world, text="red").searched == 1, "a frame")
    before = ask(world, "what kind of lamp is it?")

    change = SetVocabulary.Request(attribute="lamp", labels=["red", "yellow"])
    assert world.call(SetVocabulary, "scene_clip/set_vocabulary", change).success
    camera.show("yellow", 2)
    world.wait_until(lambda: query(world, text="red").searched == 2, "another frame")
    after = ask(world, "what kind of lamp is it?", window_s=0.5)

    assert not before.answered
    assert after.answered, after.answer
    assert "yellow" in after.answer.lower()


def test_the_reasoner_sees_frames_facts_and_pictures_of_the_window(
    world: RosWorld, vocabulary: str
) -> None:
    reasoner = NotingReasoner()
    run_node(world, vocabulary, loading(reasoner), cameras=["front", "rear"])
    Camera(world).show_all(["red", "green", "red"])
    Camera(world, "rear").show_all(["blue", "blue", "blue"])
    wait_for_seen(world, reasoner, 6)

    ask(world, "anything?", window_s=1.0, cameras=["front"])
    newest = reasoner.seen
    ask(world, "anything?", end=Time(sec=101), window_s=0.0, cameras=["rear"])
    earlier = reasoner.seen
    ask(world, "anything?")

    assert newest.frames == (FrameRef("front", 101 * 10**9), FrameRef("front", 102 * 10**9))
    assert [facts.stamp_ns // 10**9 for facts in newest.facts] == [101, 102]
    assert [label.attribute for label in newest.facts[0].labels] == ["signal"]
    assert newest.facts[0].tracks is not None
    assert newest.picture is not None
    shown = decode_compressed(newest.picture(0)).mean(axis=(0, 1))
    np.testing.assert_allclose(shown, COLOR_WORDS["green"], atol=8)
    assert [(ref.camera, ref.stamp_ns // 10**9) for ref in earlier.frames] == [
        ("rear", 100),
        ("rear", 101),
    ]
    assert {facts.camera for facts in earlier.facts} == {"rear"}
    assert len(reasoner.seen.frames) == 6
    assert reasoner.asked[-1][0] == "anything?"


def test_evidence_between_the_kept_frames_is_shown_by_the_nearest(
    world: RosWorld, reasoner: NotingReasoner
) -> None:
    Camera(world).show_all(["red", "green"])
    wait_for_seen(world, reasoner, 2)
    reasoner.evidence = tuple(
        FrameRef("front", round(t_s * 1e9)) for t_s in (101.2, 100.1, 100.9, 90)
    )

    response = ask(world)

    shown = [(hit.header.stamp.sec, bool(hit.thumbnail.data)) for hit in response.evidence]
    assert shown == [(101, True), (100, True), (90, False)]


def test_a_window_without_frames_is_told(world: RosWorld, reasoner: NotingReasoner) -> None:
    empty = ask(world)
    Camera(world).show("red", 50)
    wait_for_seen(world, reasoner, 1)
    other_time = ask(world, end=Time(sec=10))

    assert (empty.success, empty.answered, empty.message) == (True, False, "no frame is in memory")
    assert empty.answer == "nothing was seen"
    assert other_time.message == "none of the 1 frames in memory is of the time asked for"


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        pytest.param({"question": ""}, "question: expected a question with words", id="empty"),
        pytest.param({"question": " \n"}, "question: expected a question with words", id="blank"),
        pytest.param({"question": "x" * 1001}, "at most 1000 characters, got 1001", id="long"),
        pytest.param({"window_s": -1.0}, "window_s: expected a number", id="window"),
        pytest.param({"window_s": float("nan")}, "window_s: expected a number", id="nan"),
        pytest.param({"window_s": 1e10}, "window_s: expected a number", id="long window"),
        pytest.param({"cameras": ["moon"]}, "some of front, got 'moon'", id="camera"),
        pytest.param({"cameras": [""]}, "cameras: expected names", id="no name"),
    ],
)
def test_a_wrong_request_is_refused_with_the_reason_and_the_next_is_answered(
    world: RosWorld, reasoner: NotingReasoner, request_fields: dict[str, Any], reason: str
) -> None:
    refused = ask(world, **request_fields)
    asked = len(reasoner.asked)

    assert (refused.success, refused.answered, refused.answer) == (False, False, "")
    assert reason in refused.message
    assert "\n" not in refused.message
    assert asked == 0
    assert ask(world).success


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ReasoningError("expected an answer,\ngot none"), "expected an answer, got none"),
        (RuntimeError("out of memory"), "ask failed: RuntimeError: out of memory"),
    ],
    ids=["told", "broken"],
)
def test_a_reasoner_that_fails_is_told_in_one_line_and_asked_again(
    world: RosWorld, reasoner: NotingReasoner, error: Exception, message: str
) -> None:
    reasoner.error = error
    failed = ask(world)
    reasoner.error = None

    assert (failed.success, failed.answered, failed.message) == (False, False, message)
    assert ask(world).success


@pytest.mark.parametrize("function", ["memory", "questions"])
def test_a_function_that_is_switched_off_is_told_and_what_was_kept_is_forgotten(
    world: RosWorld, reasoner: NotingReasoner, function: str
) -> None:
    camera = Camera(world)
    camera.show("red", 1)
    wait_for_seen(world, reasoner, 1)

    switch(world, function, enabled=False)
    camera.show("red", 2)
    off = ask(world)
    switch(world, function, enabled=True)
    camera.show("red", 3)

    assert not off.success
    assert off.message == f"expected the function {function} to be on, got it switched off"

    def is_new() -> bool:
        ask(world, window_s=0.0)
        return [facts.stamp_ns for facts in reasoner.seen.facts] == [3 * 10**9]

    world.wait_until(is_new, "new facts alone")


def test_a_service_that_was_never_wanted_is_offered_once_it_is(
    world: RosWorld, vocabulary: str
) -> None:
    reasoner = NotingReasoner()
    node = run_node(world, vocabulary, loading(reasoner), questions__enabled=False)
    names = {name for name, _ in node.get_service_names_and_types_by_node("scene_clip", "/")}

    switch(world, "questions", enabled=True)

    assert "/scene_clip/ask" not in names
    assert "/scene_clip/query_frames" in names
    assert ask(world).success


def test_a_language_model_that_cannot_be_loaded_does_not_switch_questions_on(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary, questions__enabled=False, questions__backend="endpoint")

    refused = world.set_parameter("scene_clip", "questions.enabled", True)

    assert not refused.successful
    assert "SCENE_CLIP_LLM_BASE_URL: expected" in refused.reason


@pytest.mark.parametrize(
    ("backend", "error", "message"),
    [
        ("oracle", ParameterError, "expected one of auto, contrastive, endpoint"),
        ("endpoint", ReasoningError, "SCENE_CLIP_LLM_BASE_URL: expected"),
    ],
)
def test_a_wrong_backend_stops_the_start(
    world: RosWorld, vocabulary: str, *, backend: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run_node(world, vocabulary, questions__backend=backend)


def test_stamps_that_jump_back_forget_what_was_decided_before(
    world: RosWorld, reasoner: NotingReasoner
) -> None:
    camera = Camera(world)
    camera.show_all(["red", "green", "blue"], start=100)
    wait_for_seen(world, reasoner, 3)

    camera.show("green", 50)
    wait_for_seen(world, reasoner, 1)

    assert [facts.stamp_ns // 10**9 for facts in reasoner.seen.facts] == [50]


@pytest.fixture
def held(world: RosWorld, vocabulary: str) -> Iterator[HeldReasoner]:
    """The reasoner of a node that runs, which answers nothing until it is let go."""
    reasoner = HeldReasoner()
    run_node(world, vocabulary, loading(reasoner))
    yield reasoner
    reasoner.go.set()


def test_a_flood_of_questions_is_refused_and_holds_up_nobody(
    world: RosWorld, held: HeldReasoner
) -> None:
    client = world.node.create_client(Ask, SERVICE)
    world.wait_until(client.service_is_ready, "the service")
    answers = [client.call_async(Ask.Request(question="red?")) for _ in range(MAX_QUESTIONS + 3)]
    world.wait_until(lambda: sum(answer.done() for answer in answers) == 3, "refusals")
    refused = [answer.result() for answer in answers if answer.done()]
    found = query(world, text="red")
    held.go.set()
    world.wait_until(lambda: all(answer.done() for answer in answers), "all answers")

    assert found.success
    assert {(it.success, it.message) for it in refused} == {
        (
            False,
            f"expected at most {MAX_QUESTIONS} requests at a time, got one more: "
            "ask again when one has been answered",
        )
    }
    assert sum(answer.result().success for answer in answers) == MAX_QUESTIONS


def test_a_node_ends_without_waiting_for_the_answer(world: RosWorld, vocabulary: str) -> None:
    reasoner = HeldReasoner()
    node = run_node(world, vocabulary, loading(reasoner))
    client = world.node.create_client(Ask, SERVICE)
    world.wait_until(client.service_is_ready, "the service")
    answer = client.call_async(Ask.Request(question="red?"))
    world.wait_until(reasoner.started.is_set, "the question")

    node.stop()
    was_thinking = not reasoner.asked
    reasoner.go.set()
    for thread in threading.enumerate():
        if thread.name.startswith("scene_clip_ask"):
            thread.join()

    assert was_thinking
    assert len(reasoner.asked) == 1
    assert not answer.done()


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
