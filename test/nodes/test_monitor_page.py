"""The live page in a real browser, fed by real topics and asking real services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from box_messages import FAR_ASIDE, IN_ZONE, person
from monitored_camera import MonitoredCamera, spinning
from ros_world import RosWorld, overrides
from sensor_msgs.msg import CompressedImage

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.msg import FrameHit, Hazard
from scene_clip_ros.nodes.scene_monitor import SceneMonitorNode
from scene_clip_ros.srv import Ask, QueryFrames

browser = pytest.importorskip("browser", reason="selenium is not installed")
if browser.missing_browser():
    pytest.skip(browser.missing_browser(), allow_module_level=True)

BLOCKS = ".card, .banner, .top > *, .chip, .form-row > *, .row-name, .track, figure, .objects"
"""What must not cover each other, but for what lies in each other."""

TAGS = ".tag"

SIZES = (browser.DESKTOP, browser.PHONE)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """A browser for all tests of the page."""
    with browser.open_browser() as opened:
        yield opened


def start(world: RosWorld, **parameters: Any) -> SceneMonitorNode:
    given = overrides(**{"port": 0, "transport": "compressed", "stale_after_s": 1.0, **parameters})
    return world.add(SceneMonitorNode(context=world.context, parameter_overrides=given))


def text_of(driver: Any, selector: str) -> str:
    """Return all texts of the elements that a selector finds."""
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join('|')"
    return str(driver.execute_script(script, selector))


def wait_for_text(driver: Any, selector: str, text: str) -> str:
    """Wait until an element has a text in it, and return all of theirs."""
    return str(
        browser.wait_for(
            driver,
            lambda _: (t := text_of(driver, selector)) and text in t and t,
            f"{text!r} in {selector}",
        )
    )


def pixel_of(driver: Any) -> list[int]:
    """Return the pixel in the middle of the first picture, RGB."""
    script = """
    const canvas = document.querySelector("canvas");
    const at = [canvas.width / 2, canvas.height / 2, 1, 1];
    return [...canvas.getContext("2d").getImageData(...at).data].slice(0, 3);
    """
    return list(driver.execute_script(script))


def say(driver: Any, form: str, text: str) -> None:
    """Type into a form and send it with the Enter key."""
    field = driver.find_element("css selector", f"{form} input")
    field.clear()
    field.send_keys(text + "\n")


def found(camera: str = "front") -> FrameHit:
    jpeg = encode_jpeg(np.full((72, 128, 3), 90, np.uint8))
    picture = CompressedImage(format="jpeg", data=list(jpeg))
    return FrameHit(camera=camera, score=0.31, z=4.5, thumbnail=picture)


class Services:
    """The services that the page asks, with answers of a test."""

    def __init__(self, world: RosWorld) -> None:
        self.hits = [found() for _ in range(5)]
        self.nothing_matches = False
        world.node.create_service(QueryFrames, "scene_clip/query_frames", self._search)
        world.node.create_service(Ask, "scene_clip/ask", self._ask)

    def _search(
        self, _request: QueryFrames.Request, response: QueryFrames.Response
    ) -> QueryFrames.Response:
        response.success, response.hits, response.searched = True, self.hits, 40
        response.nothing_matches = self.nothing_matches
        response.message = "nothing matches: far from it" if self.nothing_matches else ""
        return response

    def _ask(self, request: Ask.Request, response: Ask.Response) -> Ask.Response:
        response.success = True
        if "why" in request.question:
            response.answer = "Only the language model can tell."
            return response
        response.answered, response.answer = True, f"Yes: {request.question}"
        response.confidence, response.backend = 0.75, "contrastive"
        response.evidence = [found(), found()]
        return response


def test_picture_boxes_labels_and_timeline_are_shown(world: RosWorld, driver: Any) -> None:
    node, camera = start(world), MonitoredCamera(world, period_s=0.1)
    camera.boxes = (person(IN_ZONE, track_id=4), person(FAR_ASIDE, "cyclist"))
    camera.hazards = [Hazard(name="road_works", active=True, probability=0.8)]
    with spinning(world):
        driver.get(node.url)
        tags = wait_for_text(driver, TAGS, "cyclist")
        chips = wait_for_text(driver, ".chip", "rain")
        timeline = wait_for_text(driver, ".row", "rain")
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
        return [
            *filter(None, [driver.execute_script(browser.OVERFLOW)]),
            *driver.execute_script(browser.OVERLAPS, BLOCKS),
            *driver.execute_script(browser.OVERLAPS, TAGS),
        ]
    finally:
        browser.resize(driver, browser.DESKTOP)


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
