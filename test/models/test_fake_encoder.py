from __future__ import annotations

import numpy as np
import pytest
from colors import BLUE, RED, picture

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.fake_encoder import NAN_COLOR, FakeEncoder


def test_fake_is_an_encoder() -> None:
    encoder: Encoder = FakeEncoder()
    assert encoder.info.dim == 32


def test_picture_is_nearest_to_the_text_that_names_its_color() -> None:
    encoder = FakeEncoder()
    images = encoder.encode_images([picture(RED), picture(BLUE)])
    texts = encoder.encode_texts(["a red car", "a blue car", "a car"])
    assert (images @ texts.T).argmax(axis=1).tolist() == [0, 1]


def test_embeddings_have_unit_length() -> None:
    encoder = FakeEncoder(dim=16)
    rows = [*encoder.encode_images([picture(RED)]), *encoder.encode_texts(["", "rain", "red"])]
    np.testing.assert_allclose([np.linalg.norm(row) for row in rows], 1, atol=1e-6)


def test_nothing_gives_no_rows() -> None:
    assert FakeEncoder().encode_images([]).shape == (0, 32)
    assert FakeEncoder().encode_texts([]).shape == (0, 32)


def test_picture_that_stands_for_nan_fails() -> None:
    with pytest.raises(ModelError, match="got NaN"):
        FakeEncoder().encode_images([picture(RED), picture(NAN_COLOR)])
