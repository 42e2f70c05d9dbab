"""Scoring of scene labels against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.scoring import (
    Accuracy,
    Confusion,
    SceneAnswer,
    SceneTruth,
    score_scenes,
)

STEP_NS = 100_000_000
LABELS = st.sampled_from(["clear", "rain", "snow"])


def truths_of(weather: Sequence[str | None], *, camera: str = "front") -> list[SceneTruth]:
    return [
        SceneTruth(camera, i * STEP_NS, {"weather": label}, {}) for i, label in enumerate(weather)
    ]


def answers_of(weather: Sequence[str], *, camera: str = "front") -> list[SceneAnswer]:
    return [
        SceneAnswer(camera, i * STEP_NS, {"weather": label}, {}) for i, label in enumerate(weather)
    ]


def score_weather(
    answers: Sequence[SceneAnswer], truths: Sequence[SceneTruth], *, settle_ns: int = 0
) -> Accuracy:
    (accuracy,) = score_scenes(answers, truths, settle_ns=settle_ns).attributes
    return accuracy


def hazard_truth(stamp_ns: int, hazards: Mapping[str, bool]) -> SceneTruth:
    return SceneTruth("front", stamp_ns, {}, hazards)


def test_fraction_is_right_frames_over_counted_frames() -> None:
    accuracy = score_weather(answers_of(["rain", "rain", "snow"]), truths_of(["rain"] * 3))
    assert (accuracy.correct, accuracy.counted) == (2, 3)
    assert accuracy.fraction == pytest.approx(2 / 3)


def test_unknown_counts_as_wrong() -> None:
    accuracy = score_weather(answers_of(["unknown"]), truths_of(["rain"]))
    assert accuracy.confusions == (Confusion("rain", "unknown", 1),)


def test_frames_whose_truth_is_null_are_not_counted() -> None:
    accuracy = score_weather(answers_of(["rain", "snow"]), truths_of(["rain", None]))
    assert (accuracy.counted, accuracy.untold) == (1, 1)


def test_fraction_is_none_when_no_frame_counts() -> None:
    assert score_weather(answers_of(["rain"]), truths_of([None])).fraction is None


def test_frames_within_a_second_after_a_change_are_not_counted() -> None:
    truths = truths_of(["clear"] * 5 + ["rain"] * 15)
    accuracy = score_weather(answers_of(["clear"] * 15 + ["rain"] * 5), truths, settle_ns=10**9)
    assert (accuracy.counted, accuracy.correct, accuracy.settling) == (10, 10, 10)


def test_a_label_that_never_follows_is_wrong_after_the_settling_time() -> None:
    truths = truths_of(["clear"] * 5 + ["rain"] * 15)
    accuracy = score_weather(answers_of(["clear"] * 20), truths, settle_ns=10**9)
    assert (accuracy.counted, accuracy.correct) == (10, 5)


def test_the_first_frame_counts_because_nothing_changed_yet() -> None:
    accuracy = score_weather(answers_of(["rain"]), truths_of(["rain"]), settle_ns=10**9)
    assert accuracy.counted == 1


def test_truth_that_becomes_tellable_again_settles_first() -> None:
    accuracy = score_weather(
        answers_of(["rain"] * 3), truths_of(["rain", None, "rain"]), settle_ns=10**9
    )
    assert (accuracy.counted, accuracy.untold, accuracy.settling) == (1, 1, 1)


def test_a_change_of_one_camera_does_not_touch_another() -> None:
    truths = truths_of(["clear", "rain"]) + truths_of(["snow", "snow"], camera="rear")
    answers = answers_of(["clear", "rain"]) + answers_of(["snow", "snow"], camera="rear")
    accuracy = score_weather(answers, truths, settle_ns=10**9)
    assert (accuracy.counted, accuracy.settling) == (3, 1)


def test_single_cameras_match_whatever_their_names() -> None:
    score = score_scenes(answers_of(["rain"], camera="drive"), truths_of(["rain"]))
    assert (score.matched, score.unmatched, score.unanswered) == (1, 0, 0)


def test_frames_on_one_side_only_are_reported() -> None:
    answers = [SceneAnswer("front", 5, {"weather": "rain"}, {}), *answers_of(["rain"])]
    score = score_scenes(answers, truths_of(["rain", "rain", "rain"]))
    assert (score.matched, score.unmatched, score.unanswered) == (1, 1, 2)


def test_an_attribute_that_was_not_answered_has_no_counted_frames() -> None:
    accuracy = score_weather([SceneAnswer("front", 0, {}, {})], truths_of(["rain"]))
    assert (accuracy.counted, accuracy.fraction) == (0, None)


def test_confusions_come_most_frequent_first() -> None:
    accuracy = score_weather(
        answers_of(["snow", "clear", "clear"]), truths_of(["rain", "rain", "rain"])
    )
    assert accuracy.confusions == (Confusion("rain", "clear", 2), Confusion("rain", "snow", 1))


def test_hazards_are_scored_as_present_or_absent() -> None:
    truths = [hazard_truth(0, {"road_works": True}), hazard_truth(STEP_NS, {"road_works": True})]
    answers = [
        SceneAnswer("front", 0, {}, {"road_works": True}),
        SceneAnswer("front", STEP_NS, {}, {"road_works": False}),
    ]
    (accuracy,) = score_scenes(answers, truths, settle_ns=0).hazards
    assert accuracy.confusions == (Confusion("present", "absent", 1),)


@given(st.lists(LABELS, min_size=1), st.integers(0, 2 * 10**9))
def test_the_truth_itself_scores_one(weather: list[str], settle_ns: int) -> None:
    accuracy = score_weather(answers_of(weather), truths_of(weather), settle_ns=settle_ns)
    assert accuracy.fraction == 1.0


@given(st.lists(st.tuples(LABELS, st.one_of(st.none(), LABELS)), min_size=1))
def test_order_does_not_matter_and_every_frame_is_accounted_for(
    pairs: list[tuple[str, str | None]],
) -> None:
    answers, truths = answers_of([a for a, _ in pairs]), truths_of([t for _, t in pairs])
    accuracy = score_weather(answers, truths, settle_ns=10**9)
    assert accuracy == score_weather(answers[::-1], truths[::-1], settle_ns=10**9)
    assert accuracy.counted + accuracy.settling + accuracy.untold == len(pairs)
