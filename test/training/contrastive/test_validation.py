"""What is held out, and what counts as right of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.training.contrastive.batches import validation_items
from scene_clip_ros.training.contrastive.pairs import Pair, PictureBytes
from scene_clip_ros.training.contrastive.validation import MOST_PAIRS, fitting, split_pairs


def some_pairs(count: int) -> list[Pair]:
    return [Pair(f"{n:04d}", PictureBytes(Path(f"{n}.png")), (f"{n}",)) for n in range(count)]


def test_a_caption_of_several_pictures_fits_each() -> None:
    texts, fits = fitting([("rain", "a bus"), ("rain",)])
    assert texts == ("rain", "a bus")
    assert fits.tolist() == [[True, True], [True, False]]


@given(st.integers(1, 60), st.floats(0, 0.99), st.integers(0, 9))
def test_no_pair_is_both_learnt_and_held_out(count: int, share: float, seed: int) -> None:
    pairs = some_pairs(count)
    learnt, held_out = split_pairs(pairs, share, seed=seed)
    assert sorted([*learnt, *held_out], key=lambda pair: pair.name) == pairs
    assert len(held_out) != 1
    assert not held_out or len(learnt) >= 2
    assert split_pairs(pairs, share, seed=seed) == (learnt, held_out)


def test_no_more_is_held_out_than_tells_something_new() -> None:
    assert len(split_pairs(some_pairs(5 * MOST_PAIRS), 0.5, seed=0)[1]) == MOST_PAIRS


@pytest.mark.parametrize(
    ("count", "sizes"), [(2, [2]), (4, [4]), (5, [5]), (6, [4, 2]), (9, [4, 5])]
)
def test_every_batch_of_what_is_held_out_has_something_to_compare(
    count: int, sizes: list[int]
) -> None:
    assert [len(items) for items in validation_items(some_pairs(count), 4)] == sizes
