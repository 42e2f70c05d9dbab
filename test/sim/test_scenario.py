"""Scenarios by name."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered import make_drive

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.scenario import make_scenario, scenario_names
from scene_clip_ros.sim.script.conditions import SURFACES, TIMES_OF_DAY, WEATHERS
from scene_clip_ros.sim.script.road import ROADS
from scene_clip_ros.sim.script.storyboard import Scenario
from scene_clip_ros.sim.semantics import BOX_CLASSES, SemanticClass

PEOPLE = {kind for kind, group in BOX_CLASSES.items() if group == SemanticClass.PERSON}

a_scenario = st.builds(
    make_scenario,
    st.sampled_from(scenario_names()),
    seed=st.integers(0, 10_000),
    seconds=st.floats(0.5, 60.0),
)


def test_scripts_find_the_names_they_rely_on() -> None:
    assert {
        "city-day",
        "city-night",
        "weather-turns",
        "crossing-child",
        "crossing-baby",
        "crossing-wheelchair",
        "empty-highway",
    } <= set(scenario_names())


@pytest.mark.parametrize("name", scenario_names())
def test_equal_seeds_give_equal_scenarios(name: str) -> None:
    assert make_scenario(name, seed=5, seconds=9) == make_scenario(name, seed=5, seconds=9)


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(SimulationError, match=r"city-day.*; got 'city-dya'"):
        make_scenario("city-dya", seed=1, seconds=1)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 86_401.0, float("nan")])
def test_lengths_out_of_range_are_refused(seconds: float) -> None:
    with pytest.raises(SimulationError, match=f"up to a day, got {seconds} s"):
        make_scenario("city-day", seed=1, seconds=seconds)


@settings(max_examples=60)
@given(a_scenario)
def test_the_road_has_no_gaps_and_known_kinds(scenario: Scenario) -> None:
    assert scenario.segments[0].start < 0
    assert all(one.end == after.start for one, after in pairwise(scenario.segments))
    assert {segment.kind for segment in scenario.segments} <= set(ROADS)


@settings(max_examples=60)
@given(a_scenario)
def test_conditions_are_known_and_hold_from_the_start_in_order(scenario: Scenario) -> None:
    since = [each.since_s for each in scenario.conditions]
    assert since[0] == 0
    assert since == sorted(since)
    for each in scenario.conditions:
        assert each.weather in WEATHERS
        assert each.time_of_day in TIMES_OF_DAY
        assert each.surface in SURFACES


@settings(max_examples=60)
@given(a_scenario)
def test_everyone_who_takes_part_has_a_class(scenario: Scenario) -> None:
    assert {actor.kind for actor in scenario.actors} <= set(BOX_CLASSES)


@settings(max_examples=60)
@given(a_scenario)
def test_events_are_in_order(scenario: Scenario) -> None:
    begins = [event.at_s for event in scenario.events]
    assert begins == sorted(begins)
    assert all(at_s >= 0 for at_s in begins)


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_on_the_empty_highway(seed: int) -> None:
    scenario = make_scenario("empty-highway", seed=seed, seconds=20)
    assert not {actor.kind for actor in scenario.actors} & (PEOPLE | {"cyclist", "dog", "cow"})
    drive = make_drive("empty-highway", seed=seed)
    for index in (0, 40):
        truth = drive.render(index).truth
        assert not any(truth.hazards.values())
        assert truth.attributes["road"] == "highway"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("crossing-adult", "adult"),
        ("crossing-child", "child"),
        ("crossing-baby", "baby"),
        ("crossing-wheelchair", "wheelchair user"),
        ("crossing-cyclist", "cyclist"),
        ("crossing-stroller", "stroller"),
    ],
)
def test_a_crossing_is_announced_when_it_begins(name: str, kind: str) -> None:
    scenario = make_scenario(name, seed=2, seconds=20)
    begins = {a.cross_from_s for a in scenario.actors if a.kind == kind and a.cross_speed}
    assert len(begins) == 2
    assert [(e.name, e.at_s) for e in scenario.events] == [
        (f"{kind} steps out", at_s) for at_s in sorted(begins)
    ]


def test_the_walker_beside_the_road_stays_there() -> None:
    scenario = make_scenario("walker-beside-road", seed=2, seconds=20)
    edge = scenario.segments[0].right
    walkers = [actor for actor in scenario.actors if actor.kind in PEOPLE and actor.speed == 1.2]
    assert walkers
    assert all(walker.place(20.0)[1] > edge for walker in walkers)


def test_the_demo_tour_passes_most_roads_weathers_and_times_of_day() -> None:
    scenario = make_scenario("demo-tour", seed=1, seconds=60)
    assert len({segment.kind for segment in scenario.segments}) == 4
    assert len({each.weather for each in scenario.conditions}) == 4
    assert len({each.time_of_day for each in scenario.conditions}) == 3
    assert {"adult steps out", "child steps out"} <= {event.name for event in scenario.events}
