"""The live page in a browser: what it shows, what is typed into it, and services that answer."""

from __future__ import annotations

from typing import Any

import browser
import monitor_node
import numpy as np
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage

from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.msg import FrameHit
from scene_clip_ros.nodes.scene_monitor import SceneMonitorNode
from scene_clip_ros.srv import Ask, QueryFrames


def start(world: RosWorld, **parameters: Any) -> SceneMonitorNode:
    """Serve the page to a browser that shares a busy machine with everything else."""
    return monitor_node.start(world, **{"stale_after_s": 1.0, **parameters})


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
