from __future__ import annotations

import numpy as np
import pytest
from colors import BLUE, RED, picture

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.fake_encoder import NAN_COLOR
from scene_clip_ros.models.fake_segmenter import FakeSegmenter


def test_a_prompt_means_the_pixels_of_its_colour() -> None:
    image = picture(RED, size_wh=(40, 20))
    image[:, 20:] = BLUE

    red, blue, green = FakeSegmenter(size_hw=(2, 4)).segment(
        [image], ["a red thing", "something blue", "green"]
    )[0]

    np.testing.assert_array_equal(red > 0, [[True, True, False, False]] * 2)
    np.testing.assert_array_equal(blue > 0, red < 0)
    assert (green < 0).all()


def test_a_prompt_without_a_colour_means_nothing() -> None:
    logits = FakeSegmenter().segment([picture(RED)], ["road"])

    assert (logits < 0).all()


@pytest.mark.parametrize(("images", "prompts"), [(0, 2), (2, 0)])
def test_nothing_to_do_gives_nothing(images: int, prompts: int) -> None:
    logits = FakeSegmenter().segment([picture(RED)] * images, ["red"] * prompts)

    assert logits.shape == (images, prompts, 32, 32)


def test_a_bad_picture_is_an_error() -> None:
    with pytest.raises(ModelError, match="expected finite logits"):
        FakeSegmenter().segment([picture(NAN_COLOR)], ["red"])
