"""Teaches the image tower to name single things, without moving what it says of whole scenes.

The text tower stays as it is. Crops are drawn towards the wordings of what they show, and parts of
pictures that show nothing towards those of the background, and all away from wordings of what is
never there; whole pictures are held where the tower had them (knowledge distillation, Hinton et
al., 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from scene_clip_ros.core.prompts import EncodeTexts
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.pipeline.regions import crop_square
from scene_clip_ros.training.augment import augment
from scene_clip_ros.training.fit_tools import Checkpoint, warm_cosine
from scene_clip_ros.training.image_fit import Report
from scene_clip_ros.training.object_words import absent_words, present_pools
from scene_clip_ros.training.scenes import SceneShard
from scene_clip_ros.training.wordings import phrased

BACKGROUND = "background"
_CROP_PX = 96
_FRAME_WH = (192, 108)
_MIN_SIDE_PX = 9
_MIN_VISIBLE = 0.4
_CONTEXTS = (0.9, 1.8)
_EMPTY_SIDE_PX = (10.0, 110.0)
_EMPTY_SHARE = 0.3
_EMPTY_CHOICE = 3
"""Of so many parts without a thing, the busiest is taken: a detector proposes no plain asphalt."""
_RARE_POWER = -0.55


@dataclass(frozen=True, slots=True)
class CropFitSettings:
    """How the tower is taught.

    Attributes:
        steps: Optimiser steps.
        crops: A step.
        frames: Whole pictures a step.
        absent: Wordings of what no crop shows, a step.
        size: Input side in pixels.
        logit_scale: Multiplier of a cosine before the softmax, the model's own.
        rate: Peak learning rate.
        colour_weight: Weight of telling colours against telling kinds.
        hold_weight: Weight of holding whole pictures.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling and augmentation.
    """

    steps: int = 1400
    crops: int = 72
    frames: int = 24
    absent: int = 48
    size: int = 128
    logit_scale: float = 14.8
    rate: float = 6e-4
    colour_weight: float = 0.3
    hold_weight: float = 12.0
    checkpoint_every: int = 100
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CropBatch:
    """Pictures and targets of one step.

    Attributes:
        crops: ``(C, 3, h, w)`` float32 in [0, 1].
        kinds: ``(C,)`` int64, rows of ``kind_sentences``.
        kind_sentences: ``(K + A, D)`` float32: one wording a kind, drawn anew each step, and A
            wordings of what no crop shows.
        colours: ``(C,)`` int64, rows of ``colour_sentences[c]``; -1 where none is told.
        colour_sentences: ``(C, P, D)`` float32: the crop's kind in every colour.
        frames: ``(F, 3, h, w)`` float32 in [0, 1].
    """

    crops: torch.Tensor
    kinds: torch.Tensor
    kind_sentences: torch.Tensor
    colours: torch.Tensor
    colour_sentences: torch.Tensor
    frames: torch.Tensor


class CropSamples:
    """Rendered pictures, ready to draw crops with wordings from.

    Attributes:
        kinds: Ground-truth classes and the background, in the order of ``kind_sentences``.
    """

    def __init__(self, scenes: SceneShard, vocabulary: Vocabulary, encode: EncodeTexts) -> None:
        """Embed the wordings.

        Args:
            scenes: Rendered pictures.
            vocabulary: Whose queries' phrasings and background are wordings, too.
            encode: The text tower.
        """
        self._scenes = scenes
        pools = {**present_pools(vocabulary), BACKGROUND: vocabulary.background}
        self.kinds = list(pools)
        self._absent = encode(phrased(absent_words(vocabulary)))
        self._sentences = [encode(phrased(pool)) for pool in pools.values()]
        self._aims = [
            (i, box) for i, truth in enumerate(scenes.truths) for box in truth["boxes"] if _fit(box)
        ]
        kinds = np.array([self.kinds.index(box["class"]) for _, box in self._aims])
        odds = np.bincount(kinds, minlength=len(pools)).clip(1)[kinds] ** _RARE_POWER
        self._odds: npt.NDArray[np.float64] = odds / odds.sum()
        self._palette = sorted({box["colour"] for _, box in self._aims if _has_colour(box)})
        self._coloured = {
            kind: encode([_coloured(pools[kind][0], colour) for colour in self._palette])
            for kind in self.kinds
        }

    def draw(self, rng: np.random.Generator, *, crops: int, frames: int, absent: int) -> CropBatch:
        """Draw a batch; rare things come more often than they occur.

        Args:
            rng: Source of what is drawn.
            crops: Parts of pictures.
            frames: Whole pictures.
            absent: Wordings of what no crop shows.
        """
        empty = round(crops * _EMPTY_SHARE)
        chosen = rng.choice(len(self._aims), crops - empty, p=self._odds)
        drawn = [self._draw_thing(int(i), rng) for i in chosen]
        drawn += [self._draw_nothing(rng) for _ in range(empty)]
        whole = [self._frame(int(i)) for i in rng.integers(len(self._scenes), size=frames)]
        kinds = [kind for _, kind, _ in drawn]
        return CropBatch(
            crops=_tensor([crop for crop, _, _ in drawn]),
            kinds=torch.tensor(kinds),
            kind_sentences=torch.from_numpy(self._draw_sentences(rng, absent=absent)),
            colours=torch.tensor([colour for _, _, colour in drawn]),
            colour_sentences=torch.from_numpy(
                np.stack([self._coloured[self.kinds[kind]] for kind in kinds])
            ),
            frames=_tensor(whole),
        )

    def _draw_sentences(self, rng: np.random.Generator, *, absent: int) -> FloatArray:
        present = [pool[int(rng.integers(len(pool)))] for pool in self._sentences]
        others = self._absent[rng.integers(len(self._absent), size=absent)]
        return np.concatenate([np.stack(present), others])

    def _draw_thing(self, index: int, rng: np.random.Generator) -> tuple[ImageArray, int, int]:
        scene, box = self._aims[index]
        xyxy = np.array(box["xyxy"], np.float64)
        sides = np.tile(xyxy[2:] - xyxy[:2], 2)
        xyxy += rng.normal(0, 0.05, 4) * sides
        crop = _cut(self._scenes.decode(scene), xyxy, context=rng.uniform(*_CONTEXTS))
        colour = self._palette.index(box["colour"]) if _has_colour(box) else -1
        return crop, self.kinds.index(box["class"]), colour

    def _draw_nothing(self, rng: np.random.Generator) -> tuple[ImageArray, int, int]:
        """Cut out a part in which nothing stands."""
        scene = int(rng.integers(len(self._scenes)))
        rgb, boxes = self._scenes.decode(scene), self._scenes.truths[scene]["boxes"]
        sides = [np.array(box["xyxy"]) for box in boxes]
        parts = [_empty_part(rgb, sides, rng) for _ in range(_EMPTY_CHOICE)]
        cuts = [_cut(rgb, part, context=1.0) for part in parts]
        return max(cuts, key=lambda cut: float(cut.std())), self.kinds.index(BACKGROUND), -1

    def _frame(self, index: int) -> ImageArray:
        small = cv2.resize(self._scenes.decode(index), _FRAME_WH, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)


def fit_crops(
    tower: nn.Module,
    data: CropSamples,
    *,
    settings: CropFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Teach a tower until ``settings.steps``, resuming from the checkpoint if there is one.

    Args:
        tower: ``(N, 3, size, size)`` to ``(N, D)``; changed in place.
        data: Crops with wordings, as the text tower embeds them.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the losses now and then.
    """
    # Statistics of the normalisation layers stay as they are: crops must not shift whole scenes.
    tower.eval()
    before = deepcopy(tower).requires_grad_(requires_grad=False)
    optimiser = torch.optim.AdamW(tower.parameters(), lr=settings.rate, weight_decay=0.02)
    kept = Checkpoint(checkpoint, {"tower": tower, "optimiser": optimiser})
    step = kept.restore()
    rng = np.random.default_rng([settings.seed, step])
    generator = torch.Generator().manual_seed(settings.seed + step)
    while step < settings.steps:
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * warm_cosine(step, steps=settings.steps, warm_up=60)
        batch = data.draw(rng, crops=settings.crops, frames=settings.frames, absent=settings.absent)
        losses = _losses((tower, before), batch, settings, generator=generator)
        total = (
            losses["kinds"]
            + settings.colour_weight * losses["colours"]
            + settings.hold_weight * losses["held"]
        )
        optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        step += 1
        if step % 20 == 0:
            report(step, {name: float(value.detach()) for name, value in losses.items()})
        if step % settings.checkpoint_every == 0 or step == settings.steps:
            kept.save(step=step)


def _losses(
    towers: tuple[nn.Module, nn.Module],
    batch: CropBatch,
    settings: CropFitSettings,
    *,
    generator: torch.Generator,
) -> dict[str, torch.Tensor]:
    """Return the losses of a step of the tower that learns, beside the one it was."""
    (tower, before), logit_scale = towers, settings.logit_scale
    crops = augment(batch.crops, settings.size, generator)
    frames = augment(batch.frames, settings.size, generator)
    embedded = functional.normalize(tower(torch.cat([crops, frames])), dim=-1)
    things, scenes = embedded[: len(crops)], embedded[len(crops) :]
    with torch.no_grad():
        held = functional.normalize(before(frames), dim=-1)
    kinds = functional.cross_entropy(
        logit_scale * things @ batch.kind_sentences.T, batch.kinds, label_smoothing=0.05
    )
    told = batch.colours >= 0
    by_colour = torch.einsum("cd,cpd->cp", things[told], batch.colour_sentences[told])
    colours = functional.cross_entropy(logit_scale * by_colour, batch.colours[told])
    return {"kinds": kinds, "colours": colours, "held": (1 - (scenes * held).sum(dim=1)).mean()}


def _empty_part(
    rgb: ImageArray, things: Sequence[npt.NDArray[np.int64]], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Draw a square on which none of the things is; after a few attempts, the last one drawn."""
    height, width = rgb.shape[:2]
    for _ in range(12):
        side = float(np.exp(rng.uniform(*np.log(_EMPTY_SIDE_PX))))
        left, top = rng.uniform(0, width - side), rng.uniform(0.15 * height, height - side)
        part = np.array((left, top, left + side, top + side))
        if not any(_overlap(part, thing) > 0.15 for thing in things):
            break
    return part


def _fit(box: dict[str, Any]) -> bool:
    left, top, right, bottom = box["xyxy"]
    big = max(right - left, bottom - top) >= _MIN_SIDE_PX
    return bool(big and box["visible"] >= _MIN_VISIBLE)


def _has_colour(box: dict[str, Any]) -> bool:
    return box["class"] in ("car", "van", "truck", "bus", "adult", "child")


def _coloured(thing: str, colour: str) -> str:
    return f"a {colour} {thing}"


def _cut(rgb: ImageArray, xyxy: npt.NDArray[np.float64], *, context: float) -> ImageArray:
    """Cut a square out as the pipeline does, and scale it."""
    part = crop_square(rgb, xyxy.astype(np.float32), context=context)
    small = cv2.resize(part, (_CROP_PX, _CROP_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _overlap(part: npt.NDArray[np.float64], box: npt.NDArray[np.int64]) -> float:
    """Return the larger share of either that lies within the other."""
    inner = np.minimum(part[2:], box[2:]) - np.maximum(part[:2], box[:2])
    if inner.min() <= 0:
        return 0.0
    smaller = min((part[2:] - part[:2]).prod(), (box[2:] - box[:2]).prod())
    return float(inner.prod() / smaller)


def _tensor(pictures: Sequence[ImageArray]) -> torch.Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255)
