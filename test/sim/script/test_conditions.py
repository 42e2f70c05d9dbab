"""Weather, time of day and surface."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.script.conditions import TIMES_OF_DAY, WEATHERS, draw_conditions

seeds = st.integers(0, 1 << 30).map(np.random.default_rng)


@given(seeds)
def test_rain_wets_the_road(rng: np.random.Generator) -> None:
    assert draw_conditions(rng, weather="rain").surface == "wet"


@given(seeds)
def test_no_road_is_dry_while_it_snows(rng: np.random.Generator) -> None:
    assert draw_conditions(rng, weather="snow").surface in ("wet", "snowy")


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("time_of_day", TIMES_OF_DAY)
def test_what_is_asked_for_is_drawn(weather: str, time_of_day: str) -> None:
    rng = np.random.default_rng(3)
    drawn = draw_conditions(rng, since_s=4.5, weather=weather, time_of_day=time_of_day)
    assert (drawn.since_s, drawn.weather, drawn.time_of_day) == (4.5, weather, time_of_day)


def test_everything_is_drawn_sooner_or_later() -> None:
    rng = np.random.default_rng(3)
    drawn = [draw_conditions(rng) for _ in range(200)]
    assert {each.weather for each in drawn} == set(WEATHERS)
    assert {each.time_of_day for each in drawn} == set(TIMES_OF_DAY)
