from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.search.frame_runs import (
    count_frames,
    holds_frame,
    join_runs,
    next_number,
    runs_of,
)

numbers = st.sets(st.integers(0, 30))


@given(numbers)
def test_runs_hold_their_numbers_and_no_others(wanted: set[int]) -> None:
    runs = runs_of(np.array(sorted(wanted), np.int64))

    assert {number for number in range(35) if holds_frame(runs, number)} == wanted
    assert count_frames(runs) == len(wanted)
    assert next_number(runs) == max(wanted, default=-1) + 1


@given(st.lists(numbers, max_size=4))
def test_joined_runs_hold_what_any_of_them_holds(sets: list[set[int]]) -> None:
    parts = [runs_of(np.array(sorted(each), np.int64)) for each in sets]

    joined = join_runs(run for runs in parts for run in runs)

    assert joined == runs_of(np.array(sorted(set().union(*sets)), np.int64))


def test_order_and_repetition_do_not_matter() -> None:
    assert runs_of(np.array([7, 2, 3, 2])) == ((2, 4), (7, 8))
