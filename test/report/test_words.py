"""Texts are broken between words, shortened only at last, and never wider than their room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.words import ELLIPSIS, fit, printable, wrap


def letters(text: str) -> float:
    return float(len(text))


def test_lines_break_between_words() -> None:
    lines = wrap("pedestrian crossing the road", width=14, measure=letters, max_lines=3)
    assert lines == ("pedestrian", "crossing the", "road")


def test_names_of_files_break_at_their_joints() -> None:
    lines = wrap("frame_0002_of_a_drive.jpg", width=12, measure=letters, max_lines=3)
    assert lines == ("frame_0002_", "of_a_drive.", "jpg")


def test_what_has_no_room_is_left_out_and_said_so() -> None:
    assert wrap("one two three four", width=7, measure=letters, max_lines=2) == (
        "one two",
        "three…",
    )
    assert fit("one two three", width=8, measure=letters) == "one two…"
    assert fit("short", width=8, measure=letters) == "short"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb\tc", "a b c"), ("a\x00b\x1b", "a b"), ("\udcffx", "x"), ("", "")],
    ids=["line break", "control", "broken bytes", "empty"],
)
def test_what_no_font_can_draw_is_left_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(max_size=80), st.integers(2, 30), st.integers(1, 5))
def test_lines_keep_to_their_width_and_number(text: str, width: int, max_lines: int) -> None:
    lines = wrap(text, width=width, measure=letters, max_lines=max_lines)
    assert 1 <= len(lines) <= max_lines
    assert all(len(line) <= width for line in lines)


@given(st.text(max_size=80), st.integers(2, 30))
def test_nothing_is_lost_while_there_are_lines(text: str, width: int) -> None:
    lines = wrap(text, width=width, measure=letters, max_lines=100)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    assert ELLIPSIS in text or not any(line.endswith(ELLIPSIS) for line in lines)
