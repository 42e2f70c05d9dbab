from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import make_box

from scene_clip_ros.core.alert_hold import LevelHold, Presence
from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.people_judge import Person, Place

CLEAR, CAUTION, WARNING = AlertLevel.CLEAR, AlertLevel.CAUTION, AlertLevel.WARNING
JUDGEMENTS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([CLEAR, CAUTION, WARNING])), max_size=40
)


def watch(seen: str, *, persist: int) -> str:
    """Feed ``x`` and ``-``, one a step; return ``x`` where the condition has persisted."""
    presence = Presence()
    return "".join(
        "x" if presence.update(t, seen=mark == "x", persist_ns=persist) else "-"
        for t, mark in enumerate(seen)
    )


@pytest.mark.parametrize(
    ("seen", "persist", "persisted"),
    [
        pytest.param("--x--", 0, "--x--", id="at once"),
        pytest.param("-xxxx", 2, "---xx", id="after its time"),
        pytest.param("-x-xx", 2, "---xx", id="short miss is no break"),
        pytest.param("xx--xxx", 2, "------x", id="longer miss is a break"),
        pytest.param("xxx-x", 2, "--x-x", id="lasts through a short miss"),
        pytest.param("-----", 2, "-----", id="never seen"),
    ],
)
def test_presence_persists(seen: str, persist: int, persisted: str) -> None:
    assert watch(seen, persist=persist) == persisted


def hold(judgements: list[tuple[int, AlertLevel]], *, hold_ns: int) -> list[AlertLevel]:
    level_hold = LevelHold()
    return [
        level_hold.update(t_ns, level, people=(), hold_ns=hold_ns).level
        for t_ns, level in judgements
    ]


def test_level_rises_at_once() -> None:
    assert hold([(0, CLEAR), (1, CAUTION), (2, WARNING)], hold_ns=10) == [CLEAR, CAUTION, WARNING]


def test_level_falls_after_the_hold_time() -> None:
    judged = [(0, WARNING), (9, CLEAR), (10, CLEAR), (11, CLEAR)]

    assert hold(judged, hold_ns=10) == [WARNING, WARNING, CLEAR, CLEAR]


def test_cause_that_comes_back_is_held_from_then() -> None:
    judged = [(0, WARNING), (9, CLEAR), (10, WARNING), (19, CLEAR), (20, CLEAR)]

    assert hold(judged, hold_ns=10) == [WARNING, WARNING, WARNING, WARNING, CLEAR]


def test_level_falls_in_steps() -> None:
    judged = [(0, WARNING), (5, CAUTION), (10, CLEAR), (14, CLEAR), (15, CLEAR)]

    assert hold(judged, hold_ns=10) == [WARNING, WARNING, CAUTION, CAUTION, CLEAR]


def test_held_level_keeps_who_caused_it_and_tells_how_long_ago() -> None:
    level_hold = LevelHold()
    child = Person(make_box((0, 0, 10, 30), "child"), Place.INSIDE, math.nan)
    level_hold.update(3, CLEAR, people=(), hold_ns=10)
    level_hold.update(5, WARNING, people=(child,), hold_ns=10)
    held = level_hold.update(9, CLEAR, people=(), hold_ns=10)

    assert (held.level, held.people, held.age_ns, held.since_ns) == (WARNING, (child,), 4, 5)


@given(JUDGEMENTS, st.integers(0, 100))
def test_held_level_is_never_below_what_is_judged_and_never_falls_early(
    steps: list[tuple[int, AlertLevel]], hold_ns: int
) -> None:
    stamps = itertools.accumulate(elapsed for elapsed, _ in steps)
    judged = list(zip(stamps, [level for _, level in steps], strict=True))

    for index, (level, (t_ns, _)) in enumerate(
        zip(hold(judged, hold_ns=hold_ns), judged, strict=True)
    ):
        recent = [old for s, old in judged[: index + 1] if t_ns - s < hold_ns] or [CLEAR]
        assert level == max(*recent, judged[index][1])
