"""Drives, canvases and air that are small and plain enough to render in a test."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.camera import Camera
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.script.conditions import Conditions

GREY = 100
"""Level of every channel of a blank canvas."""

NOTHING = 0
"""Identity of a blank canvas's pixels; no ``SemanticClass`` has it."""

PLAIN_AIR = Atmosphere(
    ambient=np.ones(3),
    sun=np.zeros(3),
    sun_side=0.0,
    sky_top=np.full(3, 120.0),
    sky_horizon=np.full(3, 200.0),
    cloud_cover=0.0,
    cloud=np.full(3, 250.0),
    haze=np.full(3, 200.0),
    haze_per_m=0.0,
    rain=0.0,
    snow=0.0,
    wetness=0.0,
    snow_cover=0.0,
    headlights=0.0,
    lamps=0.0,
    windows=0.0,
    stars=0.0,
    tunnel=np.ones(3),
)
"""Full, even daylight without haze: a surface is seen in its own colour."""


def make_drive(name: str, *, seed: int = 3, seconds: float = 8.0, **settings: Any) -> Drive:
    """Return a drive of 160 by 90 pixels, at 10 Hz unless the settings of ``Drive`` say else."""
    scenario = make_scenario(name, seed=seed, seconds=seconds)
    return Drive(scenario, seed=seed, seconds=seconds, **{"size_wh": (160, 90), **settings})


def render_once(drive: Drive) -> Drive:
    """Let a drive keep every frame that it renders; its frames are for reading only."""
    drive.render = cache(drive.render)  # type: ignore[method-assign]
    return drive


def drive_in(
    name: str, weather: str, time_of_day: str = "day", surface: str = "dry", *, seed: int = 3
) -> Drive:
    """Return a scenario's drive with other conditions than it would have drawn."""
    conditions = (Conditions(0.0, weather, time_of_day, surface),)
    scenario = replace(make_scenario(name, seed=seed, seconds=8.0), conditions=conditions)
    return Drive(scenario, seed=seed, seconds=8.0, size_wh=(160, 90))


def make_camera() -> Camera:
    """Return a camera of 160 by 90 pixels that looks straight ahead."""
    return Camera(width=160, height=90, focal_px=120.0, mount_m=1.5, horizon_v=40.0)


def blank_canvas(air: Atmosphere = PLAIN_AIR) -> Canvas:
    """Return a grey canvas on which nothing is drawn."""
    camera = make_camera()
    shape = (camera.height, camera.width)
    rgb = np.full((*shape, 3), GREY, np.uint8)
    return Canvas(camera, air, rgb, np.full(shape, NOTHING, np.uint16))
