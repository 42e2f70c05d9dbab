"""Bounds, start and end of the live page's server under real DDS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys

import pytest
from monitor_node import fetch, run, start
from monitored_camera import MonitoredCamera
from page_viewer import TIMEOUT_S, viewing
from ros_world import RosWorld, overrides

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.monitor_server import BACKLOG, MAX_CONNECTIONS
from scene_clip_ros.nodes.scene_monitor import SceneMonitorNode


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
