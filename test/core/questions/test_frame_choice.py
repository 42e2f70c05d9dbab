from __future__ import annotations

from collections import Counter

import numpy as np
from asked_window import window
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.questions import frame_choice
from scene_clip_ros.core.questions.types import Observations


def choose_frames(seen: Observations, most: int, change_share: float = 0.5) -> tuple[int, ...]:
    return frame_choice.choose_frames(seen, most, change_share=change_share)


LEVELS = st.lists(st.integers(0, 255), min_size=1, max_size=60)


def test_all_frames_are_chosen_where_there_are_few() -> None:
    assert choose_frames(window((1, 2, 3)), 8) == (0, 1, 2)


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose_frames(window(()), 8) == ()


def test_moments_of_change_are_among_the_chosen() -> None:
    levels = [0] * 100
    levels[41] = 255
    assert {41, 42} <= set(choose_frames(window(levels), 4))


def test_half_is_spread_evenly() -> None:
    chosen = choose_frames(window([0] * 10 + [255, 0] * 5 + [0] * 80), 8)
    assert {12, 37, 62, 87} <= set(chosen)


def test_cameras_that_take_turns_are_chosen_alike() -> None:
    seen = window([0] * 64, cameras=("front", "rear"))
    counts = Counter(seen.frames[number].camera for number in choose_frames(seen, 8))
    assert counts == {"front": 4, "rear": 4}


def test_another_camera_is_no_change() -> None:
    levels = [0, 255] * 32
    levels[20:22] = [128, 255]
    chosen = choose_frames(window(levels, cameras=("front", "rear")), 8)
    assert {20, 22} <= set(chosen)


def test_without_a_share_for_changes_all_are_spread_evenly() -> None:
    levels = [0] * 100
    levels[41] = 255
    assert choose_frames(window(levels), 4, 0.0) == (12, 37, 62, 87)


@given(
    levels=LEVELS,
    budget=st.integers(1, 20),
    cameras=st.integers(1, 5),
    change_share=st.floats(0.0, 0.99),
)
def test_budget_is_used_and_kept(
    levels: list[int], budget: int, cameras: int, change_share: float
) -> None:
    seen = window(levels, cameras=[f"camera_{number}" for number in range(cameras)])
    chosen = choose_frames(seen, budget, change_share)
    assert len(chosen) == min(budget, len(levels))
    assert (np.diff(chosen) > 0).all()
    assert set(chosen) <= set(range(len(levels)))
