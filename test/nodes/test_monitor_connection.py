"""How the live page tells and outlives the loss of its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from freezable_proxy import FreezableProxy
from monitored_camera import MonitoredCamera, spinning
from ros_world import RosWorld

pytest.importorskip("selenium")
import browser
from monitor_browser import start, wait_for_text


def test_the_page_reconnects_when_the_node_starts_again(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, "#connection", "live")
        wait_for_text(driver, ".banner .level", "CLEAR")
        node.stop()
        lost = wait_for_text(driver, "#lost", "Connection lost, reconnecting…")
        level = wait_for_text(driver, ".banner", "connection lost")
        start(world, port=node.port)
        wait_for_text(driver, "#connection", "live")
        wait_for_text(driver, ".banner .level", "CLEAR")
        gone = driver.execute_script("return document.getElementById('lost').hidden")

    assert lost
    assert level.startswith("STALE")
    assert gone is True
    assert camera.stamps_ns


def test_a_server_that_falls_silent_is_told_though_it_never_answers(
    world: RosWorld, driver: Any
) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    with FreezableProxy(node.port).running() as proxy, spinning(world):
        driver.get(f"http://127.0.0.1:{proxy.port}/")
        wait_for_text(driver, ".banner .level", "CLEAR")
        proxy.freeze()
        lost = wait_for_text(driver, "#lost", "Connection lost, reconnecting…")
        level = wait_for_text(driver, ".banner", "connection lost")
        proxy.thaw()
        wait_for_text(driver, "#connection", "live")
        wait_for_text(driver, ".banner .level", "CLEAR")

    assert lost
    assert level.startswith("STALE")
    assert camera.stamps_ns


def test_at_most_one_connection_is_open_when_the_network_comes_back(
    world: RosWorld, driver: Any
) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    with FreezableProxy(node.port).running() as proxy, spinning(world), counting(driver):
        driver.get(f"http://127.0.0.1:{proxy.port}/")
        wait_for_text(driver, ".banner .level", "CLEAR")
        driver.execute_script(COME_BACK_WHEN_LOST)
        proxy.freeze()
        wait_for_text(driver, "#connection", "not connected")
        proxy.thaw()
        wait_for_text(driver, "#connection", "live")
        first_ns = shown_ns(driver)
        browser.wait_for(driver, lambda d: shown_ns(d) > first_ns + LATER_NS, "more pictures")
        counts = driver.execute_script("return [made.length, mostOpen]")

    assert counts[0] >= 2
    assert counts[1] == 1
    assert camera.stamps_ns


def test_a_token_that_has_changed_is_told(world: RosWorld, driver: Any) -> None:
    node = start(world, token="sixteen-letters-or-more")
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, "#connection", "live")
        node.stop()
        wait_for_text(driver, "#lost", "Connection lost, reconnecting…")
        start(world, port=node.port, token="other-letters-than-before")
        told = wait_for_text(driver, "#lost", "The page's token has changed")

    assert told.endswith("which the node printed when it started.")


def test_the_token_leaves_the_address_and_the_page_works_on(world: RosWorld, driver: Any) -> None:
    node, camera = (
        start(world, token="sixteen-letters-or-more"),
        MonitoredCamera(world, period_s=0.1),
    )
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".banner .level", "CLEAR")
        address = driver.current_url

    assert address == f"http://127.0.0.1:{node.port}/"
    assert camera.stamps_ns


@contextmanager
def counting(driver: Any) -> Iterator[None]:
    """Count the connections of the pages that are opened meanwhile."""
    command = "Page.addScriptToEvaluateOnNewDocument"
    script = driver.execute_cdp_cmd(command, {"source": COUNT_CONNECTIONS})
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def shown_ns(driver: Any) -> int:
    """Return the stamp of the picture that is shown."""
    return int(driver.execute_script("return document.querySelector('canvas').dataset.stamp"))


LATER_NS = 2 * 10**9
"""Longer than the page waits before its first two tries to connect again."""

COUNT_CONNECTIONS = """
window.made = [];
window.mostOpen = 0;
window.WebSocket = class extends WebSocket {
  constructor(address) {
    super(address);
    made.push(this);
    const open = made.filter((socket) => socket.readyState <= WebSocket.OPEN);
    mostOpen = Math.max(mostOpen, open.length);
  }
};
"""

COME_BACK_WHEN_LOST = """
const lost = document.getElementById("lost");
const comeBack = () => dispatchEvent(new Event("online"));
new MutationObserver(() => lost.hidden || comeBack()).observe(lost, { attributes: true });
"""
"""Lets the network come back as soon as the loss is told, and before the page tries again."""
