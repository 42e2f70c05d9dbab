"""How the live page lies in windows, and whether everybody can read and reach it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from box_messages import FAR_ASIDE, IN_ZONE, person
from monitored_camera import MonitoredCamera, spinning
from ros_world import RosWorld

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.msg import Hazard

pytest.importorskip("selenium")
import browser
from monitor_browser import Services, say, start, wait_for_text

BLOCKS = ".card, .banner, .top > *, .chip, .form-row > *, .row-name, .track, figure, .objects"
"""What must not cover each other, but for what lies in each other."""

TAGS = ".tag"

SIZES = (browser.DESKTOP, browser.PHONE)


def test_nothing_overlaps_or_is_wider_than_the_window(world: RosWorld, driver: Any) -> None:
    node, camera = (
        start(world, cameras=["front", "rear/left"]),
        MonitoredCamera(world, period_s=0.1),
    )
    rear = MonitoredCamera(world, "rear/left", period_s=0.1)
    camera.boxes = (person(IN_ZONE, track_id=4), person(FAR_ASIDE, "cyclist"))
    camera.level, camera.contact_s = AlertLevel.WARNING, 1.8
    camera.reason = "wheelchair user with a very long description in the zone, contact in 1.8 s"
    rear.weather = "a_label_without_any_blank_that_is_much_longer_than_what_fits"
    rear.hazards = [Hazard(name=f"hazard_{n}", active=bool(n % 2)) for n in range(9)]
    Services(world)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".banner .level", "WARNING|CLEAR")
        wait_for_text(driver, ".chip", "hazard 8")
        say(driver, "#search-form", "a dog")
        say(driver, "#question-form", "x" * 300)
        wait_for_text(driver, "#search-result", "5 of 40 frames")
        wait_for_text(driver, "#question-result", "Confidence")
        faults = {size_wh: layout_faults(driver, size_wh) for size_wh in SIZES}

    assert faults == {size_wh: [] for size_wh in SIZES}


def layout_faults(driver: Any, size_wh: tuple[int, int]) -> list[str]:
    """Return what overlaps or is too wide at a size of the window."""
    browser.resize(driver, size_wh)
    try:
        browser.wait_for(
            driver, lambda d: d.execute_script("return innerWidth") == size_wh[0], "the size"
        )
        wait_for_text(driver, TAGS, "child")
        browser.wait_for(
            driver,
            lambda d: d.execute_script(browser.OVERLAPS, ".tick") == [],
            "times of the timeline that do not cover each other",
        )
        return [
            *filter(None, [driver.execute_script(browser.OVERFLOW)]),
            *driver.execute_script(browser.OVERLAPS, BLOCKS),
            *driver.execute_script(browser.OVERLAPS, TAGS),
        ]
    finally:
        browser.resize(driver, browser.DESKTOP)


def test_everything_is_reached_by_keyboard_in_order(world: RosWorld, driver: Any) -> None:
    node = start(world)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, "#timeline-window", "60 s")
        reached = []
        for _ in range(9):
            driver.switch_to.active_element.send_keys("\ue004")
            reached.append(driver.execute_script(FOCUSED))

    assert reached == [
        "Skip to search and questions",
        "timeline-window",
        "Last changes in words",
        "search-text",
        "window_s",
        "Search",
        "question-text",
        "window_s",
        "Ask",
    ]


def test_text_has_enough_contrast_with_what_it_stands_on(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    Services(world)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".chip", "rain")
        say(driver, "#search-form", "a dog")
        wait_for_text(driver, "#search-result", "5 of 40 frames")
        poor = {level: driver.execute_script(CONTRAST) for level in shown(driver, camera)}

    assert poor == {"CLEAR": [], "CAUTION": [], "WARNING": [], "STALE": []}


def shown(driver: Any, camera: MonitoredCamera) -> Iterator[str]:
    """Yield every level of the alert while it is shown."""
    for level in AlertLevel:
        camera.level = level
        wait_for_text(driver, ".banner .level", level.name)
        yield level.name


FOCUSED = """
const focused = document.activeElement;
return focused.id || focused.name || focused.textContent.trim();
"""


CONTRAST = """
const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const grounds = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const style = getComputedStyle(e);
    const stripes = style.backgroundImage.match(/rgba?\\([^)]*\\)/g);
    if (stripes) return stripes.map(parts);
    const ground = parts(style.backgroundColor);
    if (ground.length < 4 || ground[3] === 1) return [ground];
  }
  return [[255, 255, 255]];
};
const poor = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
  if (element.closest("svg, .unseen, .skip, noscript, option")) continue;
  const text = light(parts(getComputedStyle(element).color));
  for (const ground of grounds(element)) {
    const [low, high] = [text, light(ground)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.push(`${element.className || element.tagName}: ${ratio.toFixed(1)}`);
  }
}
return poor;
"""
"""Texts with a contrast below 4.5 (WCAG 2.2, 1.4.3), with their contrast."""
