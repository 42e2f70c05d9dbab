from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.runtimes.parity import PICTURES, fixed_pictures, require_parity

ROWS = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]], np.float32)


def test_equal_vectors_of_any_length_pass() -> None:
    assert require_parity(ROWS * 7, ROWS, precision="bf16") == pytest.approx(1.0)


def test_one_row_that_is_off_is_enough_to_fail() -> None:
    off = ROWS.copy()
    off[1] = (0.5, 1.0, 0.0)
    with pytest.raises(ModelError, match=r"cosine of at least 0\.999 to fp32 .* got 0\.00000"):
        require_parity(off, ROWS, precision="bf16")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_vectors_that_are_none_fail(bad: float) -> None:
    with pytest.raises(ModelError, match="expected a cosine"):
        require_parity(np.full_like(ROWS, bad), ROWS, precision="fp32")


def test_other_shape_fails() -> None:
    with pytest.raises(ModelError, match=r"expected outputs of shape \(2, 3\), got \(2, 2\)"):
        require_parity(ROWS[:, :2], ROWS, precision="fp32")


def test_int8_may_be_less_near() -> None:
    near = ROWS + np.array([[0.0, 0.3, 0.0], [0.0, 0.0, 0.1]], np.float32)
    assert 0.99 <= require_parity(near, ROWS, precision="int8") < 0.999
    with pytest.raises(ModelError):
        require_parity(near, ROWS, precision="bf16")


def test_fixed_pictures_are_the_same_and_differ_from_each_other() -> None:
    pictures = fixed_pictures((48, 64))
    assert pictures.shape == (PICTURES, 48, 64, 3)
    np.testing.assert_array_equal(pictures, fixed_pictures((48, 64)))
    flat = pictures.reshape(PICTURES, -1).astype(float)
    assert np.abs(flat[:, None] - flat[None]).mean(axis=2)[~np.eye(PICTURES, dtype=bool)].min() > 5
