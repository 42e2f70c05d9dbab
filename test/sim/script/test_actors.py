"""Where actors are when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.script.actors import Actor

CROSSER = Actor("adult", 1, 30.0, 5.0, cross_speed=-2.0, cross_from_s=4.0, cross_to=-5.0)


def test_an_actor_moves_along_at_its_speed() -> None:
    assert Actor("car", 1, 10.0, 3.5, speed=20.0).place(2.0) == (50.0, 3.5)


def test_a_crosser_waits_then_crosses_then_stops() -> None:
    assert CROSSER.place(3.9) == (30.0, 5.0)
    assert CROSSER.place(6.5) == (30.0, 0.0)
    assert CROSSER.place(60.0) == (30.0, -5.0)


def test_a_crosser_moves_only_while_crossing() -> None:
    assert [CROSSER.moving(seconds) for seconds in (3.9, 6.5, 60.0)] == [False, True, False]


def test_who_drives_moves_always() -> None:
    assert Actor("car", 1, 10.0, 3.5, speed=-20.0).moving(0.0)


@given(st.floats(0, 100), st.floats(0, 10))
def test_nobody_goes_back_while_crossing(seconds: float, later: float) -> None:
    assert CROSSER.place(seconds + later)[1] <= CROSSER.place(seconds)[1]


def test_only_traffic_in_the_egos_lane_and_direction_leads_it() -> None:
    assert Actor("car", 1, 30.0, 0.2, speed=20.0).leads_ego()
    assert not Actor("car", 1, 30.0, 3.5, speed=20.0).leads_ego()
    assert not Actor("car", 1, 30.0, 0.2, speed=-20.0).leads_ego()
