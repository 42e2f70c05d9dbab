"""Weather, time of day and surface, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WEATHERS = ("clear", "overcast", "rain", "snow", "fog")
TIMES_OF_DAY = ("day", "dusk", "night")
SURFACES = ("dry", "wet", "snowy")

_WEATHER_ODDS = (0.3, 0.2, 0.2, 0.15, 0.15)
_TIME_ODDS = (0.45, 0.22, 0.33)
_SURFACE_ODDS = {
    "clear": (0.86, 0.06, 0.08),
    "overcast": (0.72, 0.16, 0.12),
    "rain": (0.0, 1.0, 0.0),
    "snow": (0.0, 0.1, 0.9),
    "fog": (0.55, 0.35, 0.1),
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Weather, time of day and surface from a moment on.

    Attributes:
        since_s: Seconds from the start of the drive.
        weather: One of ``WEATHERS``.
        time_of_day: One of ``TIMES_OF_DAY``.
        surface: One of ``SURFACES``.
    """

    since_s: float
    weather: str
    time_of_day: str
    surface: str


def draw_conditions(
    rng: np.random.Generator,
    *,
    since_s: float = 0.0,
    weather: str | None = None,
    time_of_day: str | None = None,
) -> Conditions:
    """Draw conditions at random.

    Args:
        rng: Source of the variation.
        since_s: Seconds from the start of the drive from which they hold.
        weather: One of ``WEATHERS``; ``None``: any.
        time_of_day: One of ``TIMES_OF_DAY``; ``None``: any.
    """
    weather = weather or str(rng.choice(WEATHERS, p=_WEATHER_ODDS))
    time_of_day = time_of_day or str(rng.choice(TIMES_OF_DAY, p=_TIME_ODDS))
    surface = str(rng.choice(SURFACES, p=_SURFACE_ODDS[weather]))
    return Conditions(since_s, weather, time_of_day, surface)
