"""Fits a model to pairs, and goes on exactly where a run was cut off."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from scene_clip_ros.core.errors import ModelError, SourceError
from scene_clip_ros.report.fit_rows import FitRow
from scene_clip_ros.training.contrastive.batches import (
    Batch,
    PairReader,
    TrainingOrder,
    validation_items,
)
from scene_clip_ros.training.contrastive.pairs import Pair
from scene_clip_ros.training.contrastive.towers import Towers
from scene_clip_ros.training.contrastive.validation import Validation, validate
from scene_clip_ros.training.fit_tools import save_state, warm_cosine

_MOST_LOG_SCALE = math.log(100.0)
"""As in CLIP: a larger scale makes fits unstable."""

OnRow = Callable[[FitRow], None]


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How a model is fitted.

    Attributes:
        steps: Of the optimiser, ≥ 1.
        warm_up: Steps until the learning rate has its peak, ≥ 1.
        rate: Peak learning rate.
        decay: Weight decay; of matrices only, as in CLIP.
        parts: In which a batch is computed, if it is too large for the memory.
        seed: Of dropout.
        validate_every: Steps.
        checkpoint_every: Steps.
        row_every: Steps between rows of the log.
    """

    steps: int
    warm_up: int = 1
    rate: float = 5e-4
    decay: float = 0.2
    parts: int = 1
    seed: int = 0
    validate_every: int = 100
    checkpoint_every: int = 100
    row_every: int = 1


@dataclass(slots=True)
class _Progress:
    """What a checkpoint keeps beside weights; the seconds are of all runs."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0


class ContrastiveFit:
    """A model, its optimiser and the pairs that it is fitted to."""

    def __init__(
        self,
        towers: Towers,
        order: TrainingOrder,
        *,
        held_out: Sequence[Pair],
        reader: PairReader,
        settings: FitSettings,
    ) -> None:
        """Make the optimiser.

        Args:
            towers: Of the model, which is fitted in place.
            order: What is trained on, when.
            held_out: What is validated on, if anything.
            reader: Of the pictures.
            settings: How.
        """
        self._towers = towers
        self._order = order
        self._held_out = held_out
        self._reader = reader
        self._settings = settings
        self._optimiser = _optimiser(towers, settings)
        self._progress = _Progress()

    @property
    def step(self) -> int:
        """Steps done."""
        return self._progress.step

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what a checkpoint holds, see `run`."""
        self._towers.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._progress = _Progress(state["step"], list(state["losses"]), state["seconds"])
        self._reader.broken[:] = state["broken"]

    def run(self, checkpoint: Path, identity: str, *, on_row: OnRow) -> None:
        """Fit until all steps are done.

        Args:
            checkpoint: File that state is kept in, written aside and renamed.
            identity: Of the run; kept with the state.
            on_row: Told how the fit stands, before the first step, and then now and then.

        Raises:
            SourceError: Hardly a picture of a batch can be read.
            ModelError: The loss is no longer a number.
        """
        settings = self._settings
        if self.step == 0:
            on_row(self._row(self._validated(), pictures=0, seconds=1.0))
        steps = range(self.step, settings.steps)
        began = since = time.monotonic()
        before, pictures = self._progress.seconds, 0
        self._towers.to_train_mode()
        for batch in self._reader.read(map(self._order.items, steps)):
            pictures += self._take_step(batch)
            self._progress.seconds = before + time.monotonic() - began
            is_last = self.step == settings.steps
            is_due = is_last or self.step % settings.validate_every == 0
            if is_due or self.step % settings.row_every == 0:
                seconds = time.monotonic() - since
                validation = self._validated() if is_due else None
                on_row(self._row(validation, pictures=pictures, seconds=seconds))
                self._progress.losses, pictures, since = [], 0, time.monotonic()
            if is_last or self.step % settings.checkpoint_every == 0:
                self._save(checkpoint, identity)

    def _take_step(self, batch: Batch | None) -> int:
        """Fit to a batch; return its number of pictures."""
        if batch is None:
            message = f"step {self.step + 1}: expected pictures, got a batch without any whole one"
            raise SourceError(message)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate(self.step)
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._towers.backward(batch, parts=self._settings.parts, seed=self._dropout_seed())
        if not math.isfinite(loss):
            message = f"step {self.step + 1}: expected a finite loss, got {loss}; lower the rate"
            raise ModelError(message)
        nn.utils.clip_grad_norm_(self._towers.fitted, 1.0)
        self._optimiser.step()
        self._towers.model.logit_scale.data.clamp_(0.0, _MOST_LOG_SCALE)
        self._progress.step += 1
        self._progress.losses.append(loss)
        return len(batch.pairs)

    def _validated(self) -> Validation | None:
        if not self._held_out:
            return None
        self._towers.to_evaluation_mode()
        items = validation_items(self._held_out, self._order.batch)
        result = validate(self._towers, self._reader.read(items))
        self._towers.to_train_mode()
        return result

    def _dropout_seed(self) -> int:
        rng = np.random.default_rng([self._settings.seed, 2, self.step])
        return int(rng.integers(1 << 62))

    def _rate(self, step: int) -> float:
        settings = self._settings
        return settings.rate * warm_cosine(step, steps=settings.steps, warm_up=settings.warm_up)

    def _row(self, validation: Validation | None, *, pictures: int, seconds: float) -> FitRow:
        losses = self._progress.losses
        to_text = validation.image_to_text if validation else (None, None)
        to_image = validation.text_to_image if validation else (None, None)
        return FitRow(
            step=self.step,
            epoch=round(self.step / self._order.steps_per_epoch, 4),
            loss=sum(losses) / len(losses) if losses else None,
            rate=self._rate(self.step - 1) if losses else None,
            logit_scale=float(self._towers.model.logit_scale.detach().exp()),
            val_loss=validation.loss if validation else None,
            image_to_text_1=to_text[0],
            image_to_text_5=to_text[1],
            text_to_image_1=to_image[0],
            text_to_image_5=to_image[1],
            seconds=round(self._progress.seconds, 3),
            images_per_s=round(pictures / seconds, 1) if pictures else None,
        )

    def _save(self, checkpoint: Path, identity: str) -> None:
        state = {
            "identity": identity,
            "model": self._towers.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "losses": self._progress.losses,
            "seconds": self._progress.seconds,
            "broken": self._reader.broken,
        }
        save_state(checkpoint, state)


def _optimiser(towers: Towers, settings: FitSettings) -> torch.optim.Optimizer:
    fitted = towers.fitted
    groups: list[dict[str, Any]] = [
        {"params": [value for value in fitted if value.ndim >= 2]},
        {"params": [value for value in fitted if value.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=settings.rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=settings.decay
    )
