"""The floor of the cosines of things."""

from __future__ import annotations

import numpy as np
import pytest
from two_axes import TwoAxes

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.report.true_boxes import TrueBox
from scene_clip_ros.training.calibrate_boxes import fit_box_floor

VOCABULARY = Vocabulary(queries=(QuerySpec("hound", ("a dog",)), QuerySpec("stairs", ("a step",))))
ENCODER = TwoAxes(bright="dog", dark="step")


def picture(level: int) -> ImageArray:
    return np.full((100, 100, 3), level, np.uint8)


def thing(kind: str = "dog", *, side: float = 40.0, visible: float = 1.0) -> TrueBox:
    return TrueBox(0, kind, (10.0, 10.0, 10.0 + side, 10.0 + side), visible, 5.0)


def test_nine_of_ten_things_are_above_the_floor() -> None:
    levels = range(100, 250, 5)
    floor = fit_box_floor(ENCODER, VOCABULARY, [(picture(v), [thing()]) for v in levels])
    cosines = np.sin([v / 255 * np.pi / 2 for v in levels])
    assert floor is not None
    assert np.mean(cosines >= floor) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    "boxes",
    [
        pytest.param([], id="empty road"),
        pytest.param([thing(side=3.0)], id="too small"),
        pytest.param([thing(visible=0.2)], id="hidden"),
        pytest.param([thing("bus")], id="nobody asks"),
    ],
)
def test_what_cannot_be_judged_sets_no_floor(boxes: list[TrueBox]) -> None:
    assert fit_box_floor(ENCODER, VOCABULARY, [(picture(0), boxes)]) is None
