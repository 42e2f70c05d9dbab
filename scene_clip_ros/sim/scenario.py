"""The scenarios that drives are rendered from, by name."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.script.makers import (
    crossings,
    obstacles,
    plain,
    walker_beside_road,
    weather_turns,
)
from scene_clip_ros.sim.script.storyboard import Brief, Maker, Scenario
from scene_clip_ros.sim.script.tours import anything, demo_tour

MAX_SECONDS = 24 * 3600.0

_MAKERS: dict[str, Maker] = {
    "city-day": plain("city street", weather="clear", time_of_day="day"),
    "city-night": plain("city street", time_of_day="night"),
    "city-rain": plain("city street", weather="rain"),
    "residential-day": plain("residential", time_of_day="day"),
    "residential-snow": plain("residential", weather="snow"),
    "highway-day": plain("highway", time_of_day="day"),
    "highway-fog": plain("highway", weather="fog"),
    "highway-night": plain("highway", time_of_day="night"),
    "empty-highway": plain("highway", weather="clear", time_of_day="day", busy=0.03),
    "tunnel": plain("tunnel"),
    "parking-lot": plain("parking lot"),
    "weather-turns": weather_turns,
    "crossing-adult": crossings("adult"),
    "crossing-child": crossings("child"),
    "crossing-baby": crossings("baby"),
    "crossing-wheelchair": crossings("wheelchair user"),
    "crossing-cyclist": crossings("cyclist"),
    "crossing-stroller": crossings("stroller"),
    "walker-beside-road": walker_beside_road,
    "animal-on-road": obstacles("animal"),
    "debris-on-road": obstacles("debris"),
    "road-works": obstacles("road works"),
    "demo-tour": demo_tour,
    "random": anything,
}


def scenario_names() -> tuple[str, ...]:
    """Return the names that ``make_scenario`` knows."""
    return tuple(_MAKERS)


def make_scenario(name: str, *, seed: int, seconds: float) -> Scenario:
    """Script a drive.

    Args:
        name: One of ``scenario_names()``.
        seed: Equal seeds give equal drives.
        seconds: Length of the drive, within (0, ``MAX_SECONDS``].

    Raises:
        SimulationError: The name is unknown or the length is out of range.
    """
    if name not in _MAKERS:
        message = f"expected a scenario among {', '.join(_MAKERS)}; got {name!r}"
        raise SimulationError(message)
    if not 0 < seconds <= MAX_SECONDS:
        message = f"expected a length above 0 s and up to a day, got {seconds} s"
        raise SimulationError(message)
    return _MAKERS[name](Brief(name, seconds, np.random.default_rng([seed, 1])))
