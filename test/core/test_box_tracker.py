from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street import NOISY, SIZE_WH, Detector, Walker, clip, drive_past, make_box

from scene_clip_ros.core.box_tracker import BoxTracker, TrackRule
from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.smoothing import NS_PER_S

RULE = TrackRule()
STILL: Xyxy = (100.0, 100.0, 140.0, 220.0)
STEP_NS = NS_PER_S // 10

DETECTIONS = st.builds(
    lambda left, top, width, height, label, score: make_box(
        clip((left, top, left + width, top + height)), label, score=score
    ),
    left=st.floats(0, 1280),
    top=st.floats(0, 720),
    width=st.floats(0, 300),
    height=st.floats(0, 300),
    label=st.sampled_from(["person", "child", "car"]),
    score=st.floats(0, 1),
)
FRAMES = st.lists(
    st.tuples(st.integers(0, NS_PER_S), st.lists(DETECTIONS, max_size=6)), max_size=20
)


def track(
    frames: Iterable[FrameBoxes], *, tracker: BoxTracker | None = None
) -> list[tuple[ScoredBox, ...]]:
    tracker = tracker or BoxTracker(RULE)
    return [tracker.update(f.stamp_ns, f.boxes, size_wh=f.size_wh) for f in frames]


def follow(boxes: Iterable[ScoredBox | None], *, rule: TrackRule = RULE) -> list[ScoredBox | None]:
    """Return what is told of one object at 10 Hz; None: it is missed, or not told."""
    tracker = BoxTracker(rule)
    told = []
    for index, box in enumerate(boxes):
        seen = [] if box is None else [box]
        found = tracker.update(index * STEP_NS, seen, size_wh=SIZE_WH)
        told.append(found[0] if found else None)
    return told


def find_ids(told: Iterable[ScoredBox | None]) -> set[int]:
    return {box.track_id for box in told if box is not None}


def middle_x(xyxy: Xyxy) -> float:
    return (xyxy[0] + xyxy[2]) / 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("walker", "ego_mps"),
    [
        pytest.param(Walker(0.5, 30.0), 7.0, id="straight ahead"),
        pytest.param(Walker(-4.0, 25.0, 1.5), 5.0, id="crossing"),
        pytest.param(
            Walker(2.0, 31.0, -0.5, height_m=0.45, width_m=0.7, label="baby"), 5.0, id="10 px baby"
        ),
        pytest.param(Walker(-6.0, 20.0, 5.0, width_m=1.7, label="cyclist"), 3.0, id="cyclist"),
    ],
)
def test_one_person_keeps_one_id(walker: Walker, ego_mps: float, seed: int) -> None:
    drive = drive_past(
        (walker,), seconds=3.0, ego_mps=ego_mps, detector=Detector(miss_rate=0.2, seed=seed)
    )

    told = track(frame for frame, _ in drive)

    assert {box.track_id for boxes in told for box in boxes} == {0}


@pytest.mark.parametrize("missed", [1, 3, 5])
def test_id_lasts_through_misses(missed: int) -> None:
    drive = [frame for frame, _ in drive_past((Walker(-3.0, 20.0, 1.4),), seconds=3.0)]
    gap = [replace(frame, boxes=()) for frame in drive[12 : 12 + missed]]

    told = track([*drive[:12], *gap, *drive[12 + missed :]])

    assert {box.track_id for boxes in told for box in boxes} == {0}


def test_object_lost_for_too_long_gets_another_id() -> None:
    told = follow([make_box(STILL)] * 3 + [None] * 9 + [make_box(STILL)])

    assert find_ids(told[:3]) == {0}
    assert find_ids(told[3:]) == {1}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("is_merged", [False, True], ids=["both seen", "one hides the other"])
def test_two_people_who_cross_each_other_keep_their_ids(seed: int, *, is_merged: bool) -> None:
    walkers = (Walker(-3.0, 15.0, 1.4), Walker(3.0, 15.0, -1.4, height_m=1.4, label="child"))
    detector = replace(NOISY, seed=seed)
    ids = defaultdict(set)
    tracker = BoxTracker(RULE)
    for frame, now in drive_past(walkers, seconds=4.2, ego_mps=0.0, detector=detector):
        apart_m = abs(now[0].across_m - now[1].across_m)
        boxes = frame.boxes[:1] if is_merged and apart_m < 0.25 else frame.boxes
        for box in tracker.update(frame.stamp_ns, boxes, size_wh=SIZE_WH):
            if apart_m > 1.0:
                who = min((0, 1), key=lambda i: abs(middle_x(now[i].xyxy) - middle_x(box.xyxy)))
                ids[who].add(box.track_id)

    assert len(ids[0]) == len(ids[1]) == 1
    assert ids[0] != ids[1]


def test_label_that_flips_for_a_moment_does_not_flip_the_published_label() -> None:
    labels = ["person"] * 6 + ["child"] + ["person"] * 3 + ["child"] * 2 + ["person"] * 5

    told = follow(make_box(STILL, label) for label in labels)

    assert {box.label for box in told} == {"person"}
    assert find_ids(told) == {0}


def test_label_follows_the_majority() -> None:
    told = follow(make_box(STILL, label) for label in ["person"] * 3 + ["child"] * 12)
    labels = [box.label for box in told]

    assert labels[:4] == ["person"] * 4
    assert labels[-5:] == ["child"] * 5
    assert len(list(itertools.groupby(labels))) == 2


def test_evidence_is_that_of_the_published_label() -> None:
    person = replace(make_box(STILL, "person"), cosine=0.3, detector_score=0.8)
    child = replace(make_box(STILL, "child"), cosine=0.2, detector_score=0.0)

    told = follow([person, person, person, child])[-1]

    assert (told.label, told.cosine, told.detector_score) == ("person", 0.3, 0.8)


@pytest.mark.parametrize(
    ("rule", "scores", "told"),
    [
        pytest.param(RULE, [0.7], [True], id="sure: at once"),
        pytest.param(RULE, [0.4, 0.4], [False, True], id="unsure: from the second sighting"),
        pytest.param(RULE, [0.4, None, 0.4], [False, False, True], id="unsure: over a miss"),
        pytest.param(
            TrackRule(confirm_hits=4), [0.4, 0.4, 0.7, 0.4], [False, False, True, True], id="later"
        ),
        pytest.param(TrackRule(confirm_hits=1), [0.1], [True], id="everything"),
    ],
)
def test_object_is_told_when_it_is_certain(
    rule: TrackRule, scores: list[float | None], told: list[bool]
) -> None:
    boxes = [None if score is None else make_box(STILL, score=score) for score in scores]

    assert [box is not None for box in follow(boxes, rule=rule)] == told


def test_missed_object_is_not_told() -> None:
    assert follow([make_box(STILL), None])[1] is None


def test_score_is_smoothed_along_the_track() -> None:
    told = follow([make_box(STILL, score=0.8), make_box(STILL, score=0.4)])

    assert told[1].score == pytest.approx(0.4 + 0.4 * math.exp(-0.1 / 0.25))


def test_published_boxes_are_nearer_to_the_truth_than_detected_ones() -> None:
    walker, detected, published = Walker(0.5, 30.0), [], []
    for seed in range(10):
        tracker = BoxTracker(RULE)
        drive = drive_past((walker,), seconds=3.5, detector=Detector(miss_rate=0.0, seed=seed))
        for frame, now in drive:
            told = tracker.update(frame.stamp_ns, frame.boxes, size_wh=SIZE_WH)
            detected.append(np.subtract(frame.boxes[0].xyxy, clip(now[0].xyxy)))
            published.append(np.subtract(told[0].xyxy, clip(now[0].xyxy)))

    assert np.std(published) < 0.85 * np.std(detected)
    assert abs(np.mean(published)) < 0.2


def test_jump_back_in_time_starts_anew_with_new_ids() -> None:
    tracker = BoxTracker(RULE)
    tracker.update(5 * NS_PER_S, [make_box(STILL)], size_wh=SIZE_WH)

    told = tracker.update(4 * NS_PER_S, [make_box(STILL)], size_wh=SIZE_WH)

    assert find_ids(told) == {1}


WEAK_RULE = replace(RULE, min_score=0.4, sure_score=0.4)


def test_weak_boxes_carry_on_what_is_known_and_start_nothing() -> None:
    tracker = BoxTracker(WEAK_RULE)
    known, other = STILL, (300.0, 100.0, 340.0, 220.0)
    tracker.update(0, [make_box(known, score=0.9)], size_wh=SIZE_WH)

    told = tracker.update(
        STEP_NS, [make_box(known, score=0.2), make_box(other, score=0.3)], size_wh=SIZE_WH
    )

    assert find_ids(told) == {0}
    assert 0.4 < told[0].score < 0.9


def test_an_object_that_stays_weak_is_told_no_more_until_it_is_strong_again() -> None:
    tracker = BoxTracker(WEAK_RULE)
    scores = [0.9, *[0.2] * 20, *[0.9] * 10]

    told = [
        tracker.update(i * STEP_NS, [make_box(STILL, score=score)], size_wh=SIZE_WH)
        for i, score in enumerate(scores)
    ]

    assert find_ids(told[0]) == find_ids(told[-1]) == {0}
    assert told[20] == ()


def test_a_strong_box_is_the_object_before_a_weak_one_is() -> None:
    tracker = BoxTracker(WEAK_RULE)
    tracker.update(0, [make_box(STILL, score=0.9)], size_wh=SIZE_WH)
    beside = (104.0, 100.0, 144.0, 220.0)

    (told,) = tracker.update(
        STEP_NS, [make_box(STILL, score=0.2), make_box(beside, score=0.9)], size_wh=SIZE_WH
    )

    assert told.track_id == 0
    assert told.score == pytest.approx(0.9)


def test_a_restart_forgets_objects_and_takes_another_rule() -> None:
    tracker = BoxTracker(RULE)
    tracker.update(0, [make_box(STILL)], size_wh=SIZE_WH)

    tracker.restart(replace(RULE, sure_score=1.0, confirm_hits=2))

    assert tracker.update(STEP_NS, [make_box(STILL)], size_wh=SIZE_WH) == ()
    assert find_ids(tracker.update(2 * STEP_NS, [make_box(STILL)], size_wh=SIZE_WH)) == {1}


def test_labels_of_former_queries_are_told_no_more() -> None:
    tracker, moving = (
        BoxTracker(RULE),
        [(100.0 + 4 * i, 100.0, 140.0 + 4 * i, 220.0) for i in range(40)],
    )

    def see(step: int, label: str, score: float) -> ScoredBox:
        seen = make_box(moving[step], label, score=score)
        (told,) = tracker.update(step * STEP_NS, [seen], size_wh=SIZE_WH)
        return told

    before = [see(step, "vehicle", 0.9) for step in range(30)][-1]
    tracker.forget_labels()
    after = [see(step, "red car", 0.7) for step in range(30, 33)]

    assert [box.label for box in after] == ["red car"] * 3
    assert find_ids([before, *after]) == {0}
    assert [box.score for box in after] == pytest.approx([0.7] * 3)
    assert middle_x(after[0].xyxy) == pytest.approx(middle_x(moving[30]), abs=0.5)


def test_an_object_that_new_queries_fit_badly_is_told_no_more() -> None:
    tracker = BoxTracker(WEAK_RULE)
    for step in range(10):
        tracker.update(step * STEP_NS, [make_box(STILL, "vehicle", score=0.9)], size_wh=SIZE_WH)

    tracker.forget_labels()

    weak = [make_box(STILL, "purple elephant", score=0.2)]
    assert tracker.update(10 * STEP_NS, weak, size_wh=SIZE_WH) == ()


def test_labels_that_are_followed_apart_take_nobody_over() -> None:
    tracker = BoxTracker(RULE, apart=frozenset({"red umbrella", "parasol"}))

    def see(step: int, *labels: str) -> list[tuple[str, int]]:
        boxes = [make_box(STILL, label) for label in labels]
        told = tracker.update(step * STEP_NS, boxes, size_wh=SIZE_WH)
        return [(box.label, box.track_id) for box in told]

    assert [see(step, "red umbrella") for step in range(30)] == [[("red umbrella", 0)]] * 30
    assert see(30, "person") == [("person", 1)]
    assert see(31, "red umbrella", "person") == [("red umbrella", 0), ("person", 1)]
    assert see(32, "parasol", "child") == [("red umbrella", 0), ("person", 1)]


@pytest.mark.parametrize("t_ns", [0, 5 * NS_PER_S], ids=["never stamped", "stuck"])
def test_pictures_of_one_stamp_are_followed_without_a_past(t_ns: int) -> None:
    tracker = BoxTracker(RULE)

    def see(*boxes: ScoredBox) -> tuple[ScoredBox, ...]:
        return tracker.update(t_ns, boxes, size_wh=SIZE_WH)

    see(make_box(STILL, "person", score=0.9))
    moved = (110.0, 100.0, 150.0, 220.0)
    (told,) = see(make_box(moved, "child", score=0.7))
    assert (told.track_id, told.label, told.score) == (0, "child", 0.7)
    assert told.xyxy == pytest.approx(moved, abs=0.5)

    see()
    assert find_ids(see(make_box(moved, score=0.9))) == {1}


def test_other_size_of_the_picture_starts_anew() -> None:
    tracker = BoxTracker(RULE)
    tracker.update(0, [make_box(STILL)], size_wh=SIZE_WH)

    assert find_ids(tracker.update(STEP_NS, [make_box(STILL)], size_wh=(640, 360))) == {1}


def test_no_boxes_give_no_objects() -> None:
    assert BoxTracker(RULE).update(0, [], size_wh=SIZE_WH) == ()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("min_iou", 0.0),
        ("max_lost_s", -1.0),
        ("tau_s", math.nan),
        ("sure_score", 2.0),
        ("confirm_hits", 0),
    ],
)
def test_rule_out_of_range_is_refused(setting: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"{setting}: expected a number in"):
        TrackRule(**{setting: value})


@settings(max_examples=60)
@given(FRAMES)
def test_whatever_is_detected_objects_are_clipped_finite_and_in_order(
    frames: list[tuple[int, list[ScoredBox]]],
) -> None:
    tracker, t_ns = BoxTracker(RULE), 0
    for elapsed_ns, boxes in frames:
        t_ns += elapsed_ns
        told = tracker.update(t_ns, boxes, size_wh=SIZE_WH)
        ids = [box.track_id for box in told]
        corners = np.array([box.xyxy for box in told]).reshape(-1, 4)
        scores = [box.score for box in told]
        assert len(told) <= len(boxes)
        assert len(set(ids)) == len(ids)
        assert scores == sorted(scores, reverse=True)
        assert ((corners >= 0) & (corners <= (*SIZE_WH, *SIZE_WH))).all()
        assert (corners[:, :2] <= corners[:, 2:]).all()
        assert all(0 <= score <= 1 for score in scores)


@given(st.permutations(range(5)))
def test_order_of_the_boxes_does_not_decide_which_is_which(order: list[int]) -> None:
    tracker = BoxTracker(RULE)
    people = [make_box((200.0 * i, 100.0, 200.0 * i + 40, 220.0)) for i in range(5)]
    told = tracker.update(0, people, size_wh=SIZE_WH)

    shuffled = tracker.update(STEP_NS, [people[i] for i in order], size_wh=SIZE_WH)

    assert [box.xyxy for box in shuffled] == [box.xyxy for box in told]
    assert [box.track_id for box in shuffled] == list(range(5))


@settings(max_examples=60)
@given(FRAMES)
def test_ids_are_never_given_again_after_a_loss(
    frames: list[tuple[int, list[ScoredBox]]],
) -> None:
    tracker, t_ns, last_seen = BoxTracker(RULE), 0, {}
    for elapsed_ns, boxes in frames:
        t_ns += elapsed_ns
        for box in tracker.update(t_ns, boxes, size_wh=SIZE_WH):
            lost_ns = t_ns - last_seen.get(box.track_id, t_ns)
            assert lost_ns <= RULE.max_lost_s * NS_PER_S
            last_seen[box.track_id] = t_ns
