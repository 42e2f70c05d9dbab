"""Pictures are made smaller, never larger; planes of numbers are stretched."""

from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.media.scaling import fit_height, fit_short_side, stretch_plane


@pytest.mark.parametrize(
    ("size_wh", "expected_wh"),
    [
        pytest.param((1920, 1080), (213, 120), id="full hd"),
        pytest.param((160, 120), (160, 120), id="as high as allowed"),
        pytest.param((50, 40), (50, 40), id="lower"),
        pytest.param((2, 900), (1, 120), id="a line"),
    ],
)
def test_a_picture_keeps_its_proportions(
    size_wh: tuple[int, int], expected_wh: tuple[int, int]
) -> None:
    small = fit_height(np.full((size_wh[1], size_wh[0], 3), 77, np.uint8), max_height=120)

    assert small.shape == (expected_wh[1], expected_wh[0], 3)
    assert np.all(small == 77)
    assert small.dtype == np.uint8


@pytest.mark.parametrize("lines", [240, 480, 1080, 2160])
def test_a_thumbnail_looks_like_its_picture(lines: int) -> None:
    ramp = np.linspace(0, 255, lines * 2).astype(np.uint8)
    rgb = np.broadcast_to(ramp[None, :, None], (lines, lines * 2, 3)).copy()

    small = fit_height(rgb, max_height=120)

    expected = np.linspace(0, 255, 240)
    assert np.abs(small.mean(axis=(0, 2)) - expected).max() < 4


@pytest.mark.parametrize(
    ("size_wh", "expected_wh"),
    [
        pytest.param((8192, 4096), (200, 100), id="large"),
        pytest.param((300, 200), (150, 100), id="half"),
        pytest.param((200, 300), (100, 150), id="upright"),
        pytest.param((900, 100), (900, 100), id="small enough"),
        pytest.param((3, 2), (3, 2), id="smaller"),
    ],
)
def test_the_shorter_side_is_made_to_fit(
    size_wh: tuple[int, int], expected_wh: tuple[int, int]
) -> None:
    small = fit_short_side(np.full((size_wh[1], size_wh[0], 3), 77, np.uint8), max_px=100)

    assert small.shape == (expected_wh[1], expected_wh[0], 3)
    assert np.all(small == 77)
    assert small.dtype == np.uint8


def test_every_pixel_counts_in_a_picture_that_is_made_to_fit() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::8] = 240

    np.testing.assert_allclose(fit_short_side(stripes, max_px=100), 30, atol=1)


def test_a_stretched_plane_is_bilinear_between_the_middles_of_its_cells() -> None:
    plane = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32)

    wide = stretch_plane(plane, (8, 4))

    across = np.clip((np.arange(8) + 0.5) / 4 - 0.5, 0, 1)
    down = np.clip((np.arange(4) + 0.5) / 2 - 0.5, 0, 1)
    np.testing.assert_allclose(wide, across[None] + 2 * down[:, None], atol=1e-6)
    assert wide.dtype == np.float32
