"""Measures a model on pairs that are held out from training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from scene_clip_ros.core.matching import measure_recall
from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.report.fit_rows import RECALL_DEPTHS
from scene_clip_ros.training.contrastive.batches import Batch
from scene_clip_ros.training.contrastive.pairs import Pair
from scene_clip_ros.training.contrastive.towers import Towers

MOST_PAIRS = 1000
"""That are held out; more would cost time and tell the same."""

_LEAST_PAIRS = 2
_TEXT_BATCH = 256


@dataclass(frozen=True, slots=True)
class Validation:
    """What came out.

    Attributes:
        loss: Mean over the pairs.
        image_to_text: Recall at each of `RECALL_DEPTHS`, in [0, 1].
        text_to_image: The same from captions to pictures.
    """

    loss: float
    image_to_text: tuple[float, ...]
    text_to_image: tuple[float, ...]


def split_pairs(
    pairs: Sequence[Pair], share: float, *, seed: int
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Hold out a share of the pairs, `MOST_PAIRS` at most.

    Returns:
        Pairs to train on, and to validate on; of the latter none if they would be fewer than two,
        or leave fewer than two.
    """
    count = min(MOST_PAIRS, round(share * len(pairs)))
    if count < _LEAST_PAIRS or len(pairs) - count < _LEAST_PAIRS:
        return tuple(pairs), ()
    rows = np.random.default_rng([seed, 3]).permutation(len(pairs)).tolist()
    held_out = frozenset(rows[:count])
    return (
        tuple(pair for row, pair in enumerate(pairs) if row not in held_out),
        tuple(pair for row, pair in enumerate(pairs) if row in held_out),
    )


@torch.no_grad()
def validate(towers: Towers, batches: Iterable[Batch | None]) -> Validation | None:
    """Measure loss and recall.

    Args:
        towers: In evaluation mode.
        batches: What is held out; None is passed over.

    Returns:
        None if nothing could be read.
    """
    rows: list[Float64Array] = []
    pairs: list[Pair] = []
    total = 0.0
    for batch in batches:
        if batch is not None:
            images, texts = towers.images(batch.pixels), towers.texts(batch.captions)
            total += len(batch.pairs) * float(towers.loss(images, texts, batch.captions))
            rows.append(_array(images))
            pairs += batch.pairs
    if not pairs:
        return None
    captions, fits = fitting([pair.captions for pair in pairs])
    cosines = np.concatenate(rows) @ _embed_captions(towers, captions).T
    return Validation(
        total / len(pairs),
        tuple(measure_recall(cosines, fits, at=RECALL_DEPTHS).at.values()),
        tuple(measure_recall(cosines.T, fits.T, at=RECALL_DEPTHS).at.values()),
    )


def fitting(captions: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], BoolArray]:
    """Return every caption of some pictures once, and which of them each picture has.

    Returns:
        M texts; ``(N, M)`` bool.
    """
    texts = tuple(dict.fromkeys(text for said in captions for text in said))
    columns = {text: column for column, text in enumerate(texts)}
    fits = np.zeros((len(captions), len(texts)), bool)
    for row, said in enumerate(captions):
        fits[row, [columns[text] for text in said]] = True
    return texts, fits


def _embed_captions(towers: Towers, captions: Sequence[str]) -> Float64Array:
    starts = range(0, len(captions), _TEXT_BATCH)
    parts = [towers.texts(captions[start : start + _TEXT_BATCH]) for start in starts]
    return np.concatenate([_array(part) for part in parts])


def _array(rows: torch.Tensor) -> Float64Array:
    return np.asarray(rows.cpu().numpy(), np.float64)
