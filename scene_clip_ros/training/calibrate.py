"""Fits the one number that turns a model's cosines into honest probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.prompts import AttributePrompts, build_prompt_bank
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder

_SCALES = np.exp(np.linspace(np.log(2.0), np.log(400.0), 160))
_FLOOR_QUANTILE = 0.005
_BATCH = 32

Labels = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """What calibration found.

    Attributes:
        logit_scale: Multiplier of a cosine before the softmax that makes the truth likeliest.
        cosine_floor: Cosine that all but 1 in 200 right labels exceed.
        loss: Negative log-likelihood of the truth, nats, at that scale.
        loss_before: The same at the model's own scale.
        samples: Attribute decisions it rests on.
        box_cosine_floor: Cosine that 9 of 10 things exceed with their query; None: not fitted.
    """

    logit_scale: float
    cosine_floor: float
    loss: float
    loss_before: float
    samples: int
    box_cosine_floor: float | None = None

    def to_json(self) -> dict[str, float]:
        """Return the record that ``calibration.json`` holds."""
        record = {
            "logit_scale": round(self.logit_scale, 3),
            "cosine_floor": round(self.cosine_floor, 4),
            "nll": round(self.loss, 4),
            "nll_before": round(self.loss_before, 4),
            "samples": self.samples,
        }
        if self.box_cosine_floor is not None:
            record["box_cosine_floor"] = round(self.box_cosine_floor, 4)
        return record


def fit_calibration(
    encoder: Encoder, vocabulary: Vocabulary, pictures: Iterable[tuple[ImageArray, Labels]]
) -> Fit:
    """Fit the temperature by maximum likelihood (Guo et al., 2017, arXiv:1706.04599).

    Args:
        encoder: The model; its own scale is the starting point that is reported.
        vocabulary: Whose attributes are decided.
        pictures: ``(H, W, 3)`` uint8 RGB, each with its label by attribute, ``None`` if untold.

    Raises:
        ModelError: No picture carries a label of the vocabulary.
    """
    bank = build_prompt_bank(vocabulary, encoder.encode_texts)
    cosines, truths = _collect(encoder, pictures, bank.attributes)
    if not truths:
        message = "expected pictures with labels of the vocabulary's attributes, got none"
        raise ModelError(message)
    losses = [_loss(cosines, truths, scale) for scale in _SCALES]
    best = int(np.argmin(losses))
    right = np.array([float(row[truth]) for row, truth in zip(cosines, truths, strict=True)])
    return Fit(
        logit_scale=float(_SCALES[best]),
        cosine_floor=float(np.quantile(right, _FLOOR_QUANTILE)),
        loss=losses[best],
        loss_before=_loss(cosines, truths, encoder.info.logit_scale),
        samples=len(truths),
    )


def _collect(
    encoder: Encoder,
    pictures: Iterable[tuple[ImageArray, Labels]],
    attributes: tuple[AttributePrompts, ...],
) -> tuple[list[FloatArray], list[int]]:
    cosines: list[FloatArray] = []
    truths: list[int] = []
    batch: list[tuple[ImageArray, Labels]] = []

    def flush() -> None:
        embeddings = encoder.encode_images([picture for picture, _ in batch])
        for embedding, (_, labels) in zip(embeddings, batch, strict=True):
            for attribute in attributes:
                label = labels.get(attribute.name)
                if label in attribute.labels:
                    cosines.append(attribute.embeddings @ embedding)
                    truths.append(attribute.labels.index(label))
        batch.clear()

    for pair in pictures:
        batch.append(pair)
        if len(batch) == _BATCH:
            flush()
    if batch:
        flush()
    return cosines, truths


def _loss(cosines: list[FloatArray], truths: list[int], scale: float) -> float:
    losses = []
    for row, truth in zip(cosines, truths, strict=True):
        logits: npt.NDArray[np.float64] = scale * row.astype(np.float64)
        peak = logits.max()
        losses.append(peak + np.log(np.exp(logits - peak).sum()) - logits[truth])
    return float(np.mean(losses))
