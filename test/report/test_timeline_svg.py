from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.held_spans import Span
from scene_clip_ros.report.timeline_looks import (
    UNKNOWN_LOOK,
    draw_patterns,
    draw_swatch,
    label_look,
)
from scene_clip_ros.report.timeline_svg import Bar, TimeAxis, cover, draw_axis, draw_row

S = 1_000_000_000
AXIS = TimeAxis(5 * S, 15 * S)


def row(*bars: Bar, axis: TimeAxis = AXIS, remark: str = "") -> ET.Element:
    """Draw a row and read it back, which well-formed SVG alone lets happen."""
    spans = [bar.span for bar in bars]
    return ET.fromstring(draw_row(bars, cover(spans), axis, title="a row", remark=remark))


def bar(start_s: float, end_s: float, text: str = "rain") -> Bar:
    return Bar(Span(0, round(start_s * S), round(end_s * S)), text, label_look(0))


def drawn(svg: ET.Element) -> list[tuple[float, float]]:
    """Return left and width of every bar, in percent."""
    return [
        (float(each.attrib["x"][:-1]), float(each.attrib["width"][:-1]))
        for each in svg.findall("svg")
    ]


def test_a_bar_is_where_its_time_is() -> None:
    assert drawn(row(bar(5, 7.5), bar(10, 15))) == [(0.0, 25.0), (50.0, 50.0)]


def test_the_briefest_bar_can_be_seen() -> None:
    (only,) = drawn(row(bar(14.9999, 15)))
    assert only[1] > 0.2
    assert only[0] + only[1] <= 100


@given(st.integers(0, 20 * S), st.integers(1, 20 * S))
def test_no_bar_leaves_its_row(start_ns: int, length_ns: int) -> None:
    ((left, width),) = drawn(row(Bar(Span(0, start_ns, start_ns + length_ns), "x", UNKNOWN_LOOK)))
    assert left >= 0
    assert left + width <= 100.001


@pytest.mark.parametrize(
    ("length_s", "shown"),
    [(8, ["text"]), (1, ["text wide"]), (0.1, [])],
    ids=["everywhere", "on wide screens", "nowhere"],
)
def test_a_text_is_there_if_its_bar_has_room(length_s: float, shown: list[str]) -> None:
    texts = row(bar(5, 5 + length_s)).findall("svg/text")
    assert [f"text {each.attrib.get('class', '')}".strip() for each in texts] == shown


def test_times_of_a_bar_are_told_with_units_since_the_start() -> None:
    (title,) = row(bar(6, 9)).findall("svg/title")
    assert title.text == "rain: 1.0 s to 4.0 s (3 s)"


def test_hostile_names_are_text() -> None:
    name = '"/><script>alert(1)</script>&'
    svg = draw_row([bar(5, 15, name)], (), AXIS, title=name, remark=name)
    assert "<script" not in svg
    read = ET.fromstring(svg)
    assert read.attrib["aria-label"] == name
    assert read.findtext("svg/text") == name


def test_an_unknown_bar_has_a_look_that_no_label_has() -> None:
    looks = [label_look(index) for index in range(49)]
    assert len(set(looks)) == 49
    assert UNKNOWN_LOOK not in looks
    assert len({look.pattern for look in looks[:7]}) == 7
    assert len({look.colour for look in looks[:7]}) == 7


def test_every_pattern_that_a_look_names_is_defined() -> None:
    defined = set(re.findall(r'id="(look-\w+)"', draw_patterns()))
    looks = (UNKNOWN_LOOK, *(label_look(index) for index in range(49)))
    used = {name for look in looks for name in re.findall(r"url\(#([\w-]+)\)", draw_swatch(look))}
    assert used <= defined


@pytest.mark.parametrize(
    ("length_s", "labels"),
    [
        (0.0, ["0 s"]),
        (1, ["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1 s"]),
        (20, ["0 s", "5 s", "10 s", "15 s", "20 s"]),
        (200, ["0 s", "30 s", "1 min", "1 min 30 s", "2 min", "2 min 30 s", "3 min"]),
        (3600, ["0 s", "10 min", "20 min", "30 min", "40 min", "50 min", "1 h"]),
    ],
    ids=["nothing", "a second", "seconds", "minutes", "an hour"],
)
def test_an_axis_is_marked_at_round_times_with_units(length_s: float, labels: list[str]) -> None:
    svg = ET.fromstring(draw_axis(TimeAxis(7, 7 + round(length_s * S))))
    assert [text.text for text in svg.iter("text")] == labels
    narrow = [each for each in svg.findall("g") if "class" not in each.attrib]
    assert 1 <= len(narrow) <= 5


@given(st.floats(0.001, 10**6))
def test_an_axis_has_room_for_its_marks(length_s: float) -> None:
    svg = ET.fromstring(draw_axis(TimeAxis(0, round(length_s * S))))
    assert 1 <= len(svg.findall("g")) <= 10


def test_covered_time_is_where_spans_touch() -> None:
    spans = (Span(1, 0, 5), Span(2, 5, 9), Span(1, 20, 30))
    assert [(each.start_ns, each.end_ns) for each in cover(spans)] == [(0, 9), (20, 30)]
