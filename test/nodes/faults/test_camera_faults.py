"""Cameras that stall, die and come back, or change what they send."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from colors import picture
from colour_camera import COLOURS, ColourCamera
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from fault_bench import FaultBench
from fault_table import FaultRow
from feeds import Feed
from image_messages import image_message
from node_process import PLAYER
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.msg import PedestrianAlert, SceneLabels

SIZES_WH = ((8, 6), (64, 48), (640, 480), (1920, 1080), (31, 17))
CHANNELS = {"rgb8": (0, 1, 2), "bgr8": (2, 1, 0), "rgba8": (0, 1, 2, 0), "bgra8": (2, 1, 0, 0)}


def encoded(rgb: Any, encoding: str, header: Header) -> Image:
    """Return a picture in an encoding, with rows that end in padding."""
    pixels = rgb[..., CHANNELS[encoding]]
    height, width, samples = pixels.shape
    step = width * samples + 3
    rows = np.zeros((height, step), np.uint8)
    rows[:, : width * samples] = pixels.reshape(height, -1)
    return Image(
        header=header,
        height=height,
        width=width,
        encoding=encoding,
        step=step,
        data=rows.tobytes(),
    )


def level_of(report: DiagnosticArray, camera: str) -> tuple[bytes, str]:
    (status,) = [it for it in report.status if it.name == f"scene_clip: camera {camera}"]
    return status.level, status.message


def test_a_camera_that_stalls_is_told_and_the_other_goes_on(bench: FaultBench) -> None:
    count = bench.times(2, thorough=50)
    node = bench.start_node("cameras:=[front, rear]", "diagnostics.timeout_s:=0.5")
    world = bench.world
    feeds = {
        name: Feed(
            world,
            Image,
            f"{name}/image",
            make=lambda ns: image_message(picture(COLOURS["red"]), ns),
        )
        for name in ("front", "rear")
    }
    labels = {name: world.inbox(SceneLabels, f"{name}/scene_clip/labels") for name in feeds}
    alerts = world.inbox(PedestrianAlert, "front/scene_clip/alert")
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    labels["front"].wait_count(1)

    for _ in range(count):
        feeds["front"].stop()
        reports.wait_for_new(
            lambda it: level_of(it, "front")[1].startswith("no frame for"), "the stall told"
        )
        alerts.wait_for_new(lambda it: it.level == PedestrianAlert.STALE, "a stale alert")
        labels["rear"].wait_new_count(5)
        feeds["front"].resume()
        labels["front"].wait_for_new(lambda it: it.attributes[0].label == "red", "a label")
        alerts.wait_for_new(lambda it: it.level != PedestrianAlert.STALE, "an alert")
        reports.wait_for_new(
            lambda it: level_of(it, "front")[0] == DiagnosticStatus.OK, "all well again"
        )

    assert node.is_running
    assert "Traceback" not in node.said
    for feed in feeds.values():
        feed.stop()
    bench.tell(
        FaultRow(
            fault="A camera stalls and goes on",
            sent="nothing from one of two cameras for longer than `diagnostics.timeout_s`",
            times=count,
            happened="ERROR on /diagnostics, the alert STALE; the other camera was labelled "
            "meanwhile",
            recovery="with the first pictures: right label, alert, OK on /diagnostics",
        )
    )


def test_a_camera_whose_process_is_killed_is_heard_again(bench: FaultBench) -> None:
    count = bench.times(1, thorough=20)
    node = bench.start_node("boxes.enabled:=false", "diagnostics.timeout_s:=0.5")
    labels = bench.world.inbox(SceneLabels, "front/scene_clip/labels")
    reports = bench.world.inbox(DiagnosticArray, "/diagnostics")

    for _ in range(count):
        player = bench.start_process(PLAYER, "source:=sim:city-day?size=160x90&seconds=900")
        labels.wait_new_count(5)
        player.kill()
        reports.wait_for_new(
            lambda it: level_of(it, "front")[1].startswith("no frame for"), "the loss told"
        )

    player = bench.start_process(PLAYER, "source:=sim:city-day?size=160x90&seconds=900")
    labels.wait_new_count(5)
    assert node.is_running
    assert "Traceback" not in node.said
    bench.tell(
        FaultRow(
            fault="The process of a camera is killed and started again",
            sent="SIGKILL to `drive_player` amid its drive",
            times=count,
            happened="ERROR on /diagnostics",
            recovery="labels of the new process's pictures, whose stamps begin anew",
        )
    )


def test_size_and_encoding_may_change_with_every_picture(bench: FaultBench) -> None:
    count = bench.times(100, thorough=5000)
    node = bench.start_node("boxes.enabled:=false", "processing:=every")
    camera = ColourCamera(bench.world)
    camera.send_and_check()
    kinds = itertools.cycle(itertools.product(SIZES_WH, CHANNELS, COLOURS))

    for number in range(count):
        size_wh, encoding, colour = next(kinds)
        header = Header(stamp=Time(sec=1000 + number), frame_id="front_optical")
        camera.labels.messages.clear()
        camera.send(encoded(picture(COLOURS[colour], size_wh=size_wh), encoding, header))
        labels = camera.labels.wait_for(lambda it, sent=header: it.header == sent, "a label")
        assert labels.attributes[0].label == colour, (size_wh, encoding)

    assert node.is_running
    assert "Traceback" not in node.said
    bench.tell(
        FaultRow(
            fault="Size and encoding change in mid-stream",
            sent=f"{len(SIZES_WH)} sizes from 8x6 to 1920x1080 and {len(CHANNELS)} encodings in "
            "turn, with padded rows",
            times=count,
            happened="every picture was labelled, and rightly",
            recovery="nothing to recover from",
        )
    )
