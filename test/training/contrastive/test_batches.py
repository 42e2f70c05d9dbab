"""Batches depend on seed and step only, and broken pictures are left out of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from colour_pairs import write_folder
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.training.contrastive.batches import PairReader, TrainingOrder, show_part
from scene_clip_ros.training.contrastive.folders import find_pairs
from scene_clip_ros.training.contrastive.pairs import Pair, PictureBytes

PREPROCESSING = Preprocessing((16, 16), (0.5,) * 3, (0.5,) * 3, "bicubic", "squash", 0)


def order(count: int, batch: int, *, seed: int = 0) -> TrainingOrder:
    pairs = [Pair(str(n), PictureBytes(Path(f"{n}.png")), ("a", "b")) for n in range(count)]
    return TrainingOrder(tuple(pairs), batch, 0.5, seed)


@given(st.integers(2, 40), st.integers(2, 9), st.integers(0, 5))
def test_an_epoch_uses_each_pair_at_most_once(count: int, batch: int, epoch: int) -> None:
    drawn = order(count, min(batch, count))
    steps = range(epoch * drawn.steps_per_epoch, (epoch + 1) * drawn.steps_per_epoch)
    names = [item.pair.name for step in steps for item in drawn.items(step)]
    assert len(names) == len(set(names)) == drawn.steps_per_epoch * drawn.batch


def test_a_step_is_the_same_whatever_came_before() -> None:
    drawn = order(20, 4)
    in_order = [drawn.items(step) for step in range(12)]
    assert [drawn.items(step) for step in reversed(range(12))] == in_order[::-1]
    assert in_order[0] != order(20, 4, seed=1).items(0)
    assert {item.caption for items in in_order for item in items} == {"a", "b"}


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0.01, 1), st.floats(0, 1))
def test_a_part_lies_within_the_picture(height: int, width: int, share: float, at: float) -> None:
    rgb = np.zeros((height, width, 3), np.uint8)
    part = show_part(rgb, share=share, at_xy=(at, 1 - at))
    assert part.size > 0
    assert part.shape[0] <= height
    assert part.shape[1] <= width


def test_the_whole_picture_is_a_part() -> None:
    rgb = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    np.testing.assert_array_equal(show_part(rgb, share=1.0, at_xy=(0.7, 0.2)), rgb)


def test_threads_do_not_change_what_is_read(tmp_path: Path) -> None:
    pairs = find_pairs(str(write_folder(tmp_path, 12))).pairs
    drawn = TrainingOrder(pairs, 4, 0.5, 0)
    read = [
        list(
            PairReader(PREPROCESSING, workers=workers, report=print).read(
                map(drawn.items, range(6))
            )
        )
        for workers in (1, 5)
    ]
    for one, five in zip(*read, strict=True):
        assert one is not None
        assert five is not None
        assert torch.equal(one.pixels, five.pixels)
        assert one.captions == five.captions


def test_broken_pictures_leave_smaller_batches_and_are_named_once(tmp_path: Path) -> None:
    pairs = find_pairs(str(write_folder(tmp_path, 4))).pairs
    for name in ("0000.png", "0002.png"):
        (tmp_path / name).write_bytes(b"rubbish")
    told: list[str] = []
    reader = PairReader(PREPROCESSING, workers=2, report=told.append)
    whole = TrainingOrder(pairs, 4, 1.0, 0)
    batches = list(reader.read(map(whole.items, range(3))))
    assert [batch and sorted(pair.name for pair in batch.pairs) for batch in batches] == [
        ["0001.png", "0003.png"]
    ] * 3
    assert sorted(problem.split(":")[0] for problem in told) == ["0000.png", "0002.png"]
    assert reader.broken == told


def test_a_batch_without_two_whole_pictures_is_none(tmp_path: Path) -> None:
    pairs = find_pairs(str(write_folder(tmp_path, 2))).pairs
    (tmp_path / "0000.png").unlink()
    reader = PairReader(PREPROCESSING, workers=1, report=lambda _: None)
    assert list(reader.read(map(TrainingOrder(pairs, 2, 1.0, 0).items, range(2)))) == [None, None]
