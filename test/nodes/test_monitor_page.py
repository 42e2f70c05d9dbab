"""The live page in a real browser, fed by real topics and asking real services."""

from __future__ import annotations

from typing import Any

import pytest
from box_messages import FAR_ASIDE, IN_ZONE, person
from monitored_camera import MonitoredCamera, spinning
from ros_world import RosWorld

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.msg import Hazard

pytest.importorskip("selenium")
import browser
from monitor_browser import Services, found, say, start, text_of, wait_for_text

TAGS = ".tag"


def pixel_of(driver: Any) -> list[int]:
    """Return the pixel in the middle of the first picture, RGB."""
    script = """
    const canvas = document.querySelector("canvas");
    const at = [canvas.width / 2, canvas.height / 2, 1, 1];
    return [...canvas.getContext("2d").getImageData(...at).data].slice(0, 3);
    """
    return list(driver.execute_script(script))


def test_picture_boxes_labels_and_timeline_are_shown(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    camera.boxes = (person(IN_ZONE, track_id=4), person(FAR_ASIDE, "cyclist"))
    camera.hazards = [Hazard(name="road_works", active=True, probability=0.8)]
    with spinning(world):
        driver.get(node.url)
        tags = wait_for_text(driver, TAGS, "cyclist")
        chips = wait_for_text(driver, ".chip", "rain")
        wait_for_text(driver, ".row", "weather")
        timeline = text_of(driver, ".row")
        bars = browser.wait_for(
            driver, lambda d: d.find_elements("css selector", ".segment[title^=rain]"), "a bar"
        )
        browser.wait_for(
            driver,
            lambda _: all(abs(value - camera.grey) < 5 for value in pixel_of(driver)),
            "the picture",
        )
        stamp = driver.execute_script("return document.querySelector('canvas').dataset.stamp")

    assert int(stamp) in camera.stamps_ns
    assert "child 90 % #4" in tags
    assert "weather" in chips
    assert "90 %" in chips
    assert "road works▲ yes80 %" in chips
    assert bars
    assert "pedestrian alert" in timeline
    assert "s ago" in timeline
    assert driver.execute_script("return document.querySelectorAll('.box').length") == 2
    assert browser.complaints(driver) == []


def test_a_warning_shows_word_icon_reason_and_time_and_then_clears(
    world: RosWorld, driver: Any
) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    camera.boxes = (person(IN_ZONE, track_id=4),)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".banner .level", "CLEAR")
        camera.level, camera.reason, camera.contact_s = AlertLevel.WARNING, "child ahead", 1.84
        wait_for_text(driver, ".banner .level", "WARNING")
        banner = wait_for_text(driver, ".banner", "to contact")
        announced = text_of(driver, "#announcement")
        urgent = wait_for_text(driver, ".tag.urgent", "! child")
        looks = driver.execute_script(
            "const b = document.querySelector('.banner');"
            "return [b.dataset.level, b.querySelectorAll('svg.icon path').length]"
        )
        camera.level = AlertLevel.CLEAR
        wait_for_text(driver, ".banner .level", "CLEAR")

    assert banner == "WARNINGchild ahead1.8 s to contact"
    assert announced == "front: WARNING, child ahead"
    assert urgent == "! child 90 % #4"
    assert looks == ["WARNING", 1]


def test_a_camera_that_stops_is_stale_and_comes_back(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".banner .level", "CLEAR")
        wait_for_text(driver, ".objects", "Nothing found")
        camera.stop()
        wait_for_text(driver, ".banner", "STALE")
        missing = wait_for_text(driver, ".missing", "No picture for")
        labels = wait_for_text(driver, ".camera", "No labels for")
        camera.resume()
        wait_for_text(driver, ".banner .level", "CLEAR")
        browser.wait_for(driver, lambda _: text_of(driver, ".missing") == "", "a picture")

    assert missing.endswith(" s")
    assert labels


def test_a_search_shows_thumbnails_with_score_and_time(world: RosWorld, driver: Any) -> None:
    node, camera, services = start(world), MonitoredCamera(world, period_s=0.1), Services(world)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, ".chip", "rain")
        say(driver, "#search-form", "a dog")
        result = wait_for_text(driver, "#search-result", "5 of 40 frames")
        whole = browser.wait_for(
            driver,
            lambda d: d.execute_script(
                "return [...document.querySelectorAll('.hits img')].map(i => i.naturalWidth)"
            ),
            "thumbnails",
        )
        services.nothing_matches = True
        say(driver, "#search-form", "a whale")
        nothing = wait_for_text(driver, "#search-result .problem", "Nothing matches: far from it")

    assert whole == [128] * 5
    assert "cosine 0.31, 4.5 σ above mean" in result
    assert "s ago, front" in result
    assert nothing
    assert camera.stamps_ns


def test_a_question_shows_answer_confidence_evidence_and_backend(
    world: RosWorld, driver: Any
) -> None:
    node = start(world)
    Services(world)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, "#connection", "live")
        say(driver, "#question-form", "is it night?")
        answer = wait_for_text(driver, "#question-result", "Yes: is it night?")
        pictures = len(driver.find_elements("css selector", "#question-result img"))
        say(driver, "#question-form", "why?")
        untold = wait_for_text(driver, "#question-result", "Cannot tell")

    assert "Confidence 75 %" in answer
    assert "answered by: contrastive" in answer
    assert pictures == 2
    assert "Only the language model can tell." in untold


def test_missing_services_are_told_and_the_page_lives_on(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    with spinning(world):
        driver.get(node.url)
        wait_for_text(driver, "#question-result", "nobody offers the service scene_clip/ask")
        say(driver, "#search-form", "a dog")
        refusal = wait_for_text(driver, "#search-result .problem", "/scene_clip/query_frames")
        camera.weather = "fog"
        wait_for_text(driver, ".chip", "fog")

    assert "is scene_clip running" in refusal


def test_hostile_names_stay_text(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    camera.weather = camera.reason = evil
    camera.boxes = (person(IN_ZONE, evil),)
    camera.hazards = [Hazard(name=evil, active=True)]
    services = Services(world)
    services.hits = [found(camera=evil)]
    with spinning(world):
        driver.get(node.url)
        for selector in (".chip", ".banner", ".row", ".objects"):
            wait_for_text(driver, selector, "<img src=x")
        say(driver, "#search-form", evil)
        wait_for_text(driver, "#search-result", "<img src=x")
        say(driver, "#question-form", evil)
        wait_for_text(driver, "#question-result", "<script>")
        injected = driver.execute_script(
            "return document.querySelectorAll('img[src=\"x\"], main script').length"
        )

    assert driver.title == "Scene monitor"
    assert injected == 0


def test_a_label_that_holds_outlives_the_changes_of_others(world: RosWorld, driver: Any) -> None:
    node = start(world)
    with spinning(world):
        driver.get(node.url)
        weather, light, kept_chars = driver.execute_async_script(LONG_TIMELINE)

    assert weather == ["rain: from 60 s ago, for 60 s"]
    assert light == 60
    assert kept_chars < 50_000


LONG_TIMELINE = """
const done = arguments[arguments.length - 1];
const change = (time_s, row, value) => ({ time_s, kind: "attribute", row, value });
import("/timeline.js").then(({ Timeline }) => {
  const rows = document.createElement("div");
  const choice = document.createElement("select");
  const details = document.createElement("details");
  const words = details.appendChild(document.createElement("ol"));
  const timeline = new Timeline({ rows, choice, words });
  timeline.now = () => 3000;
  timeline.begin({ cameras: [{ name: "front" }], history_s: 300, now_s: 0 });
  timeline.take("front", [change(0, "weather", "rain")], 0);
  for (let time = 1; time < 3000; time += 1) {
    timeline.take("front", [change(time, "light", time % 2 ? "day" : "night")], time);
  }
  timeline.draw();
  const bars = (row) => {
    const segments = rows.querySelectorAll(`[data-row=${row}] .segment`);
    return [...segments].map((segment) => segment.title);
  };
  done([bars("weather"), bars("light").length, JSON.stringify(timeline.cameras).length]);
});
"""
"""A label since the start, and one that changes every second for 50 minutes."""
