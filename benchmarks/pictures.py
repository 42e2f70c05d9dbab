"""Pictures of a camera to measure with: a rendered street, the same ones every time."""

from __future__ import annotations

from functools import cache
from itertools import islice

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario

FULL_HD_WH = (1920, 1080)


@cache
def street(count: int, size_wh: tuple[int, int] = FULL_HD_WH) -> tuple[ImageArray, ...]:
    """Return so many pictures of a street by day, half a second apart, ``(H, W, 3)`` uint8 RGB."""
    seconds = count / 2
    scenario = make_scenario("city-day", seed=0, seconds=seconds)
    drive = Drive(scenario, seed=0, seconds=seconds, size_wh=size_wh, rate_hz=2.0)
    return tuple(frame.rgb for frame in islice(drive, count))
