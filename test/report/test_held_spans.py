from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.held_spans import Span, drop_brief, find_spans, join_near, total_ns


def spans_of(
    stamps: list[int], values: list[int], *, hold_ns: int = 30, last_ns: int = 10
) -> tuple[Span, ...]:
    columns = np.array(stamps, np.int64), np.array(values, np.int16)
    return find_spans(*columns, hold_ns=hold_ns, last_ns=last_ns)


@pytest.mark.parametrize(
    ("stamps", "values", "expected"),
    [
        ([], [], ()),
        ([5], [2], (Span(2, 5, 15),)),
        ([0, 10, 20], [1, 1, 1], (Span(1, 0, 30),)),
        ([0, 10, 20], [1, 2, 2], (Span(1, 0, 10), Span(2, 10, 30))),
        ([0, 10, 90], [1, 1, 1], (Span(1, 0, 40), Span(1, 90, 100))),
        ([0, 30, 61], [1, 1, 1], (Span(1, 0, 60), Span(1, 61, 71))),
        ([0, 0, 10], [1, 2, 2], (Span(2, 0, 20),)),
    ],
    ids=["none", "one", "same", "change", "gap", "just no gap", "equal stamps"],
)
def test_frames_with_one_value_and_no_gap_are_one_span(
    stamps: list[int], values: list[int], expected: tuple[Span, ...]
) -> None:
    assert spans_of(stamps, values) == expected


frames = st.lists(st.tuples(st.integers(0, 10**6), st.integers(-1, 3)), max_size=60).map(sorted)


def sparse(given_frames: list[tuple[int, int]]) -> tuple[Span, ...]:
    return spans_of(
        [stamp for stamp, _ in given_frames],
        [value for _, value in given_frames],
        hold_ns=20_000,
        last_ns=7,
    )


@given(frames)
def test_spans_are_in_order_and_never_overlap(given_frames: list[tuple[int, int]]) -> None:
    spans = sparse(given_frames)
    assert all(span.length_ns > 0 for span in spans)
    assert all(early.end_ns <= late.start_ns for early, late in pairwise(spans))
    assert all(
        early.value != late.value or early.end_ns < late.start_ns for early, late in pairwise(spans)
    )


@given(frames)
def test_every_frame_with_a_stamp_of_its_own_is_in_a_span_of_its_value(
    given_frames: list[tuple[int, int]],
) -> None:
    spans = sparse(given_frames)
    lasts = dict(given_frames)
    for stamp, value in lasts.items():
        found = [span.value for span in spans if span.start_ns <= stamp < span.end_ns]
        assert found == [value]


def test_totals_are_of_a_value_or_of_all() -> None:
    spans = (Span(0, 0, 10), Span(1, 10, 15), Span(0, 20, 30))
    assert (total_ns(spans), total_ns(spans, 0), total_ns(spans, 7)) == (25, 20, 0)


def test_the_brief_spans_are_dropped_and_their_neighbours_go_on() -> None:
    spans = (Span(0, 0, 50), Span(1, 50, 51), Span(2, 51, 90), Span(1, 95, 96))
    assert drop_brief(spans, max_count=2) == (Span(0, 0, 51), Span(2, 51, 90))
    assert drop_brief(spans, max_count=4) == spans


@given(frames, st.integers(1, 10))
def test_dropping_keeps_to_the_count_and_never_invents_time(
    given_frames: list[tuple[int, int]], max_count: int
) -> None:
    spans = sparse(given_frames)
    kept = drop_brief(spans, max_count=max_count)
    assert len(kept) == min(len(spans), max_count)
    assert total_ns(kept) <= total_ns(spans)
    assert all(early.end_ns <= late.start_ns for early, late in pairwise(kept))
    assert [span.start_ns for span in kept[:1]] == [span.start_ns for span in spans[:1]]


def test_only_the_asked_values_are_picked_and_the_nearest_are_joined() -> None:
    spans = (Span(1, 0, 10), Span(0, 10, 12), Span(2, 12, 20), Span(0, 20, 80), Span(1, 80, 90))
    picked = join_near(spans, values=(1, 2), max_count=9)
    assert picked == (Span(1, 0, 10), Span(2, 12, 20), Span(1, 80, 90))
    assert join_near(spans, values=(1, 2), max_count=2) == (Span(2, 0, 20), Span(1, 80, 90))
    assert join_near(spans, values=(1, 2), max_count=1) == (Span(2, 0, 90),)
    assert join_near(spans, values=(5,), max_count=1) == ()


@given(frames, st.integers(1, 10))
def test_joining_loses_no_picked_time(given_frames: list[tuple[int, int]], max_count: int) -> None:
    spans = sparse(given_frames)
    joined = join_near(spans, values=(2, 3), max_count=max_count)
    assert len(joined) <= max_count
    for span in spans:
        if span.value in (2, 3):
            assert any(
                each.start_ns <= span.start_ns and span.end_ns <= each.end_ns for each in joined
            )
