"""The air over a drive's time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scene_clip_ros.sim.render.timeline import Timeline
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.script.conditions import Conditions
from scene_clip_ros.sim.script.layouts import make_segment

CLEAR_THEN_RAIN = (
    Conditions(0.0, "clear", "day", "dry"),
    Conditions(10.0, "rain", "day", "wet"),
)
ROADS = (
    make_segment("highway", -60, 200, seed=1),
    make_segment("tunnel", 200, 300, seed=2),
    make_segment("highway", 300, 900, seed=3),
)


def make_timeline() -> Timeline:
    base = make_scenario("highway-day", seed=1, seconds=20)
    scenario = replace(base, conditions=CLEAR_THEN_RAIN, segments=ROADS)
    return Timeline(scenario, np.random.default_rng(3))


def test_weather_holds_away_from_its_turn() -> None:
    timeline = make_timeline()
    assert [timeline.air_at(seconds, 0.0).rain for seconds in (0.0, 5.0, 9.0)] == [0, 0, 0]
    assert timeline.air_at(11.0, 0.0).rain == timeline.air_at(19.0, 0.0).rain > 0.4


def test_one_weather_blends_into_the_next() -> None:
    timeline = make_timeline()
    rain = [timeline.air_at(seconds, 0.0).rain for seconds in np.arange(9.2, 10.8, 0.05)]
    assert rain == sorted(rain)
    assert max(np.diff(rain)) < 0.1


def test_at_its_turn_the_weather_is_half_of_each() -> None:
    timeline = make_timeline()
    assert timeline.air_at(10.0, 0.0).rain == pytest.approx(timeline.air_at(19.0, 0.0).rain / 2)


@pytest.mark.parametrize(
    ("along", "span"),
    [(150.0, (50.0, 150.0)), (250.0, (-50.0, 50.0)), (320.0, (0.0, 0.0)), (-200.0, (0.0, 0.0))],
    ids=["ahead", "inside", "behind", "far"],
)
def test_the_air_knows_where_the_tunnel_is(along: float, span: tuple[float, float]) -> None:
    assert make_timeline().air_at(0.0, along).tunnel_span == span
