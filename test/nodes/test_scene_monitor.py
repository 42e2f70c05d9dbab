"""The live page's server under real DDS, watched as a browser watches it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import subprocess
import sys
from collections.abc import Coroutine
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from box_messages import IN_ZONE, person
from monitored_camera import MonitoredCamera, spinning
from page_viewer import TIMEOUT_S, viewing
from rclpy.task import Future
from ros_world import RosWorld, overrides
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.msg import FrameHit, Hazard
from scene_clip_ros.nodes.monitor_calls import MAX_CALLS
from scene_clip_ros.nodes.monitor_server import BACKLOG, MAX_CONNECTIONS
from scene_clip_ros.nodes.scene_monitor import SceneMonitorNode
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.srv import Ask, QueryFrames

IMAGES = "front/image/compressed"
TOKEN = "sixteen-letters-or-more"


def start(world: RosWorld, **parameters: Any) -> SceneMonitorNode:
    given = overrides(**{"port": 0, "transport": "compressed", "stale_after_s": 0.5, **parameters})
    return world.add(SceneMonitorNode(context=world.context, parameter_overrides=given))


def run(world: RosWorld, watching: Coroutine[Any, Any, Any]) -> Any:
    """Run what a browser does while the nodes are spun."""
    with spinning(world):
        return asyncio.run(watching)


async def fetch(url: str, method: str = "GET", **options: Any) -> tuple[int, dict[str, str], str]:
    async with (
        ClientSession() as session,
        session.request(method, url, allow_redirects=False, **options) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.text()


async def post(url: str, path: str, body: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    async with (
        ClientSession() as session,
        session.post(f"{url}{path}", json=body, **options) as answer,
    ):
        return answer.status, await answer.json()


def found(camera: str = "front", *, stamp_s: int = 99) -> FrameHit:
    header = Header(stamp=time_message(stamp_s * 10**9))
    jpeg = encode_jpeg(np.zeros((8, 8, 3), np.uint8))
    thumbnail = CompressedImage(header=header, format="jpeg", data=list(jpeg))
    return FrameHit(header=header, camera=camera, score=0.3, z=4.5, thumbnail=thumbnail)


def test_states_arrive_with_the_stamps_of_their_frames(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)
    camera.boxes = (person(IN_ZONE, track_id=4),)
    camera.level, camera.reason, camera.contact_s = AlertLevel.WARNING, "child in the zone", 1.8

    async def watch() -> dict[str, Any]:
        async with viewing(node.url) as viewer:
            return await viewer.state(
                lambda s: s["labels"] and s["boxes"] and s["alert"]["level"] == "WARNING"
            )

    state = run(world, watch())
    for part in ("labels", "boxes", "alert"):
        assert int(state[part]["stamp_ns"]) in camera.stamps_ns
    assert state["camera"] == "front"
    (weather,) = state["labels"]["attributes"]
    assert (weather["name"], weather["label"], weather["known"]) == ("weather", "rain", True)
    assert weather["probability"] == pytest.approx(0.9)
    assert state["boxes"]["count"] == 1
    assert state["alert"]["reason"] == "child in the zone"
    assert state["alert"]["time_to_contact_s"] == pytest.approx(1.8)
    assert {change["value"] for change in state["changes"]} <= {"rain", "WARNING"}


def test_a_picture_decodes_and_comes_with_the_boxes_of_its_stamp(world: RosWorld) -> None:
    node, camera = start(world, picture_height_px=180), MonitoredCamera(world)
    camera.boxes = (person(IN_ZONE, track_id=4),)
    camera.level = AlertLevel.CAUTION

    async def watch() -> Any:
        async with viewing(node.url) as viewer:
            return await viewer.picture(lambda p: p.head["boxes"] and p.head["boxes"][0]["urgent"])

    picture = run(world, watch())
    rgb = decode_compressed(picture.jpeg)
    assert rgb.shape == (180, 320, 3)
    assert np.abs(rgb.astype(int) - camera.grey).max() < 5
    assert picture.stamp_ns in camera.stamps_ns
    assert picture.head["boxes_lag_s"] == 0
    (box,) = picture.head["boxes"]
    assert (box["label"], box["track_id"]) == ("child", 4)
    assert box["xyxy"] == pytest.approx([600 / 1280, 400 / 720, 680 / 1280, 620 / 720])
    assert len(picture.head["zone"]) == 4


def test_pictures_are_subscribed_only_while_somebody_watches(world: RosWorld) -> None:
    node = start(world)
    counts = [world.node.count_subscribers(IMAGES)]

    async def watch() -> None:
        async with viewing(node.url) as viewer:
            await viewer.state()
            while not world.node.count_subscribers(IMAGES):
                await viewer.state()
            counts.append(world.node.count_subscribers(IMAGES))

    run(world, watch())
    world.wait_until(lambda: not world.node.count_subscribers(IMAGES), "the end of the pictures")
    assert counts == [0, 1]


def test_a_browser_that_is_slow_gets_the_newest_picture_and_no_queue(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)

    async def watch() -> tuple[int, int, int]:
        async with viewing(node.url, shows=False) as viewer:
            first = await viewer.picture()
            later_ns = first.stamp_ns + 10**9
            await viewer.state(lambda s: int(s["labels"]["stamp_ns"]) > later_ns)
            sent_meanwhile = len(viewer.pictures)
            await viewer.show()
            second = await viewer.picture()
            return sent_meanwhile, second.stamp_ns, later_ns

    sent_meanwhile, second_ns, later_ns = run(world, watch())
    assert sent_meanwhile == 1
    assert second_ns >= later_ns - 10**8
    assert camera.stamps_ns


def test_without_boxes_pictures_still_come(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)
    camera.kinds = {"picture"}

    async def watch() -> Any:
        async with viewing(node.url) as viewer:
            first = await viewer.picture()
            return await viewer.picture(lambda p: p.stamp_ns > first.stamp_ns + 3 * 10**8)

    assert run(world, watch()).head["boxes_lag_s"] is None


def test_silence_is_stale_and_missing_labels_are_told(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)

    async def watch() -> tuple[dict[str, Any], dict[str, Any]]:
        async with viewing(node.url) as viewer:
            before = await viewer.state(lambda s: s["alert"]["level"] == "CLEAR")
            await viewer.picture()
            camera.stop()
            return before, await viewer.state(lambda s: (s["picture_age_s"] or 0) > 1.0)

    before, after = run(world, watch())
    assert before["labels"] is None or not before["labels"]["stale"]
    assert after["alert"]["level"] == "STALE"
    assert after["alert"]["reason"].startswith("no alert for")
    assert after["labels"]["stale"]


def test_before_anything_has_come_the_alert_is_stale(world: RosWorld) -> None:
    node = start(world)

    async def watch() -> dict[str, Any]:
        async with viewing(node.url) as viewer:
            return await viewer.state()

    state = run(world, watch())
    assert state["alert"] == {
        "stamp_ns": "0",
        "level": "STALE",
        "reason": "no alert received yet",
        "time_to_contact_s": None,
    }
    assert state["labels"] is None
    assert state["picture_age_s"] is None


def test_the_timeline_is_told_once_to_everybody_and_then_only_what_changes(
    world: RosWorld,
) -> None:
    node, camera = start(world), MonitoredCamera(world)

    def weathers(state: dict[str, Any]) -> list[str]:
        return [c["value"] for c in state["changes"] if c["row"] == "weather"]

    async def watch() -> tuple[list[str], list[str]]:
        async with viewing(node.url) as viewer:
            await viewer.state(weathers)
            camera.weather = "fog"
            changed = weathers(await viewer.state(weathers))
        async with viewing(node.url) as late:
            return changed, weathers(await late.state(weathers))

    assert run(world, watch()) == (["fog"], ["rain", "fog"])


def test_numbers_that_are_none_and_names_that_are_endless_do_no_harm(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)
    camera.probability, camera.weather = math.nan, "<script>" * 1000
    camera.hazards = [Hazard(name=f"hazard {number}", active=True) for number in range(500)]

    async def watch() -> dict[str, Any]:
        async with viewing(node.url) as viewer:
            return await viewer.state(lambda s: s["labels"])

    labels = run(world, watch())["labels"]
    (weather,) = labels["attributes"]
    assert weather["probability"] is None
    assert weather["label"].startswith("<script>")
    assert len(weather["label"]) <= 120
    assert len(labels["hazards"]) <= 24


def test_malformed_messages_are_told_and_the_next_ones_shown(world: RosWorld) -> None:
    node, camera = start(world), MonitoredCamera(world)
    camera.boxes = (person((5, 5, 5, 9)),)
    camera.kinds = {"boxes"}

    async def watch() -> tuple[str, int]:
        async with viewing(node.url) as viewer:
            fault = (await viewer.state(lambda s: s["fault"]))["fault"]
            camera.boxes = (person(IN_ZONE),)
            state = await viewer.state(lambda s: s["boxes"])
            return fault, state["boxes"]["count"]

    fault, count = run(world, watch())
    assert "left < right" in fault
    assert count == 1


def test_a_flood_of_browsers_is_bounded_and_ends(world: RosWorld) -> None:
    node = start(world, max_clients=2)

    async def watch() -> int | None:
        async with viewing(node.url) as one, viewing(node.url) as two:
            await one.state()
            await two.state()
            async with viewing(node.url) as three:
                code = await three.end()
        await asyncio.wait_for(come_in(), TIMEOUT_S)
        return code

    async def come_in() -> None:
        while True:
            with contextlib.suppress(ConnectionError):  # the server has not yet seen them leave
                async with viewing(node.url) as four:
                    await four.state()
                    return

    assert run(world, watch()) == 1013


def test_a_flood_of_connections_is_bounded_and_ends(world: RosWorld) -> None:
    node = start(world)
    address = ("127.0.0.1", node.port)
    count = MAX_CONNECTIONS + 2 * BACKLOG
    flood = [socket.create_connection(address, TIMEOUT_S) for _ in range(count)]
    try:
        with socket.create_connection(address, TIMEOUT_S) as late:
            assert late.recv(1) == b""
    finally:
        for connection in flood:
            connection.close()

    async def look() -> int:
        while True:
            try:
                return (await fetch(node.url))[0]
            except OSError:  # the server has not yet seen the end of the flood
                continue

    assert run(world, asyncio.wait_for(look(), TIMEOUT_S)) == 200


def test_nonsense_on_the_stream_ends_it(world: RosWorld) -> None:
    node = start(world)

    async def say(text: str) -> int | None:
        async with viewing(node.url) as viewer:
            await viewer.socket.send_str(text)
            return await viewer.end()

    async def watch() -> list[int | None]:
        return [await say("{}"), await say("[" * 400), await say('{"shown":["front"]}')]

    assert run(world, watch()) == [1008, 1008, 1008]


def test_foreign_pages_and_rebound_names_are_refused(world: RosWorld) -> None:
    node = start(world)
    origin = node.url.rstrip("/")

    async def ask(**headers: str) -> int:
        return (await post(node.url, "search", {"text": "a dog"}, headers=headers))[0]

    async def watch(**headers: str) -> int:
        try:
            async with viewing(node.url, headers=headers) as viewer:
                await viewer.state()
                return 101
        except WSServerHandshakeError as err:
            return err.status

    async def all_of_them() -> dict[str, int]:
        return {
            "own origin": await watch(Origin=origin),
            "foreign origin": await watch(Origin="http://evil.example"),
            "foreign port": await watch(Origin="http://127.0.0.1:1"),
            "rebound": await watch(Host="evil.example"),
            "page rebound": (await fetch(node.url, headers={"Host": f"evil.example:{node.port}"}))[
                0
            ],
            "search, foreign": await ask(Origin="http://evil.example"),
            "search, other site": await ask(**{"Sec-Fetch-Site": "cross-site"}),
            "search, own": await ask(Origin=origin),
            "page by name": (await fetch(f"http://localhost:{node.port}/"))[0],
        }

    assert run(world, all_of_them()) == {
        "own origin": 101,
        "foreign origin": 403,
        "foreign port": 403,
        "rebound": 403,
        "page rebound": 403,
        "search, foreign": 403,
        "search, other site": 403,
        "search, own": 503,  # nobody offers the service
        "page by name": 200,
    }


def test_every_route_asks_for_the_token_and_takes_it_as_query_or_cookie(world: RosWorld) -> None:
    node = start(world, token=TOKEN)
    base = f"http://127.0.0.1:{node.port}/"
    cookies = {f"scene_monitor_{node.port}": TOKEN}

    async def watch(url: str, **options: Any) -> int:
        try:
            async with viewing(url, **options):
                return 101
        except WSServerHandshakeError as err:
            return err.status

    async def look() -> dict[str, Any]:
        status, headers, _ = await fetch(node.url)
        return {
            "without": [
                (await fetch(base))[0],
                (await fetch(f"{base}monitor.css"))[0],
                (await post(base, "ask", {"question": "why?"}))[0],
                await watch(base),
            ],
            "wrong": (await fetch(f"{base}?token={TOKEN[:-1]}x"))[0],
            "query": (await fetch(f"{base}monitor.css?token={TOKEN}"))[0],
            "cookie": [
                (await fetch(base, headers={"Cookie": f"scene_monitor_{node.port}={TOKEN}"}))[0],
                await watch(base, headers={"Cookie": f"scene_monitor_{node.port}={TOKEN}"}),
            ],
            "remembered": (status, headers["Location"], headers["Set-Cookie"]),
        }

    answers = run(world, look())
    assert node.url == f"{base}?token={TOKEN}"
    assert answers["without"] == [401, 401, 401, 401]
    assert answers["wrong"] == 401
    assert answers["query"] == 200
    assert answers["cookie"] == [200, 101]
    status, location, cookie = answers["remembered"]
    assert (status, location) == (303, "/")
    assert cookie.startswith(f"{next(iter(cookies))}={TOKEN};")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_page_for_other_machines_makes_up_a_token(world: RosWorld) -> None:
    node = start(world, host="0.0.0.0")

    async def look() -> list[int]:
        token = node.url.split("token=")[1]
        base = f"http://127.0.0.1:{node.port}/"
        return [(await fetch(base))[0], (await fetch(f"{base}monitor.js?token={token}"))[0]]

    assert run(world, look()) == [401, 200]


def test_only_the_page_is_served_and_may_do_little(world: RosWorld) -> None:
    node = start(world)
    root = node.url

    async def look() -> tuple[list[int], str]:
        paths = ("../scene_monitor.py", "%2e%2e/%2e%2e/setup.py", "resources", "monitor.css/..")
        refused = [(await fetch(f"{root}{path}"))[0] for path in paths]
        refused.append((await fetch(f"{root}search"))[0])
        _, headers, _ = await fetch(root)
        return refused, headers["Content-Security-Policy"]

    statuses, policy = run(world, look())
    assert set(statuses[:-1]) <= {200, 404}
    assert statuses[:3] == [404, 404, 404]
    assert statuses[-1] == 405
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


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


def test_the_end_of_the_node_says_goodbye_and_frees_the_port(world: RosWorld) -> None:
    node = start(world)

    async def watch() -> int | None:
        async with viewing(node.url) as viewer:
            await viewer.state()
            stopping = asyncio.get_running_loop().run_in_executor(None, node.stop)
            code = await viewer.end()
            await stopping
            return code

    assert run(world, watch()) == 1001
    with socket.create_server(("127.0.0.1", node.port)):
        pass


def test_a_browser_that_takes_nothing_does_not_keep_the_node_from_ending(world: RosWorld) -> None:
    node = start(world)
    camera = MonitoredCamera(world)
    with socket.create_connection(("127.0.0.1", node.port), TIMEOUT_S) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        deaf.sendall(
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert deaf.recv(12) == b"HTTP/1.1 101"
        world.wait_until(lambda: len(camera.stamps_ns) > 20, "pictures")
        node.stop()

    assert not node._server.is_running


def test_a_port_in_use_is_named(world: RosWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = overrides(port=port)
        node = SceneMonitorNode(context=world.context, parameter_overrides=given)
        with pytest.raises(ParameterError, match=f"127.0.0.1 port {port}: Address already in use"):
            node.start()
        node.destroy_node()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("scene_monitor", {"torch", "torchvision", "open_clip", "transformers"}),
        ("runtime", {"aiohttp"}),
        ("pedestrian_alerts", {"aiohttp"}),
    ],
)
def test_nodes_load_only_what_they_use(module: str, unwanted: set[str]) -> None:
    program = (
        f"import sys, scene_clip_ros.nodes.{module}\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program], check=True, capture_output=True, text=True, cwd="/"
    )

    assert unwanted.isdisjoint(ran.stdout.split())
