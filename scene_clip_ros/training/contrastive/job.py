"""What somebody wants trained."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.training.contrastive.fit import FitSettings
from scene_clip_ros.training.contrastive.start import StartSettings

_MOST_ROWS = 500
_VALIDATIONS = 10
_MOST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What is trained, on what, and how. Equal jobs on equal data give equal models on a CPU.

    Attributes:
        data: Pictures with captions, see `find_pairs`.
        start: The model.
        validation: Pictures with captions to validate on; None: a share of the data.
        share: That is held out, in [0, 1), if ``validation`` is None.
        epochs: How often every pair is used, if ``steps`` is None.
        steps: Of the optimiser.
        batch: Pairs a step; fewer if there are fewer.
        parts: In which a batch is computed.
        rate: Peak learning rate.
        warm_up: Steps until then; None: a twentieth of all.
        decay: Weight decay.
        least_share: Least share of a picture's area that is shown, in (0, 1].
        precision: ``auto``, ``fp32`` or ``bf16``.
        checkpoint_every: Steps.
    """

    data: str
    start: StartSettings
    validation: str | None = None
    share: float = 0.1
    epochs: int = 10
    steps: int | None = None
    batch: int = 64
    parts: int = 1
    rate: float = 5e-4
    warm_up: int | None = None
    decay: float = 0.2
    least_share: float = 0.9
    precision: str = "auto"
    checkpoint_every: int = 100

    def __post_init__(self) -> None:
        """Refuse numbers out of range.

        Raises:
            ParameterError: Names the field, what it may be and what it is.
        """
        for name, is_right, expected in (
            ("batch", self.batch >= 2, "2 or more"),
            ("share", 0 <= self.share < 1, "a number in [0, 1)"),
            ("least_share", 0 < self.least_share <= 1, "a number in (0, 1]"),
            ("seed", 0 <= self.seed <= _MOST_SEED, f"a whole number from 0 to {_MOST_SEED}"),
        ):
            if not is_right:
                message = f"{name}: expected {expected}, got {getattr(self, name)}"
                raise ParameterError(message)

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        return self.start.seed

    def fit_settings(self, steps_per_epoch: int) -> FitSettings:
        """Return how the model is fitted.

        Args:
            steps_per_epoch: Steps in which every pair is used, ≥ 1.
        """
        steps = self.epochs * steps_per_epoch if self.steps is None else self.steps
        return FitSettings(
            steps=steps,
            warm_up=max(1, steps // 20) if self.warm_up is None else self.warm_up,
            rate=self.rate,
            decay=self.decay,
            parts=self.parts,
            seed=self.seed,
            validate_every=max(1, steps // _VALIDATIONS),
            checkpoint_every=self.checkpoint_every,
            row_every=max(1, steps // _MOST_ROWS),
        )
