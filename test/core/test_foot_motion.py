from __future__ import annotations

import math

import numpy as np
import pytest
from street import CAMERA, EXACT, SIZE_WH, Detector, Walker, drive_past

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.foot_motion import FootMotion

COURSE_X = CAMERA.centre_xy[0]


def follow(
    walker: Walker, *, seconds: float = 1.0, ego_mps: float, detector: Detector = EXACT
) -> FootMotion:
    motion = FootMotion(1.0)
    drive = drive_past((walker,), seconds=seconds, ego_mps=ego_mps, detector=detector)
    for frame, _ in drive:
        for box in frame.boxes:
            motion.update(frame.stamp_ns, box.xyxy, SIZE_WH, course_x=COURSE_X)
    return motion


def across_m(xyxy: Xyxy, walker: Walker) -> float:
    """Return where a box of somebody's size is, metres right of the course."""
    return ((xyxy[0] + xyxy[2]) / 2 - COURSE_X) / (xyxy[3] - xyxy[1]) * walker.height_m


@pytest.mark.parametrize("ego_mps", [0.0, 3.0, 9.0])
@pytest.mark.parametrize("across_mps", [-1.4, 0.0, 0.7])
def test_way_across_is_drawn_on_whatever_the_speed_of_the_vehicle(
    across_mps: float, ego_mps: float
) -> None:
    walker = Walker(4.0, 25.0, across_mps)

    way = follow(walker, ego_mps=ego_mps).way(contact_s=math.nan)

    assert way is not None
    assert across_m(way.at(1.5), walker) == pytest.approx(4.0 + across_mps * (0.9 + 1.5), abs=0.05)


def test_way_begins_where_the_person_is() -> None:
    walker = Walker(3.0, 20.0, -1.4)
    last = walker.after(0.9, ego_mps=5.0)

    way = follow(walker, ego_mps=5.0).way(contact_s=last.ahead_m / 5.0)

    assert way is not None
    assert way.at(0.0) == pytest.approx(last.xyxy, abs=0.5)


def test_approach_brings_the_feet_nearer() -> None:
    walker = Walker(2.0, 25.0)
    last = walker.after(0.9, ego_mps=7.0)
    then = walker.after(0.9 + 1.0, ego_mps=7.0)

    way = follow(walker, ego_mps=7.0).way(contact_s=last.ahead_m / 7.0)

    assert way is not None
    ahead = way.at(1.0)
    assert last.xyxy[3] < ahead[3] < then.xyxy[3] + 1
    assert ahead[3] - ahead[1] == pytest.approx(then.xyxy[3] - then.xyxy[1], rel=0.02)


def test_feet_of_someone_about_to_be_reached_stay_within_bounds() -> None:
    way = follow(Walker(0.5, 12.0), ego_mps=7.0).way(contact_s=0.0)

    assert way is not None
    assert np.isfinite(way.at(3.0)).all()


def test_noise_does_not_send_a_bystander_across() -> None:
    walker, ways_m = Walker(4.0, 25.0), []
    for seed in range(50):
        motion = follow(walker, ego_mps=7.0, detector=Detector(miss_rate=0.0, seed=seed))
        way = motion.way(contact_s=math.nan)
        assert way is not None
        ways_m.append(across_m(way.at(1.5), walker))

    assert min(ways_m) > 3.0


def test_nothing_is_predicted_before_there_is_enough_to_tell() -> None:
    assert FootMotion(1.0).way(contact_s=math.nan) is None
    short = follow(Walker(3.0, 20.0), seconds=0.3, ego_mps=5.0)
    assert short.way(contact_s=math.nan) is None


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param((0.0, 300.0, 40.0, 500.0), id="left"),
        pytest.param((1250.0, 300.0, 1280.0, 500.0), id="right"),
        pytest.param((600.0, 300.0, 640.0, 720.0), id="bottom"),
        pytest.param((600.0, 500.0, 640.0, 500.0), id="without height"),
    ],
)
def test_nothing_is_predicted_of_a_box_that_is_not_whole(cut: Xyxy) -> None:
    motion = follow(Walker(3.0, 20.0), ego_mps=5.0)

    motion.update(10**9, cut, SIZE_WH, course_x=COURSE_X)

    assert motion.way(contact_s=math.nan) is None


def test_jump_back_in_time_starts_anew() -> None:
    motion = follow(Walker(3.0, 20.0), ego_mps=5.0)

    motion.update(0, Walker(3.0, 20.0).xyxy, SIZE_WH, course_x=COURSE_X)

    assert motion.way(contact_s=math.nan) is None
