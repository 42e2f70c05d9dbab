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

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.training.fit_tools import Checkpoint, follow, warm_cosine
from scene_clip_ros.training.masks.network import SIDE
from scene_clip_ros.training.masks.samples import MaskSamples

Report = Callable[[int, dict[str, float]], None]

_REPORT_EVERY = 20
_TEXT_BATCH = 256
_MOST_EMPHASIS = 8.0


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
        noise: Length of what is added to an embedded prompt at random, as a share of its own, so
            that texts near the wordings of training mean the same.
        emphasis: On marked pixels at first, see `mask_losses`; it falls to none.
        decay: Weight decay.
        warm_up: Steps until the rate has its peak.
        ema: Share of the moving average that a step keeps.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling and augmentation.
    """

    steps: int = 4500
    samples: int = 24
    prompts: int = 4
    side: int = SIDE
    small_side: int = 160
    small_share: float = 0.36
    rate: float = 2e-3
    noise: float = 0.25
    emphasis: float = 0.5
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
        targets: How many targets there are, T.
        tutor: Tells from the image tower alone what every patch shows. The decoder learns too
            slowly to teach the tower anything; with the tutor it finds something to decode.
        averaged: Moving average of the network, which is what the fit is for.
        step: Steps done.
    """

    network: CLIPSegForImageSegmentation
    targets: int
    tutor: nn.Linear = field(init=False)
    averaged: CLIPSegForImageSegmentation = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        """Start the moving average where the weights are."""
        self.tutor = nn.Linear(self.network.config.vision_config.hidden_size, self.targets)
        self.averaged = deepcopy(self.network)

    def parameters(self) -> list[nn.Parameter]:
        """Return everything that is fitted."""
        network = [each for each in self.network.parameters() if each.requires_grad]
        return [*network, *self.tutor.parameters()]


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

    Raises:
        ModelError: The checkpoint has done more steps than are wanted.
    """
    fitted = fit.parameters()
    optimiser = torch.optim.AdamW(
        fitted, lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.98)
    )
    parts = {
        "network": fit.network,
        "tutor": fit.tutor,
        "averaged": fit.averaged,
        "optimiser": optimiser,
    }
    kept = Checkpoint(checkpoint, parts)
    fit.step = kept.restore()
    if fit.step > settings.steps:
        message = f"{checkpoint}: expected at most {settings.steps} steps done, got {fit.step}"
        raise ModelError(message)
    rng = np.random.default_rng([settings.seed, fit.step])
    generator = torch.Generator().manual_seed(settings.seed + fit.step)
    done: list[dict[str, float]] = []
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
        emphasis = settings.emphasis * (1 - fit.step / settings.steps)
        seen = look(fit.network, batch.pictures)
        asked = blur(prompts[batch.prompts], settings.noise, generator)
        logits = decode(fit.network, seen, asked)
        losses = mask_losses(logits, batch.targets, emphasis=emphasis)
        losses["tutor"] = tutor_loss(fit.tutor(seen[-1][:, 1:]), batch.shares)
        optimiser.zero_grad(set_to_none=True)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
        fit.step += 1
        done.append({name: float(value.detach()) for name, value in losses.items()})
        follow(fit.averaged, fit.network, keep=min(settings.ema, fit.step / (fit.step + 10)))
        if fit.step % _REPORT_EVERY == 0:
            report(fit.step, {n: float(np.mean([s[n] for s in done])) for n in losses})
            done.clear()
        if fit.step % settings.checkpoint_every == 0 or fit.step == settings.steps:
            kept.save(step=fit.step)


def look(network: CLIPSegForImageSegmentation, pictures: torch.Tensor) -> list[torch.Tensor]:
    """Return the activations that the decoder takes, ``(N, 1 + g * g, width)`` each."""
    seen = network.clip.vision_model(pictures, output_hidden_states=True).hidden_states
    return [seen[layer + 1] for layer in network.extract_layers]


def blur(rows: torch.Tensor, noise: float, generator: torch.Generator) -> torch.Tensor:
    """Add Gaussian noise to embeddings, ``(..., D)``; see `MaskFitSettings.noise`."""
    step = torch.randn(rows.shape, generator=generator) / rows.shape[-1] ** 0.5
    moved: torch.Tensor = rows + noise * rows.norm(dim=-1, keepdim=True) * step
    return moved


def decode(
    network: CLIPSegForImageSegmentation, seen: list[torch.Tensor], prompts: torch.Tensor
) -> torch.Tensor:
    """Return logits of what `look` saw.

    Args:
        network: Whose decoder is asked.
        seen: Activations of N pictures.
        prompts: ``(N, P, D)`` float32, embedded.

    Returns:
        ``(N, P, S, S)`` float32.
    """
    count, each, _ = prompts.shape
    layers = tuple(layer.repeat_interleave(each, dim=0) for layer in seen)
    logits: torch.Tensor = network.decoder(layers, prompts.flatten(0, 1)).logits
    return logits.view(count, each, *logits.shape[-2:])


def tutor_loss(logits: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of what patches show, added up over the targets.

    Args:
        logits: ``(N, g * g, T)``.
        shares: ``(N, T, g, g)`` in [0, 1].
    """
    wanted = shares.flatten(2).transpose(1, 2)
    each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return 0.5 * each.sum(dim=2).mean()


def mask_losses(
    logits: torch.Tensor, targets: torch.Tensor, *, emphasis: float = 0.0
) -> dict[str, torch.Tensor]:
    """Return the losses to be added up.

    ``pixels`` is the binary cross-entropy of every pixel; ``overlap`` the soft Dice loss of every
    mask (Milletari et al., "V-Net", 3DV 2016), without which small things count for nothing.

    Args:
        logits: ``(N, P, H, W)`` float32.
        targets: The same shape, 0 or 1.
        emphasis: How much more a marked pixel counts than another in a mask that is mostly empty:
            the power of the ratio of their numbers, in [0, 1].
    """
    marked = logits.sigmoid()
    both = (marked * targets).sum(dim=(2, 3))
    each = marked.sum(dim=(2, 3)) + targets.sum(dim=(2, 3))
    there = targets.flatten(2).any(dim=2)
    dice = 1 - (2 * both + 1) / (each + 1)
    share = targets.mean(dim=(2, 3), keepdim=True).clamp(min=1e-3)
    weight = ((1 - share) / share).pow(emphasis).clamp(1, _MOST_EMPHASIS)
    pixels = functional.binary_cross_entropy_with_logits(
        logits, targets, 1 + (weight - 1) * targets
    )
    return {
        "pixels": 2 * pixels,
        "overlap": 0.5 * (dice * there).sum() / there.sum().clamp(min=1),
    }
