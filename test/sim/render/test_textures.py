"""Noise, trees and facades that are painted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.render.facades import facade_texture
from scene_clip_ros.sim.render.noise import TILE, fractal_tile, noise_tile, sample_tile
from scene_clip_ros.sim.render.trees import tree_sprite
from scene_clip_ros.sim.script.props import TREE_KINDS

STYLES = ("office", "flats", "house", "shop")


@pytest.mark.parametrize("cell", [4, 64])
def test_noise_is_standardised_and_tiles(cell: int) -> None:
    tile = noise_tile(3, cell)
    assert tile.shape == (TILE, TILE)
    assert tile.mean() == pytest.approx(0, abs=1e-3)
    assert tile.std() == pytest.approx(1, abs=1e-3)
    seam, inside = np.abs(tile[:, 0] - tile[:, -1]).mean(), np.abs(np.diff(tile)).mean()
    assert seam < 1.5 * inside


def test_fractal_noise_has_fine_and_broad_features() -> None:
    tile = fractal_tile(3)
    assert np.abs(np.diff(tile)).mean() < np.abs(tile[:, 64:] - tile[:, :-64]).mean() / 3


@given(st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_tiles_repeat_without_end(x: int, y: int) -> None:
    tile = noise_tile(3, 4)
    at = np.array([float(x)], np.float32), np.array([float(y)], np.float32)
    assert sample_tile(tile, *at)[0] == tile[y % TILE, x % TILE]


@pytest.mark.parametrize("kind", TREE_KINDS)
def test_a_tree_stands_on_the_lower_edge_of_its_sprite(kind: str) -> None:
    sprite = tree_sprite(kind, 1)
    assert sprite.shape == (160, 120, 4)
    assert ((sprite[..., 3] >= 0) & (sprite[..., 3] <= 1)).all()
    assert ((sprite[..., :3] >= 0) & (sprite[..., :3] <= 256)).all()
    assert sprite[-20:, 50:70, 3].max() > 0.9
    assert (sprite[:, 0, 3] == 0).all()


def test_bare_trees_let_one_see_through() -> None:
    cover = {kind: float(tree_sprite(kind, 1)[..., 3].mean()) for kind in TREE_KINDS}
    assert cover["bare"] < 0.5 * cover["broadleaf"]


@pytest.mark.parametrize("kind", TREE_KINDS)
def test_trees_are_individuals(kind: str) -> None:
    assert not np.array_equal(tree_sprite(kind, 1), tree_sprite(kind, 2))


@pytest.mark.parametrize("style", STYLES)
def test_facades_tile_and_have_windows(style: str) -> None:
    textures = [facade_texture(style, variant) for variant in range(20)]
    assert all(texture.shape == (64, 96, 4) for texture in textures)
    lit = np.array([(texture[..., 3] > 0).mean() for texture in textures])
    assert lit.max() > 0.05
    assert (lit < 0.9).all()
    assert all(((t[..., 3] >= 0) & (t[..., 3] <= 1)).all() for t in textures)
