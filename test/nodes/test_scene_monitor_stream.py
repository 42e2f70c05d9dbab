"""What the live page's stream says under real DDS, watched as a browser watches it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from box_messages import IN_ZONE, person
from monitor_node import run, start
from monitored_camera import MonitoredCamera
from page_viewer import viewing
from ros_world import RosWorld

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.msg import Hazard

IMAGES = "front/image/compressed"

MOST_QUEUED = 5
"""Pictures that may lie in buffers on the way to a browser that takes none."""


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

    async def watch() -> tuple[int, list[int]]:
        async with viewing(node.url, shows=False) as viewer:
            first = await viewer.picture()
            later_ns = first.stamp_ns + 10**9
            await viewer.state(lambda s: int(s["labels"]["stamp_ns"]) > later_ns)
            sent_meanwhile = len(viewer.pictures)
            await viewer.show()
            second = await viewer.picture()
            return sent_meanwhile, [first.stamp_ns, second.stamp_ns]

    sent_meanwhile, stamps_ns = run(world, watch())
    missed = len([ns for ns in camera.stamps_ns if stamps_ns[0] < ns < stamps_ns[1]])
    assert sent_meanwhile == 1
    assert missed > MOST_QUEUED


def test_labels_and_alerts_do_not_wait_for_rare_pictures(world: RosWorld) -> None:
    node, camera = start(world, max_rate_hz=0.2), MonitoredCamera(world)

    async def watch() -> int:
        async with viewing(node.url) as viewer:
            await viewer.picture()
            for weather in ("fog", "snow", "rain"):
                camera.weather = weather
                await viewer.state(
                    lambda s, label=weather: (
                        s["labels"] and s["labels"]["attributes"][0]["label"] == label
                    )
                )
            camera.level = AlertLevel.WARNING
            await viewer.state(lambda s: s["alert"]["level"] == "WARNING")
            return len(viewer.pictures)

    assert run(world, watch()) == 1


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


def test_nonsense_on_the_stream_ends_it(world: RosWorld) -> None:
    node = start(world)

    async def say(text: str) -> int | None:
        async with viewing(node.url) as viewer:
            await viewer.socket.send_str(text)
            return await viewer.end()

    async def watch() -> list[int | None]:
        return [await say("{}"), await say("[" * 400), await say('{"shown":["front"]}')]

    assert run(world, watch()) == [1008, 1008, 1008]
