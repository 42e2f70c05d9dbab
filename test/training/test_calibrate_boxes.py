"""The floor of the cosines of things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.models.encoder import EncoderInfo
from scene_clip_ros.report.true_boxes import TrueBox
from scene_clip_ros.training.calibrate_boxes import fit_box_floor

VOCABULARY = Vocabulary(queries=(QuerySpec("hound", ("a dog",)), QuerySpec("stairs", ("a step",))))


class BrightIsDog:
    """Embeds a crop by how bright it is; ``a dog`` is where white is."""

    info = EncoderInfo("bright", 2, "cpu", "fp32", "test", 10.0)

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        turn = np.array([image.mean() / 255 * np.pi / 2 for image in images])
        return np.stack([np.sin(turn), np.cos(turn)], axis=1).astype(np.float32)

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return np.array([[1.0, 0.0] if "dog" in text else [0.0, 1.0] for text in texts], np.float32)


def picture(level: int) -> ImageArray:
    return np.full((100, 100, 3), level, np.uint8)


def thing(kind: str = "dog", *, side: float = 40.0, visible: float = 1.0) -> TrueBox:
    return TrueBox(0, kind, (10.0, 10.0, 10.0 + side, 10.0 + side), visible, 5.0)


def test_nine_of_ten_things_are_above_the_floor() -> None:
    levels = range(100, 250, 5)
    floor = fit_box_floor(BrightIsDog(), VOCABULARY, [(picture(v), [thing()]) for v in levels])
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
    assert fit_box_floor(BrightIsDog(), VOCABULARY, [(picture(0), boxes)]) is None
