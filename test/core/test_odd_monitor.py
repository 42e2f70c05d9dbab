from __future__ import annotations

import pytest

from scene_clip_ros.core.errors import OddError
from scene_clip_ros.core.odd import Odd, OddLevel
from scene_clip_ros.core.odd_monitor import OddMonitor, OddSettings, OddStatus
from scene_clip_ros.core.types import AttributeState, LabelScore

NS = 1_000_000_000
SETTINGS = OddSettings(edge_probability=0.3, hold_s=2.0, stale_after_s=1.0)
ODD = Odd({"time_of_day": ("day",)})


class Drive:
    """Shows scenes to a monitor; real time goes with the stamps, an hour ahead of them."""

    def __init__(self, *cameras: str) -> None:
        self.monitor = OddMonitor(ODD, cameras or ("front",), SETTINGS)

    def show(
        self, t_s: float, label: str, *, camera: str = "front", night: float = 0.0
    ) -> OddStatus:
        state = AttributeState(
            "time_of_day",
            label,
            0.9,
            0.2,
            0,
            (LabelScore("day", 1 - night, 0.2), LabelScore("night", night, 0.2)),
        )
        return self.monitor.on_scene(
            camera, round(t_s * NS), attributes=[state], hazards=[], now_ns=round((t_s + 3600) * NS)
        )

    def wait(self, t_s: float) -> OddStatus:
        return self.monitor.on_heartbeat(round((t_s + 3600) * NS))


def test_nothing_is_known_before_every_camera_has_shown_something() -> None:
    drive = Drive("front", "rear")
    assert drive.wait(0).level == OddLevel.UNKNOWN
    status = drive.show(1, "day")
    assert (status.level, status.reasons) == (OddLevel.UNKNOWN, ("rear: no labels yet",))
    assert drive.show(1.1, "day", camera="rear").level == OddLevel.INSIDE


def test_leaving_is_told_at_once_with_its_stamp_and_the_camera() -> None:
    drive = Drive("front", "rear")
    drive.show(1, "day")
    drive.show(1, "day", camera="rear")
    status = drive.show(1.5, "night", camera="rear")
    assert status == OddStatus(
        OddLevel.OUTSIDE, ("rear: time_of_day is night (90%)",), round(1.5 * NS)
    )
    assert drive.show(1.6, "day").since_ns == round(1.5 * NS)


def test_coming_back_is_told_after_the_hold_time() -> None:
    drive = Drive()
    drive.show(0, "night")
    assert drive.show(1.0, "day").level == OddLevel.OUTSIDE
    assert drive.show(1.9, "day").level == OddLevel.OUTSIDE
    status = drive.show(2.0, "day")
    assert status == OddStatus(OddLevel.INSIDE, (), 2 * NS)


def test_a_flicker_starts_the_hold_time_again() -> None:
    drive = Drive()
    drive.show(0, "night")
    drive.show(1.5, "night")
    assert drive.show(2.4, "day").level == OddLevel.OUTSIDE
    assert drive.show(3.3, "day").level == OddLevel.OUTSIDE
    assert drive.show(3.5, "day").level == OddLevel.INSIDE


def test_levels_fall_one_after_the_other() -> None:
    drive = Drive()
    drive.show(0.0, "night")
    drive.show(0.9, "day", night=0.5)
    assert drive.show(1.8, "day").level == OddLevel.OUTSIDE
    status = drive.show(2.0, "day")
    assert (status.level, status.reasons) == (
        OddLevel.NEAR_EDGE,
        ("front: time_of_day may be night (50%)",),
    )
    assert drive.show(2.9, "day").level == OddLevel.INSIDE


def test_camera_that_falls_silent_is_unknown_and_never_inside() -> None:
    drive = Drive("front", "rear")
    drive.show(0, "day")
    drive.show(0.5, "day", camera="rear")
    assert drive.wait(0.9).level == OddLevel.INSIDE
    status = drive.wait(1.2)
    assert (status.level, status.reasons) == (OddLevel.UNKNOWN, ("front: no labels for 1.2 s",))
    assert status.since_ns == round(0.5 * NS)
    assert drive.show(1.3, "day").level == OddLevel.INSIDE


def test_outside_is_graver_than_a_silent_camera() -> None:
    drive = Drive("front", "rear")
    drive.show(0, "day")
    assert drive.show(1.5, "night", camera="rear").level == OddLevel.OUTSIDE


def test_reset_forgets_what_was_seen() -> None:
    drive = Drive()
    drive.show(100, "night")
    drive.monitor.reset()
    assert drive.wait(100).level == OddLevel.UNKNOWN
    assert drive.show(1, "day") == OddStatus(OddLevel.INSIDE, (), NS)


def test_other_settings_hold_from_the_next_frame_on() -> None:
    drive = Drive()
    assert drive.show(0, "day", night=0.25).level == OddLevel.INSIDE
    drive.monitor.set_settings(OddSettings(edge_probability=0.2))
    assert drive.show(0.1, "day", night=0.25).level == OddLevel.NEAR_EDGE


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1])
def test_edge_that_makes_no_sense_is_refused(value: float) -> None:
    with pytest.raises(OddError, match=r"edge_probability in \(0, 1\]"):
        OddSettings(edge_probability=value)
