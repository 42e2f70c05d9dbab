"""What the fits of all models share: rate schedule, moving average, checkpoints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import nn

_FLOOR = 0.02


def warm_cosine(step: int, *, steps: int, warm_up: int) -> float:
    """Return the share of the peak learning rate at a step.

    It rises linearly and falls along half a cosine (Loshchilov and Hutter, "SGDR", ICLR 2017), to
    2 % of the peak.

    Args:
        step: Steps done, in [0, ``steps``].
        steps: Steps of the whole fit, ≥ 1.
        warm_up: Steps until the peak, ≥ 1.
    """
    fall = _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return min(1.0, (step + 1) / warm_up) * fall


@torch.no_grad()
def follow(averaged: nn.Module, live: nn.Module, *, keep: float) -> None:
    """Move an average towards the weights that are fitted.

    Args:
        averaged: Of the same architecture as ``live``; changed in place. Counts are copied.
        live: What is fitted.
        keep: Share of the average that stays, in [0, 1].
    """
    new = live.state_dict()
    for name, value in averaged.state_dict().items():
        if value.dtype.is_floating_point:
            value.lerp_(new[name], 1 - keep)
        else:
            value.copy_(new[name])


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint aside and rename it, so that a killed run leaves the old one whole."""
    aside = path.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(path)


def save_fit(path: Path, tower: nn.Module, optimiser: torch.optim.Optimizer, *, step: int) -> None:
    """Write the checkpoint of a fit of one tower, see `save_state`."""
    state = {"tower": tower.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    save_state(path, state)


def restore_fit(path: Path, tower: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Read what `save_fit` wrote, if it is there; return the steps done, 0 if it is not."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    tower.load_state_dict(state["tower"])
    optimiser.load_state_dict(state["optimiser"])
    step: int = state["step"]
    return step
