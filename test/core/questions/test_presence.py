"""Which frames show something, and when it begins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from observed import facts_of, stamp_of

from scene_clip_ros.core.questions.presence import (
    Presence,
    any_of,
    both_of,
    find_runs,
    hazard_presence,
    label_presence,
    without_flicker,
)
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.types import UNKNOWN


def frames_of(count: int, *, camera: str = "front") -> tuple[FrameRef, ...]:
    return tuple(FrameRef(camera, stamp_of(number)) for number in range(count))


def presence(shown: list[int], *, count: int = 10) -> Presence:
    flags = np.isin(np.arange(count), shown)
    return Presence(frames_of(count), flags, 0.9 * flags, 0.9, "labels")


def test_a_label_is_shown_where_it_is_held() -> None:
    found = label_presence(
        facts_of(20, labels={"weather": ["clear"] * 12 + ["rain"] * 8}), "weather", "rain"
    )
    assert found is not None
    assert np.flatnonzero(found.shown).tolist() == list(range(12, 20))
    assert found.probability == pytest.approx(0.9)


def test_a_label_of_a_moment_is_a_mistake() -> None:
    labels = {"weather": ["clear"] * 10 + ["rain"] * 3 + ["clear"] * 10}
    found = label_presence(facts_of(23, labels=labels), "weather", "rain")
    assert found is not None
    assert not found.shown.any()
    assert 0.0 < found.probability < 0.5


def test_a_label_that_is_never_held_is_not_there() -> None:
    found = label_presence(facts_of(labels={"weather": ["clear"] * 40}), "weather", "rain")
    assert found is not None
    assert (found.count, found.probability) == (0, 0.0)


def test_where_the_label_is_unknown_nobody_can_tell() -> None:
    found = label_presence(facts_of(labels={"weather": [UNKNOWN] * 40}), "weather", "rain")
    assert found is not None
    assert found.probability == pytest.approx(0.5)


def test_two_frames_are_enough_where_there_are_no_more() -> None:
    found = label_presence(facts_of(2, labels={"weather": ["rain"] * 2}), "weather", "rain")
    assert found is not None
    assert found.shown.all()


def test_without_labels_nothing_is_known() -> None:
    assert label_presence(facts_of(), "weather", "rain") is None
    assert hazard_presence(facts_of(), "road_works") is None


def test_a_hazard_is_shown_where_it_is_active() -> None:
    found = hazard_presence(facts_of(hazards={"road_works": range(5, 15)}), "road_works")
    assert found is not None
    assert np.flatnonzero(found.shown).tolist() == list(range(5, 15))


def test_the_beginning_is_that_of_the_longest_run_behind_the_first_frame() -> None:
    found = presence([0, 1, 4, 5, 6])
    assert [frame.stamp_ns for frame in found.run_that_begins()] == [stamp_of(4), stamp_of(6)]


def test_what_is_there_from_the_first_frame_begins_there() -> None:
    assert presence([0, 1]).run_that_begins()[0].stamp_ns == 0


def test_the_end_is_that_of_the_longest_run_before_the_last_frame() -> None:
    found = presence([2, 3, 4, 8, 9])
    assert [frame.stamp_ns for frame in found.run_that_ends()] == [stamp_of(2), stamp_of(4)]


def test_evidence_is_best_first_and_of_frames_that_show_it() -> None:
    found = Presence(
        frames_of(4),
        np.array([True, False, True, True]),
        np.array([0.5, 0.99, 0.7, 0.7]),
        0.7,
        "boxes",
    )
    assert [frame.stamp_ns for frame in found.best(3)] == [stamp_of(2), stamp_of(3), stamp_of(0)]
    assert [frame.stamp_ns for frame in found.weakest(3)] == [stamp_of(1)]


def test_any_and_both() -> None:
    first, second = presence([1, 2]), presence([2, 3])
    assert np.flatnonzero(any_of([first, second]).shown).tolist() == [1, 2, 3]
    assert np.flatnonzero(both_of(first, second).shown).tolist() == [2]


def test_of_other_frames_the_likeliest_stands_for_all() -> None:
    likely, other = presence([1, 2]), presence([1], count=5)
    unlikely = Presence(other.frames, other.shown, other.strength, 0.1, "boxes")
    assert any_of([unlikely, likely]) is likely


@given(st.lists(st.tuples(st.sampled_from(["front", "rear"]), st.booleans()), max_size=40))
def test_without_flicker_is_a_subset_and_idempotent(pairs: list[tuple[str, bool]]) -> None:
    frames = [FrameRef(camera, stamp_of(number)) for number, (camera, _) in enumerate(pairs)]
    shown = np.array([flag for _, flag in pairs], bool)
    once = without_flicker(frames, shown)
    assert not (once & ~shown).any()
    assert np.array_equal(once, without_flicker(frames, once))


@given(st.lists(st.tuples(st.sampled_from(["front", "rear"]), st.booleans()), max_size=40))
def test_runs_are_of_one_camera_and_hold_every_shown_frame(pairs: list[tuple[str, bool]]) -> None:
    frames = [FrameRef(camera, stamp_of(number)) for number, (camera, _) in enumerate(pairs)]
    shown = np.array([flag for _, flag in pairs], bool)
    runs = find_runs(frames, shown)
    assert sorted(number for run in runs for number in run) == np.flatnonzero(shown).tolist()
    assert all(len({frames[number].camera for number in run}) == 1 for run in runs)
