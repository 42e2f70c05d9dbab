from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.boxes import iou, suppress
from scene_clip_ros.core.types import FloatArray

COORDINATES = st.integers(-20, 60).map(float)
LABELS = st.sampled_from(["person", "child", "car"])


@st.composite
def boxes(draw: st.DrawFn, max_size: int = 12) -> FloatArray:
    """Boxes of at least 0 × 0 px."""
    rows = draw(st.lists(st.tuples(*[COORDINATES] * 4), max_size=max_size))
    corners = np.array(rows, np.float32).reshape(-1, 2, 2)
    return np.sort(corners, axis=1).reshape(-1, 4)


@st.composite
def detections(draw: st.DrawFn) -> tuple[FloatArray, FloatArray, list[str]]:
    xyxy = draw(boxes())
    scores = draw(st.lists(st.integers(0, 5), min_size=len(xyxy), max_size=len(xyxy)))
    labels = draw(st.lists(LABELS, min_size=len(xyxy), max_size=len(xyxy)))
    return xyxy, np.array(scores, np.float32) / 5, labels


def as_boxes(*rows: tuple[float, float, float, float]) -> FloatArray:
    return np.array(rows, np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param((0, 0, 10, 10), 1.0, id="equal"),
        pytest.param((5, 0, 15, 10), 1 / 3, id="half beside"),
        pytest.param((2, 2, 4, 4), 0.04, id="within"),
        pytest.param((10, 0, 20, 10), 0.0, id="touching"),
        pytest.param((30, 30, 40, 40), 0.0, id="apart in both directions"),
        pytest.param((5, 5, 5, 5), 0.0, id="empty"),
    ],
)
def test_iou_of_two_boxes(second: tuple[float, float, float, float], expected: float) -> None:
    assert iou(as_boxes((0, 0, 10, 10)), as_boxes(second)) == pytest.approx(expected)


def test_iou_of_two_empty_boxes_is_zero() -> None:
    assert iou(as_boxes((1, 1, 1, 1)), as_boxes((1, 1, 1, 1))) == 0.0


@given(boxes(), boxes())
def test_iou_is_a_symmetric_share(first: FloatArray, second: FloatArray) -> None:
    ratio = iou(first, second)

    assert ratio.shape == (len(first), len(second))
    assert ratio.dtype == np.float32
    assert ((ratio >= 0) & (ratio <= 1)).all()
    assert np.allclose(ratio, iou(second, first).T)


@pytest.mark.parametrize(
    ("second", "label", "kept"),
    [
        pytest.param((0, 0, 10, 8), "person", [1], id="same label"),
        pytest.param((0, 0, 10, 8), "child", [1, 0], id="other label"),
        pytest.param((0, 0, 10, 9.8), "child", [1], id="other label, almost equal"),
        pytest.param((0, 0, 10, 4), "person", [1, 0], id="same label, little overlap"),
        pytest.param((0, 0, 10, 5), "person", [1, 0], id="same label, just the limit"),
    ],
)
def test_worse_box_is_left_out_by_overlap_and_label(
    second: tuple[float, float, float, float], label: str, kept: list[int]
) -> None:
    found = suppress(
        as_boxes((0, 0, 10, 10), second),
        np.array([0.5, 0.9], np.float32),
        ["person", label],
        same_iou=0.5,
        other_iou=0.9,
    )

    assert found.tolist() == kept
    assert found.dtype == np.int64


def test_box_left_out_does_not_leave_out_others() -> None:
    chain = as_boxes((0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10))
    scores = np.array([0.9, 0.8, 0.7], np.float32)

    assert suppress(chain, scores, ["car"] * 3, same_iou=0.4, other_iou=0.9).tolist() == [0, 2]


def test_of_equal_scores_the_earlier_box_is_kept() -> None:
    twins = as_boxes((0, 0, 10, 10), (0, 0, 10, 10))

    assert suppress(twins, np.ones(2), ["car"] * 2, same_iou=0.5, other_iou=0.9).tolist() == [0]


def test_nothing_is_kept_of_no_boxes() -> None:
    assert suppress(as_boxes(), np.empty(0), [], same_iou=0.5, other_iou=0.9).shape == (0,)


@given(detections(), st.floats(0.1, 0.6), st.floats(0.6, 0.95))
def test_suppression_is_a_subset_best_first_and_idempotent(
    found: tuple[FloatArray, FloatArray, list[str]], same_iou: float, other_iou: float
) -> None:
    xyxy, scores, labels = found

    kept = suppress(xyxy, scores, labels, same_iou=same_iou, other_iou=other_iou)
    names = [labels[index] for index in kept]
    again = suppress(xyxy[kept], scores[kept], names, same_iou=same_iou, other_iou=other_iou)

    assert len(set(kept.tolist())) == len(kept)
    assert (np.diff(scores[kept]) <= 0).all()
    assert again.tolist() == list(range(len(kept)))


@given(detections())
def test_every_box_left_out_is_covered_by_a_better_one(
    found: tuple[FloatArray, FloatArray, list[str]],
) -> None:
    xyxy, scores, labels = found

    kept = suppress(xyxy, scores, labels, same_iou=0.5, other_iou=0.8)

    overlap = iou(xyxy, xyxy)
    for index in set(range(len(xyxy))) - set(kept.tolist()):
        assert any(
            overlap[index, other] > (0.5 if labels[index] == labels[other] else 0.8)
            and scores[other] >= scores[index]
            for other in kept
        )
