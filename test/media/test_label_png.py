from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.label_png import encode_label_png

PALETTE = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)


@given(
    labels=arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=20)),
)
def test_readers_of_palettes_give_back_the_very_labels(labels: ImageArray) -> None:
    png = encode_label_png(labels, PALETTE)

    with Image.open(io.BytesIO(png)) as stored:
        assert stored.mode == "P"
        np.testing.assert_array_equal(np.asarray(stored), labels)


@given(labels=arrays.arrays(np.uint8, (4, 3), elements=st.integers(0, 2)))
def test_other_readers_see_colours(labels: ImageArray) -> None:
    png = encode_label_png(labels, PALETTE[:3])

    np.testing.assert_array_equal(decode_compressed(png), PALETTE[labels])


def test_a_label_without_a_colour_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected labels below 3, got 3"):
        encode_label_png(np.full((2, 2), 3, np.uint8), PALETTE[:3])
