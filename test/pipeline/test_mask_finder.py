from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from colors import BLUE, GREEN, RED, frame, picture

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.masks import MaskPrompts
from scene_clip_ros.core.types import FloatArray, Frame, ImageArray
from scene_clip_ros.media.scaling import stretch_plane
from scene_clip_ros.models.fake_encoder import NAN_COLOR
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.pipeline.mask_finder import MaskFinder

PROMPTS = MaskPrompts(("a blue thing", "something red"))


def halves(size_wh: tuple[int, int] = (64, 32)) -> Frame:
    """Return a frame that is red on the left and green on the right."""
    rgb = picture(RED, size_wh=size_wh)
    rgb[:, size_wh[0] // 2 :] = GREEN
    return Frame("front", 7, rgb)


def finder(segmenter: FakeSegmenter | None = None) -> MaskFinder:
    return MaskFinder(segmenter or FakeSegmenter(), stretch=stretch_plane)


@pytest.mark.parametrize("size_wh", [(64, 32), (1, 1), (31, 100), (640, 360)])
def test_a_mask_has_the_size_of_its_frame(size_wh: tuple[int, int]) -> None:
    (mask,) = finder().find([halves(size_wh)], PROMPTS)

    assert mask.labels.shape == (size_wh[1], size_wh[0])
    assert mask.labels.dtype == np.uint8


def test_pixels_bear_the_label_of_their_prompt() -> None:
    (mask,) = finder().find([halves()], PROMPTS)

    assert (mask.camera, mask.stamp_ns, mask.names) == ("front", 7, PROMPTS.texts)
    assert (mask.labels[:, :30] == 2).all()
    assert (mask.labels[:, 34:] == 0).all()
    assert mask.coverage == (0.0, pytest.approx(0.5, abs=0.03))


def test_borders_lie_where_the_logits_between_two_cells_reach_the_limit() -> None:
    (mask,) = finder(FakeSegmenter(size_hw=(4, 4))).find([halves((400, 40))], PROMPTS)

    assert (mask.labels[:, :200] == 2).all()
    assert (mask.labels[:, 200:] == 0).all()


def test_frames_of_several_sizes_each_get_their_own_mask() -> None:
    masks = finder().find([frame(RED), halves(), frame(BLUE)], PROMPTS)

    assert [mask.coverage for mask in masks[::2]] == [(0.0, 1.0), (1.0, 0.0)]
    assert masks[1].labels.shape == (32, 64)


def test_no_frames_give_no_masks() -> None:
    assert finder().find([], PROMPTS) == []


def test_many_prompts_give_what_few_give() -> None:
    names = tuple(f"thing {number}" for number in range(100))

    (mask,) = finder().find([halves()], MaskPrompts((*names, "red", "green")))

    assert set(np.unique(mask.labels)) == {101, 102}


def test_a_bad_picture_is_an_error() -> None:
    with pytest.raises(ModelError, match="expected finite logits"):
        finder().find([halves(), frame(NAN_COLOR)], PROMPTS)


class Careless(FakeSegmenter):
    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        return super().segment(images, prompts)[:, :1]


def test_a_model_that_forgets_a_prompt_is_an_error() -> None:
    with pytest.raises(
        ModelError, match=r"expected logits of shape \(2, 32, 32\) for each frame, got \(1,"
    ):
        finder(Careless()).find([halves()], PROMPTS)
