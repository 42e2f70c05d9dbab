"""Rendered pictures in memory, with the sentences that say what they show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.training.dataset import load_shard
from scene_clip_ros.training.wordings import attribute_pools, hazard_pools, object_pools, phrased

Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures and targets of one step.

    Attributes:
        frames: ``(F, 3, H, W)`` float32 in [0, 1].
        crops: ``(C, 3, h, w)`` float32 in [0, 1].
        labels: ``(F,)`` int64 by attribute, -1 where unknown.
        label_sentences: ``(L, T)`` by attribute: one wording a label, drawn anew each step.
        hazards: ``(F,)`` int64 by hazard, 1 where present.
        hazard_sentences: ``(2, T)`` by hazard: contrast, then hazard.
        things: ``(C,)`` int64 classes of the crops.
        thing_sentences: ``(K, T)`` one wording a class.
        captions: ``(F, T)`` a caption of each frame.
    """

    frames: torch.Tensor
    crops: torch.Tensor
    labels: dict[str, torch.Tensor]
    label_sentences: dict[str, torch.Tensor]
    hazards: dict[str, torch.Tensor]
    hazard_sentences: dict[str, torch.Tensor]
    things: torch.Tensor
    thing_sentences: torch.Tensor
    captions: torch.Tensor


class CaptionedPictures:
    """All shards of a folder, ready to draw batches from."""

    def __init__(self, paths: Sequence[Path], vocabulary: Vocabulary, encode: Encode) -> None:
        """Read shards and embed their sentences.

        Args:
            paths: Shard files.
            vocabulary: Whose attributes and hazards are the targets.
            encode: The teacher.
        """
        shards = [load_shard(path) for path in paths]
        self._frames = np.concatenate([shard.frames for shard in shards])
        self._crops = np.concatenate([shard.crops for shard in shards])
        truths = [truth for shard in shards for truth in shard.truths]
        self._label_pools = _embedded_pools(attribute_pools(vocabulary), encode)
        self._hazard_pools = {
            name: (encode(phrased(contrast)), encode(phrased(hazard)))
            for name, (hazard, contrast) in hazard_pools(vocabulary).items()
        }
        self._thing_pools = {kind: encode(phrased(pool)) for kind, pool in object_pools().items()}
        self._labels = {
            name: _label_indices(truths, name, list(pools))
            for name, pools in self._label_pools.items()
        }
        self._hazards = {
            name: np.array([int(t["hazards"][name]) for t in truths]) for name in self._hazard_pools
        }
        kinds = list(self._thing_pools)
        self._things = np.array(
            [kinds.index(box["class"]) for shard in shards for box in shard.crop_truths]
        )
        self._thing_odds = _balanced(self._things, len(kinds))
        self._frame_odds = _hazard_odds(self._hazards)
        self._captions, self._caption_of = _caption_bank(truths, encode)

    def __len__(self) -> int:
        """Return the number of whole pictures."""
        return len(self._frames)

    def draw(self, rng: np.random.Generator, *, frames: int, crops: int) -> Batch:
        """Draw a batch: hazards and rare things more often than they occur."""
        whole = rng.choice(len(self._frames), frames, p=self._frame_odds)
        parts = rng.choice(len(self._crops), crops, p=self._thing_odds)
        captions = self._captions[self._caption_of[whole]]
        return Batch(
            frames=_tensor(self._frames[whole]),
            crops=_tensor(self._crops[parts]),
            labels={name: torch.from_numpy(labels[whole]) for name, labels in self._labels.items()},
            label_sentences={
                name: _one_each(list(pools.values()), rng)
                for name, pools in self._label_pools.items()
            },
            hazards={
                name: torch.from_numpy(present[whole]) for name, present in self._hazards.items()
            },
            hazard_sentences={
                name: _one_each(pair, rng) for name, pair in self._hazard_pools.items()
            },
            things=torch.from_numpy(self._things[parts]),
            thing_sentences=_one_each(list(self._thing_pools.values()), rng),
            captions=torch.from_numpy(captions.astype(np.float32)),
        )


def _embedded_pools(
    pools: dict[str, dict[str, tuple[str, ...]]], encode: Encode
) -> dict[str, dict[str, FloatArray]]:
    return {
        name: {label: encode(phrased(pool)) for label, pool in labels.items()}
        for name, labels in pools.items()
    }


def _label_indices(
    truths: list[dict[str, Any]], name: str, labels: list[str]
) -> npt.NDArray[np.int64]:
    found = (truth["attributes"][name] for truth in truths)
    return np.array([-1 if label is None else labels.index(label) for label in found])


def _balanced(classes: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    share = np.bincount(classes, minlength=count).clip(1) ** -0.6
    odds = share[classes]
    return np.asarray(odds / odds.sum())


def _hazard_odds(hazards: dict[str, npt.NDArray[np.int64]]) -> npt.NDArray[np.float64]:
    any_hazard = np.stack(list(hazards.values())).max(axis=0)
    odds = 1.0 + 0.6 * any_hazard
    return np.asarray(odds / odds.sum())


def _caption_bank(
    truths: list[dict[str, Any]], encode: Encode
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Embed one caption a frame, each different one once.

    The caption is of what stands out; of the scene's parts where nothing does. Captions of the
    whole scene are nearly all different, and what they say is learnt from the labels already.
    """
    texts = [truth["captions"][min(1, len(truth["captions"]) - 1)] for truth in truths]
    different = sorted(set(texts))
    row = {text: i for i, text in enumerate(different)}
    return encode(different), np.array([row[text] for text in texts])


def _one_each(pools: Sequence[FloatArray], rng: np.random.Generator) -> torch.Tensor:
    rows = [pool[int(rng.integers(len(pool)))] for pool in pools]
    return torch.from_numpy(np.stack(rows).astype(np.float32))


def _tensor(pictures: npt.NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
