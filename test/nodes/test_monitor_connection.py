"""How the live page tells and outlives the loss of its connection."""

from __future__ import annotations

from typing import Any

import pytest
from monitored_camera import MonitoredCamera, spinning
from ros_world import RosWorld

pytest.importorskip("selenium")
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
