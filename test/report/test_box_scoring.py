"""Scoring of boxes against the truth."""

from __future__ import annotations

import pytest
from drives import at, found, scored, true, truth
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.box_matching import FrameMatches
from scene_clip_ros.report.box_scoring import average_precision, find_limit, score_boxes

HERE, THERE = at(100, 100), at(400, 100)
VERDICTS = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()))


@pytest.mark.parametrize(
    ("verdicts", "counted", "expected"),
    [
        pytest.param([], 2, 0.0, id="nothing found"),
        pytest.param([(0.9, True), (0.8, True)], 2, 1.0, id="perfect"),
        pytest.param([(0.9, True), (0.8, False)], 2, 0.5, id="half of the things"),
        pytest.param([(0.9, False), (0.8, True)], 1, 0.5, id="false box first"),
        pytest.param([(0.9, True), (0.1, False)], 1, 1.0, id="false box last"),
        pytest.param([(0.5, True), (0.5, False)], 1, 0.5, id="equal scores"),
        pytest.param(
            [(0.9, True), (0.8, False), (0.7, True), (0.6, True)],
            4,
            (1 + 0.75 + 0.75) / 4,
            id="raised to the precision at more recall",
        ),
    ],
)
def test_average_precision_is_that_of_pascal_voc(
    verdicts: list[tuple[float, bool]], counted: int, expected: float
) -> None:
    assert average_precision(verdicts, counted=counted) == pytest.approx(expected)


def test_average_precision_of_nothing_is_not_known() -> None:
    assert average_precision([(0.9, False)], counted=0) is None


@given(VERDICTS, st.integers(0, 5))
def test_average_precision_is_a_share_and_order_does_not_matter(
    verdicts: list[tuple[float, bool]], missed: int
) -> None:
    counted = missed + sum(is_right for _, is_right in verdicts)
    value = average_precision(verdicts, counted=counted)
    assert value == average_precision(verdicts[::-1], counted=counted)
    assert (value is None) == (counted == 0)
    if value is not None:
        assert 0 <= value <= 1 - missed / counted + 1e-9


@given(VERDICTS)
def test_a_further_false_box_never_raises_average_precision(
    verdicts: list[tuple[float, bool]],
) -> None:
    counted = 1 + sum(is_right for _, is_right in verdicts)
    before = average_precision(verdicts, counted=counted)
    after = average_precision([*verdicts, (0.5, False)], counted=counted)
    assert before is not None
    assert after is not None
    assert after <= before


def test_recall_and_false_boxes_of_people_are_counted_over_frames() -> None:
    truths = [truth(true("adult", HERE)), truth(true("baby", THERE), frame=1), truth(frame=2)]
    said = [
        found(scored("person", HERE), scored("person", THERE)),
        found(frame=1),
        found(scored("vehicle", HERE), frame=2),
    ]
    score = score_boxes(said, truths)
    assert (score.frames, score.people.recall) == (3, 0.5)
    assert score.false_per_frame == pytest.approx(1 / 3)
    assert [(k.kind, k.found, k.counted) for k in score.people.kinds] == [
        ("adult", 1, 1),
        ("baby", 0, 1),
    ]


def test_mean_is_over_the_groups_that_occur() -> None:
    truths = [truth(true("adult", HERE), true("van", THERE))]
    score = score_boxes([found(scored("person", HERE), scored("animal", THERE))], truths)
    values = {group.name: group.average_precision for group in score.groups}
    assert values == {
        "people": 1.0,
        "cyclists": None,
        "vehicles": 0.0,
        "animals": None,
        "cones": None,
    }
    assert score.map50 == 0.5


def test_frames_of_one_side_only_are_passed_over() -> None:
    truths = [truth(true("adult", HERE)), truth(true("adult", HERE), frame=1)]
    score = score_boxes([found(scored("person", HERE)), found(frame=5)], truths)
    assert (score.frames, score.people.counted) == (1, 1)


def test_nothing_to_compare_is_no_score() -> None:
    score = score_boxes([], [])
    assert (score.frames, score.people.recall, score.false_per_frame) == (0, None, None)
    assert (score.map50, score.people_limit) == (None, None)


def test_drives_with_cameras_of_their_own_add_up() -> None:
    truths = [truth(true("adult", HERE), camera=name) for name in ("drive0", "drive1")]
    said = [found(scored("person", HERE), camera="drive1"), found(camera="drive0")]
    assert score_boxes(said, truths).people.recall == 0.5


def test_single_cameras_match_whatever_their_names() -> None:
    said = [found(scored("person", HERE), camera="clip")]
    assert score_boxes(said, [truth(true("adult", HERE))]).people.recall == 1.0


def frame(*verdicts: tuple[float, bool], missed: int = 0) -> FrameMatches:
    person = true("adult", HERE)
    right = sum(is_right for _, is_right in verdicts)
    return FrameMatches(verdicts, (person,) * right, (person,) * missed)


def test_limit_is_the_lowest_threshold_that_is_allowed() -> None:
    frames = [frame((0.9, True), (0.4, False)), frame((0.6, False), (0.5, True))]
    limit = find_limit(frames, false_per_frame=0.5)
    assert limit is not None
    assert (limit.min_score, limit.recall, limit.false_per_frame) == (0.5, 1.0, 0.5)


def test_a_threshold_does_not_part_equal_scores() -> None:
    frames = [frame((0.9, True), (0.5, True), (0.5, False))]
    limit = find_limit(frames, false_per_frame=0.0)
    assert limit is not None
    assert (limit.min_score, limit.recall) == (0.9, 0.5)


@pytest.mark.parametrize(
    "frames",
    [[], [frame((0.9, False))], [frame((0.9, False), (0.8, True))]],
    ids=["no frames", "no people", "false from the start"],
)
def test_there_may_be_no_limit(frames: list[FrameMatches]) -> None:
    assert find_limit(frames, false_per_frame=0.1) is None
