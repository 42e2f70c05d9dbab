from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.preprocessing import Preprocessing

CPU = torch.device("cpu")
ROUNDING = 2.5 / 255 / 0.26
"""Two and a half grey levels, in units of the normalised input."""


def smooth_picture(width: int, height: int) -> ImageArray:
    """Return random blobs, as a camera might see: noise would magnify what is only rounding."""
    coarse = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def theirs(config: PreprocessCfg, image: ImageArray) -> torch.Tensor:
    transform = image_transform_v2(config, is_train=False)
    prepared: torch.Tensor = transform(Image.fromarray(image))
    return prepared


@settings(max_examples=60)
@given(
    st.one_of(
        st.tuples(st.integers(20, 190), st.integers(20, 400)),
        st.tuples(st.integers(20, 400), st.integers(20, 190)),
    ),
    st.sampled_from([(64, 64), (48, 80)]),
    st.sampled_from(["shortest", "longest", "squash"]),
    st.sampled_from(["bicubic", "bilinear"]),
)
def test_prepares_pictures_as_open_clip_does(
    picture_wh: tuple[int, int], size_hw: tuple[int, int], resize_mode: str, interpolation: str
) -> None:
    config = PreprocessCfg(
        size=size_hw, resize_mode=resize_mode, interpolation=interpolation, fill_color=90
    )
    image = smooth_picture(*picture_wh)
    ours = Preprocessing.from_config(dataclasses.asdict(config)).batch([image], CPU)[0]
    expected = theirs(config, image)
    assert ours.shape == expected.shape
    assert (ours - expected).abs().max() < ROUNDING


def test_pictures_of_different_sizes_make_one_batch() -> None:
    prepare = Preprocessing.from_config(dataclasses.asdict(PreprocessCfg(size=32)))
    batch = prepare.batch([smooth_picture(90, 60), smooth_picture(40, 200)], CPU)
    assert batch.shape == (2, 3, 32, 32)
    assert batch.dtype == torch.float32


def test_read_only_and_strided_pictures_are_taken() -> None:
    image = smooth_picture(120, 80)
    frozen = image.copy()
    frozen.setflags(write=False)
    mirrored_twice = np.ascontiguousarray(image[:, ::-1])[:, ::-1]
    prepare = Preprocessing.from_config(dataclasses.asdict(PreprocessCfg(size=32)))
    first, second, third = prepare.batch([image, frozen, mirrored_twice], CPU)
    assert torch.equal(first, second)
    assert torch.equal(first, third)


@pytest.mark.parametrize("field", ["resize_mode", "interpolation"])
def test_unknown_choice_is_refused_by_name(field: str) -> None:
    config = {**dataclasses.asdict(PreprocessCfg(size=32)), field: "magic"}
    with pytest.raises(ModelError, match=f"preprocess_cfg.{field}: expected one of .* 'magic'"):
        Preprocessing.from_config(config)


@pytest.mark.parametrize("size_wh", [(1920, 1080), (1281, 721), (400, 1000)], ids=str)
@pytest.mark.parametrize("resize_mode", ["shortest", "longest", "squash"])
def test_far_larger_pictures_are_prepared_as_open_clip_does_but_for_rounding(
    size_wh: tuple[int, int], resize_mode: str
) -> None:
    config = PreprocessCfg(size=(64, 64), resize_mode=resize_mode, interpolation="bicubic")
    image = smooth_picture(*size_wh)
    ours = Preprocessing.from_config(dataclasses.asdict(config)).batch([image], CPU)[0]
    assert (ours - theirs(config, image)).abs().mean() < ROUNDING / 5
    assert (ours - theirs(config, image)).abs().max() < 3 * ROUNDING
