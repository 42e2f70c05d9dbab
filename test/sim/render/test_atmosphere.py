"""Light and air."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import PLAIN_AIR

from scene_clip_ros.sim.render.atmosphere import Atmosphere, blend, headlight_beam
from scene_clip_ros.sim.render.looks import make_atmosphere
from scene_clip_ros.sim.script.conditions import SURFACES, TIMES_OF_DAY, WEATHERS, Conditions

HAZY = replace(PLAIN_AIR, haze_per_m=0.02)
DARK = replace(PLAIN_AIR, ambient=np.zeros(3), headlights=1.0)
IN_TUNNEL = replace(HAZY, tunnel_span=(10.0, 50.0), tunnel=np.full(3, 0.5))
BLACK, WHITE = np.zeros(3), np.full(3, 255.0)

depths = st.floats(0, 500)


def make_air(weather: str, time_of_day: str = "day", surface: str = "dry") -> Atmosphere:
    conditions = Conditions(0.0, weather, time_of_day, surface)
    return make_atmosphere(conditions, np.random.default_rng(2))


@given(depths, depths)
def test_haze_lowers_contrast_with_distance(depth: float, more: float) -> None:
    def contrast(at: float) -> float:
        return float((HAZY.through_haze(WHITE, at) - HAZY.through_haze(BLACK, at)).mean())

    assert contrast(depth + more) <= contrast(depth)
    assert contrast(0) == 255


def test_all_colours_end_as_haze() -> None:
    assert HAZY.through_haze(BLACK, 5000.0) == pytest.approx(HAZY.haze)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_haze_keeps_the_dtype(dtype: type) -> None:
    assert HAZY.through_haze(np.zeros((2, 3), dtype), 40.0).dtype == dtype


def test_there_is_no_haze_in_a_tunnel() -> None:
    assert IN_TUNNEL.through_haze(BLACK, 20.0).tolist() == [0, 0, 0]
    assert (IN_TUNNEL.through_haze(BLACK, 60.0) > 0).all()


def test_a_tunnel_has_its_own_light() -> None:
    assert IN_TUNNEL.light_at(0.0, 20.0).tolist() == [0.5, 0.5, 0.5]
    assert IN_TUNNEL.light_at(0.0, 60.0).tolist() == [1, 1, 1]


def test_headlights_light_what_is_near_and_ahead() -> None:
    near, far, aside = (DARK.light_at(*at).mean() for at in ((0, 10), (0, 60), (12, 10)))
    assert near > 2 * far
    assert near > 10 * aside


@given(st.floats(-50, 50), depths)
def test_the_beam_is_a_share(across: float, depth: float) -> None:
    assert 0 <= headlight_beam(across, depth) <= 1


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)])
def test_blending_mixes_every_value(share: float, expected: float) -> None:
    mixed = blend(PLAIN_AIR, replace(PLAIN_AIR, rain=1.0, sun=np.ones(3)), share)
    assert mixed.rain == expected
    assert mixed.sun.tolist() == [expected] * 3


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("time_of_day", TIMES_OF_DAY)
@pytest.mark.parametrize("surface", SURFACES)
def test_every_look_is_finite_and_in_range(weather: str, time_of_day: str, surface: str) -> None:
    air = make_air(weather, time_of_day, surface)
    for each in fields(Atmosphere):
        assert np.isfinite(getattr(air, each.name)).all()
    for share in (air.rain, air.snow, air.wetness, air.snow_cover, air.lamps, air.headlights):
        assert 0 <= share <= 1
    assert (air.rain > 0, air.snow > 0) == (weather == "rain", weather == "snow")
    assert (air.wetness > 0, air.snow_cover > 0) == (surface == "wet", surface == "snowy")


def test_one_sees_farthest_in_clear_weather_and_least_in_fog() -> None:
    clear, rain, fog = (make_air(weather).haze_per_m for weather in ("clear", "rain", "fog"))
    assert clear < rain < fog


def test_lamps_are_on_at_night_only() -> None:
    assert make_air("clear", "night").lamps > 0.9
    assert make_air("clear", "day").lamps == 0
