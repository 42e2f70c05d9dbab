"""The timeline of the live page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.nodes.monitor_timeline import MAX_CHANGES, MAX_ROWS, Row, Timeline

WEATHER = Row("attribute", "weather")


def values(line: Timeline, since: int = 0) -> list[str | None]:
    return [change.value for change in line.since(since)]


def test_only_what_changes_is_kept() -> None:
    line = Timeline(60)
    for second, label in enumerate(["rain", "rain", "fog", "fog", "rain"]):
        line.hold(WEATHER, label, now_s=second)

    assert [(c.time_s, c.value) for c in line.since(0)] == [(0, "rain"), (2, "fog"), (4, "rain")]


def test_what_holds_at_the_beginning_of_the_history_stays() -> None:
    line = Timeline(60)
    for second, label in [(0, "rain"), (10, "fog"), (100, "clear")]:
        line.hold(WEATHER, label, now_s=second)
    line.forget(120)

    assert values(line) == ["fog", "clear"]


def test_a_row_of_which_nothing_is_known_leaves_with_its_last_change() -> None:
    line = Timeline(60)
    line.hold(WEATHER, "rain", now_s=0)
    line.lose("attribute", now_s=10)
    line.forget(69)
    kept = values(line)
    line.forget(70)

    assert (kept, values(line)) == (["rain", None], [])


def test_losing_a_kind_spares_others_and_those_named() -> None:
    line = Timeline(60)
    for row in (WEATHER, Row("attribute", "road"), Row("hazard", "person")):
        line.hold(row, "yes", now_s=0)
    line.lose("attribute", now_s=1, besides=frozenset({"road"}))

    assert [change.row for change in line.since(3)] == [WEATHER]


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from([None, "a", "b"])), max_size=300))
def test_rows_and_changes_are_bounded_and_told_piece_by_piece(
    held: list[tuple[int, str | None]],
) -> None:
    line, told, number = Timeline(1e9), 0, 0
    for second, (name, value) in enumerate(held):
        line.hold(Row("attribute", str(name)), value, now_s=second)
        new = line.since(number)
        told += len(new)
        number = new[-1].number if new else number

    everything = line.since(0)
    assert told == len(everything)
    assert [c.number for c in everything] == sorted({c.number for c in everything})
    assert len({change.row for change in everything}) <= MAX_ROWS


def test_a_row_that_flickers_keeps_its_newest_changes() -> None:
    line = Timeline(1e9)
    for second in range(MAX_CHANGES + 50):
        line.hold(WEATHER, str(second), now_s=second)

    assert values(line)[-1] == str(MAX_CHANGES + 49)
    assert len(values(line)) == MAX_CHANGES
