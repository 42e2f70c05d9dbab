"""Fits the detector to rendered pictures, with checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision.models.detection import FasterRCNN

from scene_clip_ros.models.devices import choose_precision
from scene_clip_ros.models.region_network import (
    RegionConfig,
    build_region_network,
    set_mixed,
)
from scene_clip_ros.training.detection.samples import (
    CLASSES,
    SAMPLE_WH,
    SceneSamples,
    Target,
)
from scene_clip_ros.training.fit_tools import Checkpoint, follow, warm_cosine

Report = Callable[[int, dict[str, float]], None]
Batch = tuple[list[torch.Tensor], list[Target]]

_REPORT_EVERY = 20

_LOSSES = {
    "loss_objectness": "objectness",
    "loss_rpn_box_reg": "proposals",
    "loss_classifier": "classes",
    "loss_box_reg": "boxes",
}


@dataclass(frozen=True, slots=True)
class RegionFitSettings:
    """How the detector is fitted.

    Attributes:
        steps: Optimiser steps.
        samples: A step.
        rate: Peak learning rate.
        trunk_rate: Share of it that the trunk, which has learnt before, gets.
        decay: Weight decay.
        warm_up: Steps until the rate has its peak.
        ema: Share of the moving average that a step keeps.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling and augmentation.
    """

    steps: int = 2400
    samples: int = 12
    rate: float = 1.2e-3
    trunk_rate: float = 0.4
    decay: float = 0.03
    warm_up: int = 100
    ema: float = 0.997
    checkpoint_every: int = 100
    seed: int = 0


@dataclass(slots=True)
class RegionFit:
    """The state of a fit.

    Attributes:
        network: What is fitted.
        averaged: Its moving average, which is what the fit is for.
        step: Steps done.
    """

    network: FasterRCNN
    averaged: FasterRCNN = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        """Start the moving average where the weights are."""
        self.averaged = deepcopy(self.network)


def new_network(trunk_weights: dict[str, torch.Tensor]) -> FasterRCNN:
    """Build an untrained detector whose trunk has learnt to see elsewhere.

    Args:
        trunk_weights: State of the trunk, e.g. of the embedded CLIP's image tower.
    """
    torch.manual_seed(0)
    network = build_region_network(RegionConfig(classes=CLASSES))
    network.backbone.trunk.load_state_dict(trunk_weights)
    _prepare_for_training(network)
    return network


def fit_regions(
    fit: RegionFit,
    data: SceneSamples,
    *,
    settings: RegionFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Fit until ``settings.steps``, resuming from the checkpoint if there is one.

    Args:
        fit: Updated in place.
        data: Where samples come from.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the mean losses now and then.
    """
    optimiser = _make_optimiser(fit.network, settings)
    parts = {
        "network": fit.network,
        "averaged": fit.averaged,
        "optimiser": optimiser,
    }
    kept = Checkpoint(checkpoint, parts)
    fit.step = kept.restore()
    rng = np.random.default_rng([settings.seed, fit.step])
    generator = torch.Generator().manual_seed(settings.seed + fit.step)
    seen: list[dict[str, float]] = []
    fit.network.train()
    while fit.step < settings.steps:
        for group in optimiser.param_groups:
            rate = settings.rate * group["share"]
            group["lr"] = rate * warm_cosine(
                fit.step, steps=settings.steps, warm_up=settings.warm_up
            )
        seen.append(_step(fit, optimiser, data.draw(rng, generator, count=settings.samples)))
        fit.step += 1
        keep = min(settings.ema, fit.step / (fit.step + 10))
        follow(fit.averaged, fit.network, keep=keep)
        if fit.step % _REPORT_EVERY == 0:
            report(fit.step, {n: float(np.mean([s[n] for s in seen])) for n in _LOSSES.values()})
            seen.clear()
        if fit.step % settings.checkpoint_every == 0 or fit.step == settings.steps:
            kept.save(step=fit.step)


def _step(fit: RegionFit, optimiser: torch.optim.Optimizer, batch: Batch) -> dict[str, float]:
    """Do one step of the optimiser; return the losses by name."""
    losses = fit.network(*batch)
    optimiser.zero_grad()
    sum(losses.values()).backward()
    nn.utils.clip_grad_norm_(fit.network.parameters(), 5.0)
    optimiser.step()
    return {name: float(losses[key].detach()) for key, name in _LOSSES.items()}


def _prepare_for_training(network: FasterRCNN) -> None:
    """Compute fast, with fewer proposals than torchvision has for large pictures."""
    set_mixed(network, mixed=choose_precision("auto", torch.device("cpu")) == "bf16")
    network.transform.min_size = (SAMPLE_WH[1],)
    network.transform.max_size = SAMPLE_WH[0]
    rpn, heads = network.rpn, network.roi_heads
    rpn._pre_nms_top_n = {"training": 400, "testing": 400}
    rpn._post_nms_top_n = {"training": 160, "testing": 100}
    rpn.nms_thresh = 0.6
    rpn.fg_bg_sampler.batch_size_per_image = 128
    # Torchvision's 0.7 leaves slender things, as people are, hardly an anchor to learn from.
    rpn.proposal_matcher.high_threshold = 0.5
    heads.fg_bg_sampler.batch_size_per_image = 128
    # A proposal of a small thing is off by a pixel or two, which is a lot of it.
    heads.proposal_matcher.high_threshold = heads.proposal_matcher.low_threshold = 0.5


def _make_optimiser(network: FasterRCNN, settings: RegionFitSettings) -> torch.optim.AdamW:
    trunk = list(network.backbone.trunk.parameters())
    of_trunk = {id(parameter) for parameter in trunk}
    others = [p for p in network.parameters() if id(p) not in of_trunk]
    groups = [
        {"params": trunk, "share": settings.trunk_rate},
        {"params": others, "share": 1.0},
    ]
    return torch.optim.AdamW(
        groups, lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.99)
    )
