from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.standing_out import (
    MIN_FRAMES,
    MIN_LEAD,
    MIN_PICTURE_LEAD,
    UNRELATED_TEXTS,
    UnrelatedScores,
    UsualScores,
    say_nothing_is_alike,
    say_nothing_matches,
)


def scores_of_a_drive(count: int, *, shown: float = 0.0, by: float = 0.1) -> UsualScores:
    """Draw cosines as of a text that some share of the frames shows, and measure them."""
    scores = np.random.default_rng(0).normal(0.2, 0.02, count)
    scores[: round(shown * count)] += by
    return UsualScores.of(scores)


def test_best_frame_far_above_the_usual_one_stands_out() -> None:
    assert say_nothing_is_alike(0.32, scores_of_a_drive(500)) == ""


def test_best_frame_near_the_usual_one_matches_nothing() -> None:
    usual = UsualScores(frames=500, median=0.2, spread=0.02)

    assert say_nothing_is_alike(0.226, usual) == (
        "nothing matches: the best frame is only 1.3 deviations above the usual one "
        "(3.5 above needed), so no frame is like it, or most are"
    )


def test_best_frame_of_a_window_may_be_below_the_usual_one() -> None:
    usual = UsualScores(frames=500, median=0.2, spread=0.02)

    assert "is 0.5 deviations below the usual one" in say_nothing_is_alike(0.19, usual)


@pytest.mark.parametrize("shown", [0.002, 0.05, 0.15, 0.25])
def test_what_many_frames_show_stands_out_all_the_same(shown: float) -> None:
    assert scores_of_a_drive(1000, shown=shown).lead_of(0.32) > MIN_PICTURE_LEAD


def test_what_most_frames_show_does_not_stand_out() -> None:
    assert scores_of_a_drive(1000, shown=0.8).lead_of(0.32) < MIN_PICTURE_LEAD


@pytest.mark.parametrize("frames", [0, 1, MIN_FRAMES - 1])
def test_too_few_frames_say_nothing(frames: int) -> None:
    assert say_nothing_is_alike(0.2, scores_of_a_drive(frames)) == ""


def test_noise_of_a_standing_camera_does_not_stand_out() -> None:
    standing = UsualScores.of(np.full(300, 0.25))

    assert standing.lead_of(0.2501) < 1.0
    assert standing.lead_of(0.30) > MIN_PICTURE_LEAD


UNRELATED = UnrelatedScores(mean=0.15, spread=0.02)


def test_a_frame_far_nearer_to_the_text_than_to_others_shows_it() -> None:
    assert say_nothing_matches(0.15 + 0.02 * (MIN_LEAD + 0.1), UNRELATED) == ""


def test_a_frame_about_as_near_to_other_texts_does_not_show_it() -> None:
    assert say_nothing_matches(0.176, UNRELATED) == (
        "nothing matches: the best frame scores only 1.3 deviations above what texts about "
        "something else do (2.5 above needed)"
    )


def test_a_frame_nearer_to_other_texts_does_not_show_it() -> None:
    assert "scores 0.5 deviations below what" in say_nothing_matches(0.14, UNRELATED)


def test_threshold_is_the_callers() -> None:
    assert say_nothing_matches(0.2, UNRELATED, min_lead=2.0) == ""
    assert say_nothing_matches(0.2, UNRELATED, min_lead=3.0) != ""


@pytest.mark.parametrize("score", [-0.2, 0.15, 0.4])
def test_equal_scores_of_other_texts_are_no_division_by_zero(score: float) -> None:
    lead = UnrelatedScores.of(np.full(5, 0.15)).lead_of(score)
    assert np.isfinite(lead)
    assert np.sign(lead) == np.sign(round(score - 0.15, 6))


def test_other_texts_are_different_and_say_something() -> None:
    assert len(set(UNRELATED_TEXTS)) == len(UNRELATED_TEXTS) >= MIN_FRAMES
    assert all(text.strip() for text in UNRELATED_TEXTS)
