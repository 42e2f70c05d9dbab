"""Plain-text tables."""

from __future__ import annotations

from scene_clip_ros.report.table import format_percent, format_table


def test_columns_are_aligned() -> None:
    table = format_table([("weather", "9.5 %"), ("road", "100.0 %")])
    assert table.splitlines() == ["weather    9.5 %", "road     100.0 %"]


def test_header_is_set_off_by_a_line() -> None:
    assert format_table([("a", "1")], header=("name", "n")).splitlines()[1] == "───────"


def test_no_rows_and_no_header_is_empty() -> None:
    assert format_table([]) == ""


def test_percent_of_nothing_is_a_dash() -> None:
    assert (format_percent(None), format_percent(0.975)) == ("–", "97.5 %")
