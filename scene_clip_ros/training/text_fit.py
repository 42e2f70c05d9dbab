"""Teaches the small text tower to place sentences where the projected teacher places them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from torch import nn
from torch.nn import functional

from scene_clip_ros.training.fit_tools import Checkpoint, warm_cosine

Tokenize = Callable[[Sequence[str]], torch.Tensor]
Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True, slots=True)
class TextFitSettings:
    """How the text tower is fitted.

    Attributes:
        steps: Optimiser steps.
        batch: Sentences a step.
        fixed_share: Share of a batch drawn from the first ``fixed`` sentences of the corpus.
        fixed: Number of sentences that matter most (the vocabulary's and the captions').
        rate: Peak learning rate.
        seed: Of sampling.
    """

    steps: int
    batch: int
    fixed_share: float
    fixed: int
    rate: float = 1e-3
    seed: int = 0


class TextTower(nn.Module):
    """The text half of an open_clip model, as a module of its own."""

    def __init__(self, model: open_clip.CLIP) -> None:
        """Take a model, whose image half is left as it is."""
        super().__init__()
        model.visual.requires_grad_(requires_grad=False)
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed ``(N, C)`` int64 tokens: ``(N, D)`` float32."""
        vectors: torch.Tensor = self.model.encode_text(tokens)
        return vectors


def fit_text(
    tower: nn.Module,
    tokens: torch.Tensor,
    targets: torch.Tensor,
    *,
    settings: TextFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Fit a text tower to target vectors, resuming from the checkpoint if there is one.

    Args:
        tower: ``(N, C)`` tokens to ``(N, D)``; updated in place.
        tokens: ``(S, C)`` int64, all sentences.
        targets: ``(S, D)`` float32, unit length.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the losses now and then.
    """
    fitted = [value for value in tower.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(fitted, lr=settings.rate, weight_decay=0.02, betas=(0.9, 0.98))
    kept = Checkpoint(checkpoint, {"tower": tower, "optimiser": optimiser})
    step = kept.restore()
    rng = np.random.default_rng([settings.seed, step])
    tower.train()
    while step < settings.steps:
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * warm_cosine(step, steps=settings.steps, warm_up=50)
        picked = torch.from_numpy(_pick(rng, len(tokens), settings))
        batch = tokens[picked]
        used = int((batch != 0).sum(dim=1).max())
        losses = _losses(tower, batch, used, targets[picked])
        optimiser.zero_grad(set_to_none=True)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
        step += 1
        if step % 20 == 0:
            report(step, {name: float(value.detach()) for name, value in losses.items()})
        if step % 200 == 0 or step == settings.steps:
            kept.save(step=step)
    tower.eval()


def _pick(rng: np.random.Generator, total: int, settings: TextFitSettings) -> npt.NDArray[np.int64]:
    fixed = round(settings.batch * settings.fixed_share)
    return np.concatenate(
        [rng.integers(0, settings.fixed, fixed), rng.integers(0, total, settings.batch - fixed)]
    )


def _losses(
    tower: nn.Module, tokens: torch.Tensor, used: int, targets: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Return the distance to the teacher, and how differently sentences relate to each other."""
    padded = torch.zeros_like(tokens)
    padded[:, :used] = tokens[:, :used]
    with torch.autocast("cpu", torch.bfloat16):
        raw = tower(padded)
    vectors = functional.normalize(raw.float(), dim=-1)
    near = (1 - (vectors * targets).sum(dim=-1)).mean()
    wanted, got = 12 * targets @ targets.T, 12 * vectors @ targets.T
    relation = functional.kl_div(
        got.log_softmax(-1), wanted.log_softmax(-1), log_target=True, reduction="batchmean"
    )
    return {"distance": near, "relation": relation}
