"""Searches and questions of the live page, and the services that answer them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from monitor_node import fetch, found, post, run, start
from monitored_camera import MonitoredCamera
from page_viewer import viewing
from rclpy.task import Future
from ros_world import RosWorld

from scene_clip_ros.nodes.monitor_calls import MAX_CALLS
from scene_clip_ros.srv import Ask, QueryFrames


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"data": b"{"}, 400, id="no JSON"),
        pytest.param({"data": b"[" * 4000}, 400, id="endless brackets"),
        pytest.param({"json": []}, 400, id="a list"),
        pytest.param({"json": {"text": " "}}, 400, id="nothing asked"),
        pytest.param({"json": {"text": "x" * 1001}}, 400, id="too long a text"),
        pytest.param({"data": b'{"text": "a\\ud800"}'}, 400, id="half a character"),
        pytest.param({"json": {"text": "a\0b"}}, 400, id="a control character"),
        pytest.param({"json": {"text": "a", "window_s": "b"}}, 400, id="window of letters"),
        pytest.param({"json": {"text": "a", "window_s": -1}}, 400, id="window of the future"),
        pytest.param({"data": b'{"text": "a", "window_s": NaN}'}, 400, id="window of NaN"),
        pytest.param({"json": {"text": "a", "camera": "x"}}, 400, id="no such camera"),
        pytest.param({"data": b"x" * 20000}, 413, id="too large a body"),
    ],
)
def test_malformed_requests_are_refused_with_the_reason(
    world: RosWorld, body: dict[str, Any], status: int
) -> None:
    node = start(world)
    headers = {} if "json" in body else {"Content-Type": "application/json"}

    async def ask() -> tuple[int, dict[str, str], str]:
        return await fetch(f"{node.url}search", "POST", headers=headers, **body)

    refused, _, text = run(world, ask())
    assert refused == status
    assert '"error":' in text


def test_a_search_asks_the_service_and_returns_thumbnails(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)
    asked: list[QueryFrames.Request] = []

    def answer(
        request: QueryFrames.Request, response: QueryFrames.Response
    ) -> QueryFrames.Response:
        asked.append(request)
        response.success, response.searched, response.hits = True, 7, [found(stamp_s=99)]
        return response

    world.node.create_service(QueryFrames, "scene_clip/query_frames", answer)

    async def search() -> tuple[int, dict[str, Any]]:
        async with viewing(node.url) as viewer:
            await viewer.message(lambda m: m["type"] == "services" and m["search"])
            await viewer.state(lambda s: s["labels"])
            body = {"text": " a dog ", "window_s": 60, "camera": "front"}
            return await post(node.url, "search", body)

    status, result = run(world, search())
    (request,) = asked
    assert (request.text, request.window_s, request.cameras) == ("a dog", 60.0, ["front"])
    assert request.thumbnails
    assert status == 200
    (hit,) = result["hits"]
    assert (hit["camera"], hit["stamp_ns"]) == ("front", str(99 * 10**9))
    assert 1.0 <= hit["ago_s"] <= (camera.stamps_ns[-1] - 99 * 10**9) / 1e9
    assert hit["score"] == pytest.approx(0.3)
    assert hit["thumbnail"].startswith("/9j/")
    assert (result["searched"], result["nothing_matches"]) == (7, False)


def test_a_question_asks_the_service_and_returns_its_evidence(world: RosWorld) -> None:
    node = start(world)

    def answer(request: Ask.Request, response: Ask.Response) -> Ask.Response:
        response.success = response.answered = True
        response.answer, response.kind, response.backend = request.question, "which", "contrastive"
        response.confidence, response.evidence = 0.75, [found()]
        return response

    world.node.create_service(Ask, "scene_clip/ask", answer)

    async def ask() -> tuple[int, dict[str, Any]]:
        async with viewing(node.url) as viewer:
            await viewer.message(lambda m: m["type"] == "services" and m["ask"])
        return await post(node.url, "ask", {"question": "Is it night?"})

    status, result = run(world, ask())
    assert (status, result["answer"], result["answered"]) == (200, "Is it night?", True)
    assert (result["confidence"], result["backend"]) == (0.75, "contrastive")
    (hit,) = result["evidence"]
    assert hit["ago_s"] is None


@pytest.mark.parametrize(
    ("path", "body"), [("search", {"text": "a dog"}), ("ask", {"question": "why?"})]
)
def test_a_missing_service_is_told_in_one_line(
    world: RosWorld, path: str, body: dict[str, str]
) -> None:
    node = start(world)

    status, result = run(world, post(node.url, path, body))
    assert status == 503
    assert "nobody offers /scene_clip/" in result["error"]


def test_a_refusal_is_told_in_the_words_of_the_service(world: RosWorld) -> None:
    node = start(world)

    def refuse(_request: Ask.Request, response: Ask.Response) -> Ask.Response:
        response.message = "the memory is off"
        return response

    world.node.create_service(Ask, "scene_clip/ask", refuse)
    world.wait_until(lambda: node._ask.is_offered, "the service")

    status, result = run(world, post(node.url, "ask", {"question": "why?"}))
    assert (status, result) == (422, {"error": "refused: the memory is off"})


def test_a_service_that_never_answers_costs_nothing_but_its_callers_time(
    world: RosWorld,
) -> None:
    node, camera = start(world, search_timeout_s=1.0), MonitoredCamera(world)

    async def think(_request: Any, response: Any) -> Any:
        await Future()
        return response

    world.node.create_service(QueryFrames, "scene_clip/query_frames", think)
    world.wait_until(lambda: node._search.is_offered, "the service")

    async def ask() -> tuple[list[int], dict[str, Any]]:
        body = {"text": "a dog"}
        calls = [post(node.url, "search", body) for _ in range(MAX_CALLS + 1)]
        answers = await asyncio.gather(*calls)
        async with viewing(node.url) as viewer:
            return sorted(status for status, _ in answers), await viewer.state(
                lambda s: s["labels"]
            )

    statuses, state = run(world, ask())
    assert statuses == [429] + [503] * MAX_CALLS
    assert int(state["labels"]["stamp_ns"]) in camera.stamps_ns
