from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import EXACT, Walker, drive_past

from scene_clip_ros.core.box_motion import BoxMotion
from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.boxes import iou

STEPS_S = st.lists(st.floats(0, 0.5), min_size=1, max_size=40)
XYXY = st.tuples(*[st.floats(0, 2000)] * 4)


def follow(boxes: list[Xyxy], *, step_s: float = 0.1, tau_s: float = 0.25) -> BoxMotion:
    motion = BoxMotion(boxes[0], tau_s=tau_s)
    for xyxy in boxes[1:]:
        motion.advance(step_s)
        motion.correct(xyxy)
    return motion


def move(xyxy: Xyxy, x: float) -> Xyxy:
    return (xyxy[0] + x, xyxy[1], xyxy[2] + x, xyxy[3])


def test_first_box_is_taken_as_it_is() -> None:
    assert BoxMotion((10, 20, 30, 60), tau_s=0.25).xyxy == pytest.approx((10, 20, 30, 60))


@pytest.mark.parametrize("rate_hz", [5, 10, 30])
def test_steady_motion_is_followed_without_lag(rate_hz: int) -> None:
    ways = [move((100, 100, 140, 220), 200 * index / rate_hz) for index in range(2 * rate_hz)]

    motion = follow(ways, step_s=1 / rate_hz)

    assert motion.xyxy == pytest.approx(ways[-1], abs=0.5)


@pytest.mark.parametrize("contact_s", [2.0, 1.0, 0.5])
def test_box_of_what_is_approached_does_not_lag(contact_s: float) -> None:
    walker, ego_mps = Walker(across_m=0.4, ahead_m=30.0), 7.0
    moments = np.arange(30 / ego_mps, contact_s, -0.1)
    boxes = [walker.after(30 / ego_mps - left_s, ego_mps=ego_mps).xyxy for left_s in moments]

    overlap = iou(follow(boxes).xyxy[None], np.array(boxes[-1:]))

    assert overlap[0, 0] > 0.97


def test_noise_is_smoothed_however_long_it_is_followed() -> None:
    rng = np.random.default_rng(0)
    truth = np.array((100.0, 100.0, 140.0, 220.0))
    motion, errors = BoxMotion(tuple(truth), tau_s=0.25), []
    for _ in range(3000):
        motion.advance(0.1)
        motion.correct(tuple(truth + rng.normal(0, 1, 4)))
        errors.append(motion.xyxy - truth)

    assert np.std(errors[:1000]) < 0.75
    assert np.std(errors[-1000:]) < 0.75


def test_prediction_draws_the_way_on() -> None:
    motion = follow([move((100, 100, 140, 220), 20 * index) for index in range(20)])

    motion.advance(0.5)

    assert motion.xyxy == pytest.approx((580, 100, 620, 220), abs=1)


def test_prediction_grows_like_what_is_approached() -> None:
    frames = drive_past((Walker(0.4, 30.0),), seconds=3.3, detector=EXACT)
    boxes = [walkers[0].xyxy for _, walkers in frames]
    motion = follow(boxes[:-4])

    motion.advance(0.4)

    assert motion.xyxy == pytest.approx(boxes[-1], abs=6)


def test_zero_tau_follows_every_measurement() -> None:
    motion = follow([(0, 0, 10, 10), (50, 3, 70, 30), (9, 9, 99, 99)], tau_s=0.0)

    assert motion.xyxy == pytest.approx((9, 9, 99, 99), abs=0.01)


@given(st.lists(XYXY, min_size=2, max_size=40), STEPS_S, st.floats(0, 5))
def test_box_is_finite_and_in_order_whatever_comes(
    boxes: list[Xyxy], steps_s: list[float], tau_s: float
) -> None:
    motion = BoxMotion(boxes[0], tau_s=tau_s)
    for xyxy, step_s in zip(boxes[1:], itertools.cycle(steps_s)):
        motion.advance(step_s)
        motion.correct(xyxy)
        left, top, right, bottom = motion.xyxy
        assert np.isfinite(motion.xyxy).all()
        assert left <= right
        assert top <= bottom


@given(XYXY, XYXY, st.floats(0.02, 0.2))
def test_prediction_over_a_long_loss_stays_finite(first: Xyxy, second: Xyxy, step_s: float) -> None:
    motion = follow([first, second], step_s=step_s)
    for _ in range(int(10 / step_s)):
        motion.advance(step_s)

    assert np.isfinite(motion.xyxy).all()
