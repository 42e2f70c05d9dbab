"""Rates rise and fall, averages follow, checkpoints are whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from scene_clip_ros.training.fit_tools import Checkpoint, follow, save_state, warm_cosine

STEPS, WARM_UP = 200, 20


def test_the_rate_rises_to_its_peak_and_falls_to_next_to_nothing() -> None:
    rates = [warm_cosine(step, steps=STEPS, warm_up=WARM_UP) for step in range(STEPS + 1)]
    peak = max(range(STEPS + 1), key=rates.__getitem__)
    assert abs(peak - WARM_UP) < 5
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[peak] > 0.95
    assert rates[-1] == pytest.approx(0.02)


def test_an_average_moves_by_what_it_does_not_keep_and_counts_are_copied() -> None:
    averaged, live = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.constant_(live.weight, 3.0)
    assert live.num_batches_tracked is not None
    live.num_batches_tracked.fill_(7)
    follow(averaged, live, keep=0.75)
    assert averaged.weight.tolist() == pytest.approx([1.5, 1.5])
    assert averaged.state_dict()["num_batches_tracked"] == 7


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "fit.pt"
    save_state(path, {"step": 1})
    with pytest.raises(AttributeError):
        save_state(path, {"step": lambda: None})
    assert torch.load(path, weights_only=True) == {"step": 1}


def test_a_checkpoint_gives_every_part_its_state_back(tmp_path: Path) -> None:
    def checkpoint_of(network: nn.Module) -> Checkpoint:
        optimiser = torch.optim.AdamW(network.parameters(), lr=0.1)
        parts = {"network": network, "optimiser": optimiser}
        network(torch.ones(1, 2)).sum().backward()
        optimiser.step()
        return Checkpoint(tmp_path / "fit.pt", parts)

    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    assert checkpoint_of(first).restore() == 0
    checkpoint_of(first).save(step=7)
    assert checkpoint_of(second).restore() == 7
    assert second.weight.tolist() == first.weight.tolist()
