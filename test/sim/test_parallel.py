"""Rendering on several cores."""

from __future__ import annotations

from itertools import islice

import numpy as np

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.parallel import FEW_FRAMES, render_parallel
from scene_clip_ros.sim.scenario import make_scenario


def make_drive(frames: int) -> Drive:
    scenario = make_scenario("city-day", seed=3, seconds=frames / 10)
    return Drive(scenario, seed=3, seconds=frames / 10, size_wh=(64, 36), rate_hz=10)


def test_frames_are_the_same_as_on_one_core() -> None:
    drive = make_drive(FEW_FRAMES + 3)
    alone, together = list(drive), list(render_parallel(drive, workers=2))
    assert [frame.truth for frame in together] == [frame.truth for frame in alone]
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(alone, together, strict=True))


def test_a_drive_may_be_left_early() -> None:
    frames = render_parallel(make_drive(FEW_FRAMES + 20), workers=2)
    assert [frame.stamp_ns for frame in islice(frames, 2)] == [0, 100_000_000]
    frames.close()
