"""The operational design domain under real DDS, with a model that knows colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from colors import BLUE, GREEN, RED, picture
from image_messages import image_message
from rcl_interfaces.msg import SetParametersResult
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.core.errors import OddError, ParameterError
from scene_clip_ros.msg import OddStatus
from scene_clip_ros.srv import SetVocabulary

NS = 1_000_000_000
VOCABULARY = """
templates: ["a {} thing"]
attributes:
  colour: {labels: {red: [red], green: [green], blue: [blue]}}
"""


class Vehicle:
    """Cameras, the node that watches them, and what it says."""

    def __init__(self, world: RosWorld, folder: Path) -> None:
        self._world = world
        self._folder = folder

    def start(self, domain: str, *, cameras: tuple[str, ...] = ("front",), **settings: Any) -> None:
        (self._folder / "colours.yaml").write_text(VOCABULARY)
        (self._folder / "odd.yaml").write_text(domain)
        quick = {
            "labels__tau_s": 0.0,
            "labels__dwell_s": 0.0,
            "odd__hold_s": 0.0,
            "odd__stale_after_s": 60.0,
        }
        self._world.scene_clip(
            cameras=list(cameras),
            vocabulary=str(self._folder / "colours.yaml"),
            **{"odd__file": str(self._folder / "odd.yaml"), **quick, **settings},
        )
        self.statuses: Inbox = self._world.inbox(OddStatus, "scene_clip/odd_status")

    def show(self, rgb: tuple[int, int, int], t_s: int, *, camera: str = "front") -> OddStatus:
        """Show a colour and return what is said of it."""
        publisher = self._world.publisher(Image, f"{camera}/image")
        publisher.publish(image_message(picture(rgb), t_s * NS))
        return self.statuses.wait_for_new(
            lambda status: status.header.stamp.sec == t_s, "a status of the picture"
        )


@pytest.fixture
def vehicle(world: RosWorld, tmp_path: Path) -> Vehicle:
    return Vehicle(world, tmp_path)


def test_scenes_are_inside_or_outside_since_when_and_why(vehicle: Vehicle) -> None:
    vehicle.start("colour: [red, green]")

    inside, still, outside = vehicle.show(RED, 1), vehicle.show(GREEN, 2), vehicle.show(BLUE, 3)

    assert (inside.level, inside.reasons, inside.since.sec) == (OddStatus.INSIDE, [], 1)
    assert (still.level, still.since.sec) == (OddStatus.INSIDE, 1)
    assert (outside.level, outside.since.sec) == (OddStatus.OUTSIDE, 3)
    assert outside.reasons[0].startswith("front: colour is blue (")
    assert outside.header.frame_id == "front_optical"


def test_nothing_is_known_before_a_picture_and_after_silence(vehicle: Vehicle) -> None:
    vehicle.start("colour: red", odd__stale_after_s=0.3, odd__heartbeat_hz=50.0)

    before = vehicle.statuses.wait_count(1)[0]
    vehicle.show(RED, 1)
    after = vehicle.statuses.wait_for(lambda it: "no labels for" in str(it.reasons), "silence")

    assert (before.level, before.reasons) == (OddStatus.UNKNOWN, ["front: no labels yet"])
    assert (after.level, after.header.stamp.sec) == (OddStatus.UNKNOWN, 1)


def test_every_camera_must_be_inside(vehicle: Vehicle) -> None:
    vehicle.start("not: blue", cameras=("front", "rear"))

    alone = vehicle.show(RED, 1)
    both = vehicle.show(GREEN, 2, camera="rear")
    one = vehicle.show(BLUE, 3, camera="rear")

    assert (alone.level, alone.reasons) == (OddStatus.UNKNOWN, ["rear: no labels yet"])
    assert both.level == OddStatus.INSIDE
    assert one.level == OddStatus.OUTSIDE
    assert one.reasons[0].startswith("rear: colour is blue (")


def test_cameras_that_are_left_out_are_not_asked(vehicle: Vehicle) -> None:
    vehicle.start("colour: red", cameras=("front", "rear"), odd__cameras=["front"])
    assert vehicle.show(RED, 1).level == OddStatus.INSIDE


def test_a_vocabulary_that_has_no_word_for_it_leaves_it_unknown(
    vehicle: Vehicle, world: RosWorld
) -> None:
    vehicle.start("colour: red")
    text = VOCABULARY.replace("colour:", "paint:")

    request = SetVocabulary.Request(vocabulary=text)
    response = world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    status = vehicle.show(RED, 5)

    assert response.success, response.message
    assert (status.level, status.reasons) == (
        OddStatus.UNKNOWN,
        ["front: nothing is told of colour"],
    )


def test_parameters_act_while_it_runs_or_are_refused(vehicle: Vehicle, world: RosWorld) -> None:
    vehicle.start("colour: [red, green]", odd__hold_s=3600.0)
    vehicle.show(BLUE, 1)
    held = vehicle.show(RED, 2)

    set_hold: SetParametersResult = world.set_parameter("scene_clip", "odd.hold_s", 0.0)
    released = vehicle.show(RED, 3)
    set_file: SetParametersResult = world.set_parameter("scene_clip", "odd.file", "other.yaml")

    assert held.level == OddStatus.OUTSIDE
    assert set_hold.successful, set_hold.reason
    assert released.level == OddStatus.INSIDE
    assert not set_file.successful
    assert "odd.file" in set_file.reason


@pytest.mark.parametrize(
    ("domain", "settings", "message"),
    [
        ("color: red", {}, "attribute: expected one of colour, got 'color'"),
        ("colour: rde", {}, "colour: label: expected one of red, green, blue, got 'rde'"),
        ("colour: red", {"odd__cameras": ["left"]}, "odd.cameras: expected some of front, got 'l"),
        ("colour: red", {"odd__file": "/none.yaml"}, "/none.yaml: expected a readable file"),
    ],
)
def test_wrong_domain_stops_the_start_with_the_reason(
    vehicle: Vehicle, domain: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises((OddError, ParameterError), match=message):
        vehicle.start(domain, **settings)
