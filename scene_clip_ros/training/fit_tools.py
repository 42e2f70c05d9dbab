"""What the fits of all models share: rate schedule, moving average, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

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


class Stateful(Protocol):
    """What can be kept: a module or an optimiser."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> object:
        """Take the state of one like it."""


class Checkpoint:
    """The file that a fit keeps its state in.

    Args:
        path: Written aside and renamed, see `save_state`.
        parts: What the state is made of, by name.
    """

    def __init__(self, path: Path, parts: Mapping[str, Stateful]) -> None:
        """Note what to keep; nothing is read yet."""
        self._path = path
        self._parts = dict(parts)

    def save(self, *, step: int) -> None:
        """Write the state after a number of steps."""
        state = {name: part.state_dict() for name, part in self._parts.items()}
        save_state(self._path, {**state, "step": step})

    def restore(self) -> int:
        """Take the state from the file, if it is there; return the steps done, 0 if it is not."""
        if not self._path.exists():
            return 0
        state = torch.load(self._path, weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        step: int = state["step"]
        return step
