"""Fits the image tower, and a projection of the teacher's sentences, to rendered pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scene_clip_ros.training.augment import augment
from scene_clip_ros.training.fit_tools import Checkpoint, Stateful, follow, warm_cosine
from scene_clip_ros.training.pictures import Batch, CaptionedPictures

Report = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True, slots=True)
class ImageFitSettings:
    """How the image tower is fitted.

    Attributes:
        steps: Optimiser steps.
        frames: Whole pictures a step.
        crops: Pictures of single things a step.
        size: Input side in pixels.
        rate: Peak learning rate.
        decay: Weight decay.
        caption_weight: Weight of the caption loss against the label losses.
        ema: Share of the moving average that a step keeps.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling and augmentation.
    """

    steps: int = 3000
    frames: int = 72
    crops: int = 24
    size: int = 128
    rate: float = 2e-3
    decay: float = 0.05
    caption_weight: float = 0.3
    ema: float = 0.998
    checkpoint_every: int = 200
    seed: int = 0


class TextProjection(nn.Module):
    """Maps the teacher's sentence space into the model's."""

    def __init__(self, teacher_dim: int, dim: int) -> None:
        """Start from a random linear map."""
        super().__init__()
        self.linear = nn.Linear(teacher_dim, dim, bias=True)

    def forward(self, sentences: torch.Tensor) -> torch.Tensor:
        """Map ``(..., teacher_dim)`` to ``(..., dim)`` of unit length."""
        return functional.normalize(self.linear(sentences), dim=-1)


@dataclass(slots=True)
class ImageFit:
    """The state of a fit; ``tower`` and ``projection`` are what it is for.

    Attributes:
        tower: Image tower, ``(N, 3, size, size)`` to ``(N, D)``.
        projection: Of the teacher's sentences.
        log_scale: Logarithm of the logit scale.
        averaged: Moving average of tower and projection.
        step: Steps done.
    """

    tower: nn.Module
    projection: TextProjection
    log_scale: nn.Parameter = field(
        default_factory=lambda: nn.Parameter(torch.tensor(math.log(14.0)))
    )
    averaged: nn.ModuleDict = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        """Start the moving average where the weights are."""
        self.averaged = deepcopy(
            nn.ModuleDict({"tower": self.tower, "projection": self.projection})
        )

    def parameters(self) -> list[nn.Parameter]:
        """Return everything that is fitted."""
        return [*self.tower.parameters(), *self.projection.parameters(), self.log_scale]


def fit_images(
    fit: ImageFit,
    data: CaptionedPictures,
    *,
    settings: ImageFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Fit until ``settings.steps``, resuming from the checkpoint if there is one.

    Args:
        fit: Updated in place.
        data: Pictures with sentences, as the teacher embeds them.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the losses now and then.
    """
    optimiser = torch.optim.AdamW(
        fit.parameters(), lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.98)
    )
    parts: dict[str, Stateful] = {
        "tower": fit.tower,
        "projection": fit.projection,
        "averaged": fit.averaged,
        "scale": nn.ParameterDict({"log_scale": fit.log_scale}),
        "optimiser": optimiser,
    }
    kept = Checkpoint(checkpoint, parts)
    fit.step = kept.restore()
    rng = np.random.default_rng([settings.seed, fit.step])
    generator = torch.Generator().manual_seed(settings.seed + fit.step)
    live = nn.ModuleDict({"tower": fit.tower, "projection": fit.projection})
    fit.tower.train()
    while fit.step < settings.steps:
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * warm_cosine(
                fit.step, steps=settings.steps, warm_up=max(1, settings.steps // 25)
            )
        batch = data.draw(rng, frames=settings.frames, crops=settings.crops)
        losses = _losses(fit, batch, settings, generator)
        total = sum(losses.values(), torch.zeros(()))
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fit.parameters(), 5.0)
        optimiser.step()
        fit.log_scale.data.clamp_(math.log(5.0), math.log(60.0))
        fit.step += 1
        keep = min(settings.ema, (1 + fit.step) / (10 + fit.step))
        follow(fit.averaged, live, keep=keep)
        if fit.step % 20 == 0:
            report(fit.step, {name: float(value.detach()) for name, value in losses.items()})
        if fit.step % settings.checkpoint_every == 0 or fit.step == settings.steps:
            kept.save(step=fit.step)


def _losses(
    fit: ImageFit, batch: Batch, settings: ImageFitSettings, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    pictures = torch.cat(
        [
            augment(batch.frames, settings.size, generator),
            augment(batch.crops, settings.size, generator),
        ]
    )
    with torch.autocast("cpu", torch.bfloat16):
        raw = fit.tower(pictures.contiguous(memory_format=torch.channels_last))
    vectors = functional.normalize(raw.float(), dim=-1)
    whole, things = vectors[: settings.frames], vectors[settings.frames :]
    scale = fit.log_scale.exp()
    losses = {}
    for name, labels in batch.labels.items():
        known = labels >= 0
        logits = scale * whole[known] @ fit.projection(batch.label_sentences[name]).T
        losses[name] = (
            functional.cross_entropy(logits, labels[known], label_smoothing=0.03)
            if bool(known.any())
            else whole.sum() * 0
        )
    for name, present in batch.hazards.items():
        logits = scale * whole @ fit.projection(batch.hazard_sentences[name]).T
        weight = torch.tensor((1.0, 2.5))
        losses[name] = 0.5 * functional.cross_entropy(logits, present, weight=weight)
    logits = scale * things @ fit.projection(batch.thing_sentences).T
    losses["things"] = 0.6 * functional.cross_entropy(logits, batch.things, label_smoothing=0.03)
    sentences = fit.projection(batch.captions)
    losses["captions"] = settings.caption_weight * _contrast(
        scale * whole @ sentences.T, batch.captions
    )
    return losses


def _contrast(logits: torch.Tensor, captions: torch.Tensor) -> torch.Tensor:
    """Return CLIP's symmetric loss; pictures under the same caption share the target."""
    same = (captions @ captions.T > 0.999).float()
    target = same / same.sum(dim=1, keepdim=True)
    both = functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    return both / 2
