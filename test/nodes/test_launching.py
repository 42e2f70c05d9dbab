"""Launch files, run by ROS's launch where it is installed: what they start, and how that ends.

It is not on PyPI. `test/launch` reads the files everywhere.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from ament_index_python.packages import get_package_share_directory
from colors import picture
from feeds import Feed
from image_messages import image_message
from node_process import NodeProcess
from ros_world import RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.msg import PedestrianAlert, SceneLabels

pytestmark = pytest.mark.skipif(
    not (find_spec("launch") and find_spec("launch_ros")),
    reason="ROS's launch is not installed; it comes with a ROS 2 distribution",
)

SERVICE = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

source = PythonLaunchDescriptionSource({path!r})
service = LaunchService()
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments={arguments!r})])
)
raise SystemExit(service.run())
"""

GREY = picture((90, 100, 110), size_wh=(160, 90))

Launch = Callable[..., NodeProcess]


@pytest.fixture
def launch(start_process: Callable[..., NodeProcess]) -> Launch:
    """Launch a file with arguments."""

    def start(file: str, **arguments: str) -> NodeProcess:
        path = Path(get_package_share_directory("scene_clip_ros"), "launch", f"{file}.launch.py")
        return start_process(SERVICE.format(path=str(path), arguments=list(arguments.items())))

    return start


def end(process: NodeProcess) -> None:
    """End what was launched as Ctrl-C does, and check that it ends well."""
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0, process.said
    assert "Traceback" not in process.said, process.said


def feed(world: RosWorld, topic: str) -> Feed:
    return Feed(world, Image, topic, make=lambda ns: image_message(GREY, ns), period_s=0.2)


@pytest.mark.parametrize(
    ("given", "topics"),
    [
        pytest.param({"file": "scene_clip"}, {"front/image": "front"}, id="one camera"),
        pytest.param(
            {
                "file": "scene_clip",
                "cameras": "left, right",
                "camera_topics": "/l/image_raw, /r/image_raw",
                "namespace": "car",
            },
            {"/l/image_raw": "car/left", "/r/image_raw": "car/right"},
            id="many cameras",
        ),
        pytest.param(
            {"file": "autoware", "camera_ids": "0,5"},
            {
                "/sensing/camera/camera0/image_rect_color": "/perception/camera0",
                "/sensing/camera/camera5/image_rect_color": "/perception/camera5",
            },
            id="autoware",
        ),
    ],
)
def test_cameras_are_labelled_under_the_names_asked_for(
    world: RosWorld, launch: Launch, given: dict[str, str], topics: dict[str, str]
) -> None:
    process = launch(**given)
    feeds = [feed(world, topic) for topic in topics]

    for camera in topics.values():
        world.inbox(SceneLabels, f"{camera}/scene_clip/labels").wait_count(1)

    for each in feeds:
        each.stop()
    end(process)


def test_a_replay_ends_with_its_drive(world: RosWorld, launch: Launch) -> None:
    source = "sim:city-day?seed=1&seconds=2&size=160x90&rate=10"
    process = launch("replay", source=source, processing="every", speed="50.0")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")

    labels.wait_count(20)

    assert process.wait() == 0, process.said
    assert "Traceback" not in process.said


def test_a_replay_ends_if_there_is_no_drive(launch: Launch) -> None:
    process = launch("replay", source="/no/such/drive.mcap")

    assert process.wait() == 0, process.said
    assert "Traceback" not in process.said


def test_alerts_are_launched_apart(world: RosWorld, launch: Launch) -> None:
    process = launch("pedestrian_alerts", cameras="front")

    alerts = world.inbox(PedestrianAlert, "front/scene_clip/alert").wait_count(1)

    assert alerts[0].level == PedestrianAlert.STALE
    end(process)


def test_a_node_that_dies_is_started_again_if_asked_for(world: RosWorld, launch: Launch) -> None:
    process = launch("scene_clip", respawn="true")
    camera = feed(world, "front/image")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    labels.wait_count(1)

    (child,) = process.children()
    os.kill(child, signal.SIGKILL)
    world.wait_until(lambda: process.children() not in ([], [child]), "another process")
    labels.wait_new_count(1)

    camera.stop()
    end(process)
