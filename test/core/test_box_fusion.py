from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.box_fusion import FusionRule, QueryScorer
from scene_clip_ros.core.box_types import Proposals, ScoredBox
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.prompts import QueryPrompts
from scene_clip_ros.core.types import FloatArray

AXES = np.eye(4, dtype=np.float32)
DOG, CAT, STREET, OTHER = AXES
KEEP_ALL = FusionRule(min_score=0.0)
KEEP_SOME = FusionRule(min_score=0.01)


def scorer(rule: FusionRule = KEEP_ALL, *, detector_knows: str = "") -> QueryScorer:
    """Look for dogs and cats before a street; the detector may have a class for one of them."""
    return QueryScorer(
        QueryPrompts(("dog", "cat"), np.stack([DOG, CAT]), np.stack([STREET])),
        np.array([[detector_knows == "dog", detector_knows == "cat"]]),
        np.arange(2),
        logit_scale=10.0,
        rule=rule,
    )


def proposals(
    count: int = 1, *, objectness: float = 0.8, class_score: float = 0.0, step: float = 100.0
) -> Proposals:
    """Return boxes of 50 pixels in a row, ``step`` pixels from one to the next."""
    left = np.arange(count, dtype=np.float32) * step
    xyxy = np.stack([left, left * 0, left + 50, left * 0 + 50], axis=1)
    return Proposals(
        xyxy.astype(np.float32),
        np.full(count, objectness, np.float32),
        np.full((count, 1), class_score, np.float32),
    )


def mixed(share: float) -> FloatArray:
    """Return a picture between a dog and a street."""
    row = share * DOG + (1 - share) * STREET
    return np.asarray(row / np.linalg.norm(row), np.float32)[None]


def score(embedding: FloatArray, **options: float) -> ScoredBox:
    (box,) = scorer().score(proposals(**options), embedding)
    return box


def test_a_box_gets_the_query_that_fits_best() -> None:
    boxes = scorer().score(proposals(2), np.stack([CAT, DOG]))
    assert {box.xyxy[0]: box.label for box in boxes} == {0.0: "cat", 100.0: "dog"}
    assert [box.cosine for box in boxes] == [1.0, 1.0]


def test_without_a_class_the_score_is_the_geometric_mean_of_language_and_objectness() -> None:
    box = score(DOG[None], objectness=0.64)
    assert box.score == pytest.approx(np.sqrt(0.64 * np.exp(10) / (np.exp(10) + 2)), rel=1e-4)
    assert box.detector_score == 0.0


def test_what_looks_like_the_background_scores_low() -> None:
    assert score(mixed(0.2)).score < 0.2
    assert score(mixed(0.9)).score > 0.7


def test_the_class_of_the_detector_confirms_or_refutes() -> None:
    looks = mixed(0.55)
    confirmed, refuted = (
        scorer(detector_knows="dog").score(proposals(class_score=said), looks)[0]
        for said in (0.95, 0.02)
    )
    assert confirmed.label == "dog"
    assert confirmed.detector_score == pytest.approx(0.95)
    assert confirmed.score > score(looks).score > refuted.score


def test_queries_without_a_class_are_not_judged_by_the_detector() -> None:
    alone = score(CAT[None])
    found = scorer(KEEP_SOME, detector_knows="dog").score(proposals(class_score=0.0), CAT[None])
    (beside,) = found
    assert (beside.label, beside.score) == ("cat", pytest.approx(alone.score))


def test_low_scores_are_left_out() -> None:
    assert scorer(FusionRule(min_score=0.5)).score(proposals(), STREET[None]) == ()


def test_a_query_that_only_the_contrasts_fit_worse_is_not_found() -> None:
    rule = FusionRule(min_score=0.0, cosine_floor=0.3)
    looks = OTHER + 0.2 * DOG
    looks = np.asarray(looks / np.linalg.norm(looks), np.float32)[None]
    assert scorer(rule).score(proposals(), looks)[0].score == 0.0
    assert scorer().score(proposals(), looks)[0].score > 0.5
    (vouched,) = scorer(rule, detector_knows="dog").score(proposals(class_score=0.9), looks)
    assert vouched.score > 0.5


def test_of_duplicates_the_better_is_kept() -> None:
    looks = np.concatenate([mixed(0.6), mixed(0.9)])
    (kept,) = scorer().score(proposals(2, step=10.0), looks)
    assert kept.xyxy[0] == 10.0


def test_things_of_two_kinds_may_overlap() -> None:
    boxes = scorer().score(proposals(2, step=12.0), np.stack([DOG, CAT]))
    assert {box.label for box in boxes} == {"dog", "cat"}


def live(*others: str) -> QueryScorer:
    """Look for persons, whom the detector knows, and live for what only language knows."""
    seen = {"person": DOG, "red umbrella": CAT, "parasol": (CAT + STREET) / np.sqrt(2)}
    names = ("person", *others)
    return QueryScorer(
        QueryPrompts(names, np.stack([seen[name] for name in names]), np.stack([STREET])),
        np.array([[name == "person" for name in names]]),
        np.arange(len(names)),
        logit_scale=100.0,
        rule=FusionRule(),
    )


UNDER_UMBRELLA = (0.45 * DOG + 0.60 * CAT + np.sqrt(1 - 0.45**2 - 0.60**2) * OTHER)[None]


def test_a_live_query_takes_no_person_away() -> None:
    found = proposals(2, step=8.0, objectness=0.9, class_score=0.95)
    looks = np.repeat(UNDER_UMBRELLA, 2, axis=0)
    alone = live().score(found, looks)
    assert [box.label for box in alone] == ["person"]

    for others in (("red umbrella",), ("red umbrella", "parasol")):
        beside = live(*others).score(found, looks)
        assert [box for box in beside if box.label == "person"] == list(alone)
        assert [box.label for box in beside if box.label != "person"] == ["red umbrella"]
        assert list(beside) == sorted(beside, key=lambda box: -box.score)


def test_what_only_language_knows_competes_with_what_the_detector_knows() -> None:
    looks = (0.60 * DOG + 0.45 * CAT + np.sqrt(1 - 0.45**2 - 0.60**2) * OTHER)[None]
    found = proposals(objectness=0.9, class_score=0.95)
    assert [box.label for box in live("red umbrella").score(found, looks)] == ["person"]


@pytest.mark.parametrize(
    ("language_score", "labels"),
    [(0.9, ["person", "red umbrella"]), (0.99, ["person"])],
)
def test_language_alone_must_be_surer(language_score: float, labels: list[str]) -> None:
    scorer = live("red umbrella")
    surer = replace(scorer, rule=replace(scorer.rule, language_score=language_score))
    found = proposals(objectness=0.9, class_score=0.95)
    assert sorted(box.label for box in surer.score(found, UNDER_UMBRELLA)) == labels


def test_what_only_language_knows_is_told_by_name() -> None:
    assert live("red umbrella", "parasol").language_only == {"red umbrella", "parasol"}
    assert family_scorer(own_class=False).language_only == frozenset()


def test_nothing_proposed_or_asked_gives_no_boxes() -> None:
    nothing = QueryPrompts((), AXES[:0], AXES[:0])
    nobody = np.zeros(0, np.int64)
    blind = QueryScorer(nothing, np.zeros((1, 0), bool), nobody, logit_scale=10.0, rule=KEEP_ALL)
    assert scorer().score(proposals(0), AXES[:0]) == ()
    assert blind.score(proposals(2), AXES[:2]) == ()


def family_scorer(*, own_class: bool) -> QueryScorer:
    """Look for persons and, as a kind of them, children; the detector knows one or both."""
    return QueryScorer(
        QueryPrompts(("person", "child"), np.stack([DOG, CAT]), np.stack([STREET])),
        np.array([[True, False], [False, own_class]]),
        np.array([0, 0]),
        logit_scale=10.0,
        rule=KEEP_ALL,
    )


def in_doubt(person: float, child: float, *, count: int = 1) -> Proposals:
    found = proposals(count, step=8.0)
    shares = np.tile(np.array([[person, child]], np.float32), (count, 1))
    return Proposals(found.xyxy, found.objectness, shares)


def test_doubt_about_the_kind_is_no_doubt_about_the_family() -> None:
    looks = np.asarray((DOG + CAT) / np.sqrt(2), np.float32)[None]
    (box,) = family_scorer(own_class=True).score(in_doubt(0.4, 0.5), looks)
    assert box.label == "child"
    assert box.detector_score == pytest.approx(0.9)
    assert (
        box.score > scorer(detector_knows="cat").score(proposals(class_score=0.5), looks)[0].score
    )


def test_language_tells_the_kind_where_the_detector_has_no_class_for_it() -> None:
    for looks, label in ((DOG, "person"), (CAT, "child")):
        (box,) = family_scorer(own_class=False).score(in_doubt(0.9, 0.0), looks[None])
        assert (box.label, box.detector_score) == (label, pytest.approx(0.9))


def test_language_tells_the_kind_where_the_detector_knows_none_of_the_family() -> None:
    blind = QueryScorer(
        QueryPrompts(("person", "child"), np.stack([DOG, CAT]), np.stack([STREET])),
        np.zeros((1, 2), bool),
        np.array([0, 0]),
        logit_scale=10.0,
        rule=KEEP_ALL,
    )
    for looks, label in ((DOG, "person"), (CAT, "child")):
        (box,) = blind.score(proposals(), looks[None])
        assert (box.label, box.cosine) == (label, pytest.approx(1.0))


def test_one_thing_has_one_box_of_a_family() -> None:
    boxes = family_scorer(own_class=True).score(in_doubt(0.4, 0.4, count=2), np.stack([DOG, CAT]))
    assert len(boxes) == 1


@given(
    rows=st.lists(
        st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4).filter(
            lambda row: np.linalg.norm(row) > 0.1
        ),
        min_size=1,
        max_size=8,
    ),
    objectness=st.floats(0, 1, width=32),
    class_score=st.floats(0, 1, width=32),
)
def test_scores_are_shares_and_come_in_order(
    rows: list[list[float]], objectness: float, class_score: float
) -> None:
    looks = np.array(rows, np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    found = proposals(len(rows), objectness=objectness, class_score=class_score)
    boxes = scorer(detector_knows="cat").score(found, looks)

    scores = [box.score for box in boxes]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= value <= 1 for value in scores)
    assert {box.xyxy for box in boxes} <= {tuple(row) for row in found.xyxy.tolist()}


@pytest.mark.parametrize("field", ["detector_weight", "min_score", "same_iou", "other_iou"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_rules_out_of_range_are_refused(field: str, value: float) -> None:
    with pytest.raises(ParameterError, match=rf"{field}: expected a number in \[0, 1\], got"):
        FusionRule(**{field: value})


@given(
    seed=st.integers(0, 10_000),
    knows=st.sampled_from(["", "dog", "cat"]),
    min_score=st.floats(0, 1),
    language_score=st.floats(0, 1),
    detector_weight=st.floats(0, 1),
)
def test_what_cannot_be_told_may_be_left_out(seed: int, knows: str, **thresholds: float) -> None:
    rng = np.random.default_rng(seed)
    found = replace(
        proposals(12, step=30.0),
        objectness=rng.uniform(0, 1, 12).astype(np.float32),
        class_scores=rng.uniform(0, 1, (12, 1)).astype(np.float32) ** 4,
    )
    shown = rng.uniform(0, 1, (12, 4)).astype(np.float32)
    shown /= np.linalg.norm(shown, axis=1, keepdims=True)
    judge = scorer(FusionRule(**thresholds), detector_knows=knows)

    may_be_told = judge.may_be_told(found)

    assert judge.score(found.where(may_be_told), shown[may_be_told]) == judge.score(found, shown)


def test_regions_that_nobody_can_vouch_for_are_not_worth_a_look() -> None:
    found = replace(
        proposals(3),
        objectness=np.array([1.0, 0.01, 0.9], np.float32),
        class_scores=np.array([[0.0], [0.9], [0.9]], np.float32),
    )
    judge = scorer(FusionRule(min_score=0.3, language_score=0.95), detector_knows="dog")

    # The first is surely a thing of which language may yet be sure.
    assert judge.may_be_told(found).tolist() == [True, True, True]
    strict = scorer(FusionRule(min_score=0.7, language_score=1.0), detector_knows="dog")
    assert strict.may_be_told(found).tolist() == [True, False, True]
