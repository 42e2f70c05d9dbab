"""The player under real DDS: what is published, in which order, under which stamps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from ros_world import Inbox, RosWorld, overrides
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import String

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.nodes.camera_info import pinhole_camera
from scene_clip_ros.nodes.conversion import decode_compressed_image, decode_image
from scene_clip_ros.nodes.drive_player import DrivePlayer
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario

DRIVE = "sim:city-day?seed=3&seconds=1&size=64x48&rate=10"
STAMPS = [index * 100_000_000 for index in range(10)]


def play(world: RosWorld, source: str, **parameters: Any) -> DrivePlayer:
    """Start a player that waits for one subscriber of its pictures and plays fast."""
    values = {"wait_for_subscribers": 1, "speed": 10.0, **parameters, "source": source}
    return world.add(DrivePlayer(context=world.context, parameter_overrides=overrides(**values)))


def stamps_of(messages: list[Any]) -> list[int]:
    return [stamp_ns(message.header.stamp) for message in messages]


def test_a_rendered_drive_arrives_whole_in_order_and_with_its_stamps(world: RosWorld) -> None:
    player = play(world, DRIVE)
    pictures = world.inbox(Image, "front/image")

    world.wait_until(player.has_finished, "the end")

    assert stamps_of(pictures.wait_count(10)) == STAMPS
    assert player.published_count == 10
    drive = Drive(make_scenario("city-day", seed=3, seconds=1), seed=3, seconds=1, size_wh=(64, 48))
    np.testing.assert_array_equal(decode_image(pictures.messages[4]), drive.render(4).rgb)
    assert {message.header.frame_id for message in pictures.messages} == {"front_optical_frame"}


def test_ground_truth_is_published_with_the_stamp_of_its_picture(world: RosWorld) -> None:
    play(world, DRIVE)
    truth = world.inbox(String, "front/ground_truth")
    pictures = world.inbox(Image, "front/image")

    records = [json.loads(message.data) for message in truth.wait_count(10)]

    assert [record["stamp_ns"] for record in records] == stamps_of(pictures.wait_count(10))
    assert records[0]["attributes"]["time_of_day"] == "day"


def test_calibration_comes_with_every_picture_of_a_calibrated_camera(world: RosWorld) -> None:
    play(world, DRIVE)
    inbox = world.inbox(CameraInfo, "front/camera_info")
    world.inbox(Image, "front/image")

    calibrations = inbox.wait_count(10)

    drive = Drive(make_scenario("city-day", seed=3, seconds=1), seed=3, seconds=1, size_wh=(64, 48))
    assert stamps_of(calibrations) == STAMPS
    assert pinhole_camera(calibrations[0]) == PinholeCamera(
        (64, 48), (drive.camera.focal_px,) * 2, drive.camera.centre_uv
    )


def test_clock_follows_the_drive_and_never_goes_back(world: RosWorld) -> None:
    play(world, DRIVE, clock=True, clock_rate_hz=1000.0)
    ticks = world.inbox(Clock, "/clock")
    pictures = world.inbox(Image, "front/image")

    times = [stamp_ns(message.clock) for message in wait_last(world, ticks)]

    assert times == sorted(times)
    assert (times[0], times[-1]) == (STAMPS[0], STAMPS[-1])
    assert set(stamps_of(pictures.wait_count(10))) <= set(times)


def wait_last(world: RosWorld, ticks: Inbox) -> list[Any]:
    world.wait_until(
        lambda: ticks.messages and stamp_ns(ticks.messages[-1].clock) == STAMPS[-1], "the last tick"
    )
    return ticks.messages


def test_a_loop_goes_on_with_growing_stamps(world: RosWorld) -> None:
    play(world, DRIVE, loop=True)
    pictures = world.inbox(Image, "front/image")

    stamps = stamps_of(pictures.wait_count(25))

    assert stamps[:20] == [*STAMPS, *(stamp + 1_000_000_000 for stamp in STAMPS)]


def test_a_folder_of_pictures_is_published_as_jpeg_under_the_given_names(
    world: RosWorld, tmp_path: Path
) -> None:
    for index in range(3):
        cv2.imwrite(
            str(tmp_path / f"{index}.png"), np.full((24, 32, 3), (0, 0, 80 * index), np.uint8)
        )
    play(world, str(tmp_path), transport="compressed", camera="rear", frame_id="rear_lens")
    pictures = world.inbox(CompressedImage, "rear/image/compressed")

    messages = pictures.wait_count(3)

    reds = [decode_compressed_image(message)[..., 0].mean() for message in messages]
    assert reds == pytest.approx([0, 80, 160], abs=3)
    assert {message.header.frame_id for message in messages} == {"rear_lens"}


def test_stamps_are_those_of_the_clock_if_asked_for(world: RosWorld) -> None:
    begin_ns = world.node.get_clock().now().nanoseconds
    play(world, DRIVE, stamp="now")
    pictures = world.inbox(Image, "front/image")

    stamps = stamps_of(pictures.wait_count(10))

    assert stamps == sorted(stamps)
    assert begin_ns < stamps[0]
    assert stamps[-1] <= world.node.get_clock().now().nanoseconds


def test_unreadable_pictures_are_left_out(world: RosWorld, tmp_path: Path) -> None:
    picture = np.full((24, 32, 3), 90, np.uint8)
    for name in ("a.png", "c.png"):
        cv2.imwrite(str(tmp_path / name), picture)
    (tmp_path / "b.png").write_bytes(b"\x89PNG no picture")
    player = play(world, str(tmp_path))
    pictures = world.inbox(Image, "front/image")

    world.wait_until(player.has_finished, "the end")

    assert len(pictures.wait_count(2)) == 2
    assert player.published_count == 2


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({"source": "/no/such.mcap"}, "/no/such.mcap", id="no such path"),
        pytest.param({"source": "sim:moon"}, "scenario", id="no such scenario"),
        pytest.param({"source": "sim:city-day?fuel=3"}, "fuel", id="unknown option"),
        pytest.param({"source": "sim:city-day?seed=x"}, "seed=x", id="malformed option"),
        pytest.param({"source": ""}, "parameter source", id="no source"),
        pytest.param({"source": DRIVE, "speed": 0.0}, "parameter speed", id="out of range"),
        pytest.param({"source": DRIVE, "clock": True, "stamp": "now"}, "clock", id="contradiction"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(
    world: RosWorld, parameters: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SceneClipError, match=reason) as refusal:
        play(world, **parameters)

    assert "\n" not in str(refusal.value)
