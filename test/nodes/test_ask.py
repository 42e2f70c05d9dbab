"""Questions about the last minutes are asked and refused over DDS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import Camera
from asked import ask as query
from asked_node import SERVICE, ask, run_node, switch, wait_for_seen, write_vocabulary
from builtin_interfaces.msg import Time
from reasoners import HeldReasoner, NotingReasoner, finding
from ros_world import RosWorld

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.models.fake_encoder import COLOR_WORDS
from scene_clip_ros.nodes.ask_service import MAX_QUESTIONS
from scene_clip_ros.srv import Ask


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    return write_vocabulary(tmp_path)


@pytest.fixture
def reasoner(world: RosWorld, vocabulary: str) -> NotingReasoner:
    """The reasoner of a node that runs."""
    reasoner = NotingReasoner()
    run_node(world, vocabulary, finding(reasoner))
    return reasoner


def test_the_reasoner_sees_frames_facts_and_pictures_of_the_window(
    world: RosWorld, vocabulary: str
) -> None:
    reasoner = NotingReasoner()
    run_node(world, vocabulary, finding(reasoner), cameras=["front", "rear"])
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
    run_node(world, vocabulary, finding(reasoner))
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
    node = run_node(world, vocabulary, finding(reasoner))
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
