"""Rain, snow and the sensor between the scene and the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import GREY, PLAIN_AIR

from scene_clip_ros.sim.arrays import Picture
from scene_clip_ros.sim.render.precipitation import precipitate
from scene_clip_ros.sim.render.sensor import Sensor, expose, make_sensor

PERFECT = Sensor(
    exposure=1.0,
    balance=(1.0, 1.0, 1.0),
    contrast=1.0,
    saturation=1.0,
    noise=0.0,
    vignette=0.0,
    blur=0.0,
    hood=0.0,
    hood_colour=(0.0, 0.0, 0.0),
)


def grey_picture() -> Picture:
    return np.full((90, 160, 3), GREY, np.uint8)


def coloured_picture() -> Picture:
    picture = grey_picture()
    picture[:, ::2] = (180, 90, 40)
    return picture


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def changed(**weather: float) -> float:
    picture = grey_picture()
    precipitate(picture, replace(PLAIN_AIR, **weather), rng())
    return float((picture != GREY).any(axis=2).mean())


def exposed(picture: Picture, **settings: object) -> Picture:
    return expose(picture.copy(), replace(PERFECT, **settings), rng())


def test_nothing_falls_in_fair_weather() -> None:
    assert changed() == 0


@pytest.mark.parametrize("kind", ["rain", "snow"])
def test_more_falls_in_heavier_weather(kind: str) -> None:
    assert 0 < changed(**{kind: 0.3}) < changed(**{kind: 1.0}) < 0.9


def test_rain_and_snow_look_different() -> None:
    rain, snow = grey_picture(), grey_picture()
    precipitate(rain, replace(PLAIN_AIR, rain=1.0), rng())
    precipitate(snow, replace(PLAIN_AIR, snow=1.0), rng())
    assert snow.max() > rain.max()


def test_a_perfect_sensor_changes_nothing() -> None:
    picture = coloured_picture()
    assert np.abs(exposed(picture).astype(int) - picture).max() <= 1


@pytest.mark.parametrize(("exposure", "brighter"), [(0.8, False), (1.2, True)])
def test_exposure_scales_brightness(exposure: float, *, brighter: bool) -> None:
    assert bool(exposed(grey_picture(), exposure=exposure).mean() > GREY) is brighter


def test_a_vignette_darkens_the_corners() -> None:
    picture = exposed(grey_picture(), vignette=0.3)
    assert picture[0, 0].mean() < 0.8 * GREY
    assert picture[45, 80].mean() == pytest.approx(GREY, abs=1)


def test_saturation_spreads_the_channels() -> None:
    dull, vivid = (exposed(coloured_picture(), saturation=share) for share in (0.5, 1.2))
    assert np.ptp(dull[0, 0]) < np.ptp(vivid[0, 0])


def test_noise_has_the_deviation_it_is_given() -> None:
    assert exposed(grey_picture(), noise=3.0).std() == pytest.approx(3, rel=0.1)


def test_blur_softens_edges() -> None:
    picture = grey_picture()
    picture[:, 80:] = 200
    assert np.abs(np.diff(exposed(picture, blur=3.0)[45, :, 0].astype(int))).max() < 60


def test_the_bonnet_is_seen_along_the_lower_edge() -> None:
    picture = exposed(grey_picture(), hood=0.1, hood_colour=(10.0, 10.0, 10.0))
    assert (picture[-3:, 60:100] < 30).all()
    assert picture[70].mean() == pytest.approx(GREY, abs=1)


def test_sensors_differ_by_seed_only() -> None:
    one, same, other = (make_sensor(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
