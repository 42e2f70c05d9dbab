"""Who gets what from the live page's server."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from monitor_node import fetch, post, run, start
from page_viewer import viewing
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile
from ros_world import Inbox, RosWorld

TOKEN = "sixteen-letters-or-more"

LOGGED = QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL)


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


@pytest.mark.parametrize("token", ["", TOKEN], ids=["made up", "given"])
def test_the_token_is_printed_once_and_not_logged(
    world: RosWorld, capfd: pytest.CaptureFixture[str], token: str
) -> None:
    logged = Inbox(world, Log, "/rosout", LOGGED)
    node = start(world, host="0.0.0.0", token=token)
    line = logged.wait_for(lambda log: log.msg.startswith("live page: "), "the address")
    printed = capfd.readouterr().err

    secret = node.url.split("token=")[1]
    assert f":{node.port}/ " in line.msg
    assert not [log.msg for log in logged.messages if secret in log.msg]
    assert printed.count(secret) == 1
    assert f"{node.url}\n" in printed


def test_an_address_without_a_token_is_only_logged(
    world: RosWorld, capfd: pytest.CaptureFixture[str]
) -> None:
    node = start(world)

    assert capfd.readouterr().err.count(node.url) == 1


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
