"""Fits CLIPSeg's image tower and decoder to rendered masks, with checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPSegForImageSegmentation, CLIPTokenizer

from scene_clip_ros.training.fit_tools import follow, save_state, warm_cosine
from scene_clip_ros.training.masks.network import SIDE
from scene_clip_ros.training.masks.samples import MaskBatch, MaskSamples

Report = Callable[[int, dict[str, float]], None]

_REPORT_EVERY = 20
_TEXT_BATCH = 256


@dataclass(frozen=True, slots=True)
class MaskFitSettings:
    """How masks are fitted.

    Attributes:
        steps: Optimiser steps.
        samples: Pictures a step.
        prompts: Prompts a picture.
        side: Of the pictures at the end, pixels.
        small_side: Of the pictures at first, which are looked at in a third of the time.
        small_share: Share of the steps that see small pictures.
        rate: Peak learning rate.
        decay: Weight decay.
        warm_up: Steps until the rate has its peak.
        ema: Share of the moving average that a step keeps.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling and augmentation.
    """

    steps: int = 3400
    samples: int = 24
    prompts: int = 4
    side: int = SIDE
    small_side: int = 160
    small_share: float = 0.75
    rate: float = 1e-3
    decay: float = 0.05
    warm_up: int = 150
    ema: float = 0.997
    checkpoint_every: int = 100
    seed: int = 0


@dataclass(slots=True)
class MaskFit:
    """The state of a fit.

    Attributes:
        network: What is fitted.
        averaged: Its moving average, which is what the fit is for.
        step: Steps done.
    """

    network: CLIPSegForImageSegmentation
    averaged: CLIPSegForImageSegmentation = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        """Start the moving average where the weights are."""
        self.averaged = deepcopy(self.network)


@torch.no_grad()
def embed_prompts(
    network: CLIPSegForImageSegmentation, tokenizer: CLIPTokenizer, texts: tuple[str, ...]
) -> torch.Tensor:
    """Return what the decoder is conditioned on, ``(N, D)`` float32."""
    rows = []
    for start in range(0, len(texts), _TEXT_BATCH):
        batch = list(texts[start : start + _TEXT_BATCH])
        ids = tokenizer(batch, padding=True, truncation=True, return_tensors="pt")["input_ids"]
        rows.append(network.clip.get_text_features(ids).pooler_output)
    return torch.cat(rows)


def fit_masks(
    fit: MaskFit,
    data: MaskSamples,
    prompts: torch.Tensor,
    *,
    settings: MaskFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Fit until ``settings.steps``, resuming from the checkpoint if there is one.

    Args:
        fit: Updated in place.
        data: Where samples come from.
        prompts: ``(T, D)`` float32, the embedded prompts of the samples' table.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the mean losses now and then.
    """
    fitted = [parameter for parameter in fit.network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(
        fitted, lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.98)
    )
    if checkpoint.exists():
        _restore(fit, optimiser, checkpoint)
    rng = np.random.default_rng([settings.seed, fit.step])
    generator = torch.Generator().manual_seed(settings.seed + fit.step)
    seen: list[dict[str, float]] = []
    fit.network.train()
    while fit.step < settings.steps:
        for group in optimiser.param_groups:
            share = warm_cosine(fit.step, steps=settings.steps, warm_up=settings.warm_up)
            group["lr"] = settings.rate * share
        is_small = fit.step < settings.small_share * settings.steps
        batch = data.draw(
            rng,
            generator,
            count=settings.samples,
            prompts=settings.prompts,
            side=settings.small_side if is_small else settings.side,
        )
        losses = mask_losses(predict(fit.network, batch, prompts), batch.targets)
        optimiser.zero_grad(set_to_none=True)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
        fit.step += 1
        seen.append({name: float(value.detach()) for name, value in losses.items()})
        follow(fit.averaged, fit.network, keep=min(settings.ema, fit.step / (fit.step + 10)))
        if fit.step % _REPORT_EVERY == 0:
            report(fit.step, {n: float(np.mean([s[n] for s in seen])) for n in losses})
            seen.clear()
        if fit.step % settings.checkpoint_every == 0 or fit.step == settings.steps:
            _save(fit, optimiser, checkpoint)


def predict(
    network: CLIPSegForImageSegmentation, batch: MaskBatch, prompts: torch.Tensor
) -> torch.Tensor:
    """Return ``(N, P, S, S)`` float32 logits; every picture is looked at once."""
    count, each = batch.prompts.shape
    seen = network.clip.vision_model(batch.pictures, output_hidden_states=True).hidden_states
    layers = tuple(seen[i + 1].repeat_interleave(each, dim=0) for i in network.extract_layers)
    logits: torch.Tensor = network.decoder(layers, prompts[batch.prompts.flatten()]).logits
    return logits.view(count, each, *logits.shape[-2:])


def mask_losses(logits: torch.Tensor, targets: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the losses to be added up.

    ``pixels`` is the binary cross-entropy of every pixel; ``overlap`` the soft Dice loss of every
    mask (Milletari et al., "V-Net", 3DV 2016), without which small things count for nothing.

    Args:
        logits: ``(N, P, H, W)`` float32.
        targets: The same shape, 0 or 1.
    """
    marked = logits.sigmoid()
    both = (marked * targets).sum(dim=(2, 3))
    each = marked.sum(dim=(2, 3)) + targets.sum(dim=(2, 3))
    there = targets.flatten(2).any(dim=2)
    dice = 1 - (2 * both + 1) / (each + 1)
    return {
        "pixels": functional.binary_cross_entropy_with_logits(logits, targets),
        "overlap": 0.5 * (dice * there).sum() / there.sum().clamp(min=1),
    }


def _save(fit: MaskFit, optimiser: torch.optim.Optimizer, path: Path) -> None:
    state = {
        "network": fit.network.state_dict(),
        "averaged": fit.averaged.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": fit.step,
    }
    save_state(path, state)


def _restore(fit: MaskFit, optimiser: torch.optim.Optimizer, path: Path) -> None:
    state = torch.load(path, weights_only=True)
    fit.network.load_state_dict(state["network"])
    fit.averaged.load_state_dict(state["averaged"])
    optimiser.load_state_dict(state["optimiser"])
    fit.step = state["step"]
