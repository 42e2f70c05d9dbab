"""Draws training samples for masks: parts of pictures, prompts, and the pixels they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.sim.semantics import BOX_CLASSES
from scene_clip_ros.training.augment import degrade, normalise, recolour
from scene_clip_ros.training.masks.words import MaskTarget, Pool
from scene_clip_ros.training.scenes import SceneShard

KINDS = tuple(BOX_CLASSES)

_SMALLEST_ZOOM = 0.3
_ZOOMED_SHARE = 0.7
_AIMED_SHARE = 0.6
_PLAIN_SHARE = 0.5
_MIN_PIXELS = 6
_RARE_POWER = -0.25

IdArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MaskBatch:
    """Pictures, prompts and targets of one step.

    Attributes:
        pictures: ``(N, 3, S, S)`` float32, normalised for the model.
        prompts: ``(N, P)`` int64 rows of the prompts' embeddings.
        targets: ``(N, P, S, S)`` float32, 1 where a prompt's pixels are, else 0.
        shares: ``(N, T, g, g)`` float32, share of each patch that each of all T targets covers.
    """

    pictures: torch.Tensor
    prompts: torch.Tensor
    targets: torch.Tensor
    shares: torch.Tensor


class PromptTable:
    """Every wording in every template, once; a prompt is its row.

    Args:
        targets: What is asked for.
        absent: Wordings of what no picture shows.
        templates: Sentences with one ``{}``; a wording is asked bare as often as in all of them.
    """

    def __init__(
        self, targets: Sequence[MaskTarget], absent: Pool, templates: Sequence[str]
    ) -> None:
        """List the prompts."""
        self._templates = tuple(templates)
        pools = [target.words for target in targets]
        texts = [
            text
            for words in (*pools, absent)
            for word in words
            for text in (word, *self._phrased(word))
        ]
        self.texts = tuple(dict.fromkeys(texts))
        self._row = {text: row for row, text in enumerate(self.texts)}
        self._pools = pools
        self._absent = absent

    def draw(self, target: int, rng: np.random.Generator) -> int:
        """Return the row of some wording of a target; -1 is what no picture shows."""
        words = self._absent if target < 0 else self._pools[target]
        word = words[int(rng.integers(len(words)))]
        if rng.random() >= _PLAIN_SHARE:
            word = self._templates[int(rng.integers(len(self._templates)))].replace("{}", word)
        return self._row[word]

    def _phrased(self, word: str) -> list[str]:
        return [template.replace("{}", word) for template in self._templates]


class MaskSamples:
    """Pictures in memory, ready to draw batches from.

    Args:
        scenes: Rendered pictures with masks.
        targets: What is asked for.
        table: Its prompts.
        patch: Of the model, pixels.
    """

    def __init__(
        self,
        scenes: SceneShard,
        targets: Sequence[MaskTarget],
        table: PromptTable,
        *,
        patch: int,
    ) -> None:
        """Keep them."""
        self._patch = patch
        self._scenes = scenes
        self._targets = tuple(targets)
        self._table = table
        self._rarity = self._measure_rarity()

    def draw(
        self,
        rng: np.random.Generator,
        generator: torch.Generator,
        *,
        count: int,
        prompts: int,
        side: int,
    ) -> MaskBatch:
        """Draw a batch; a third of the prompts is of things that the picture does not show.

        Args:
            rng: Of pictures, parts and prompts.
            generator: Of colours and noise.
            count: Pictures, N ≥ 1.
            prompts: Prompts of each, P ≥ 1.
            side: Of the model's pictures, S pixels.
        """
        parts = [self._draw_one(rng, prompts, side) for _ in range(count)]
        stacked = np.stack([rgb for rgb, _, _, _ in parts])
        pictures = torch.from_numpy(stacked).permute(0, 3, 1, 2).float().div_(255)
        seen = degrade(recolour(pictures, generator), generator).clamp_(0, 1)
        return MaskBatch(
            normalise(seen),
            torch.from_numpy(np.stack([rows for _, rows, _, _ in parts])),
            torch.from_numpy(np.stack([masks for _, _, masks, _ in parts])).float(),
            torch.from_numpy(np.stack([shares for _, _, _, shares in parts])),
        )

    def _draw_one(
        self, rng: np.random.Generator, prompts: int, side: int
    ) -> tuple[ImageArray, npt.NDArray[np.int64], npt.NDArray[np.bool_], FloatArray]:
        index = int(rng.integers(len(self._scenes)))
        ids = self._scenes.decode_mask(index)
        boxes = self._scenes.truths[index]["boxes"]
        part = _choose_part(ids.shape, boxes, rng)
        arrays = self._scenes.decode(index)[part], ids[part], kinds_of(ids, boxes)[part]
        rgb, ids, kinds = _scale(*arrays, side=side, mirror=rng.random() < 0.5)
        shown = [pixels_of(target, ids, kinds) for target in self._targets]
        chosen = self._choose(shown, rng, prompts)
        empty = np.zeros_like(ids, bool)
        rows = np.array([self._table.draw(target, rng) for target in chosen])
        masks = np.stack([empty if t < 0 else shown[t] for t in chosen])
        return rgb, rows, masks, self._shares(np.stack(shown))

    def _shares(self, shown: npt.NDArray[np.bool_]) -> FloatArray:
        """Return ``(T, g, g)`` float32 shares of patches from ``(T, S, S)`` masks."""
        count, side, _ = shown.shape
        grid = side // self._patch
        patches = shown.reshape(count, grid, self._patch, grid, self._patch)
        return np.asarray(patches.mean(axis=(2, 4)), np.float32)

    def _choose(
        self, shown: Sequence[npt.NDArray[np.bool_]], rng: np.random.Generator, prompts: int
    ) -> list[int]:
        """Choose targets; rare ones that are there more often than they occur."""
        there = np.array([mask.sum() >= _MIN_PIXELS for mask in shown])
        chosen = []
        for _ in range(prompts):
            luck = rng.random()
            if luck < 0.08:
                chosen.append(-1)
            elif luck < 0.33 and not there.all():
                chosen.append(int(rng.choice(np.flatnonzero(~there))))
            elif there.any():
                odds = self._rarity * there
                chosen.append(int(rng.choice(len(odds), p=odds / odds.sum())))
            else:
                chosen.append(-1)
        return chosen

    def _measure_rarity(self) -> npt.NDArray[np.float64]:
        """Return the odds of each target where it is there, from how many pictures show it."""
        counts = np.ones(len(self._targets))
        for number in range(0, len(self._scenes), max(1, len(self._scenes) // 400)):
            ids = self._scenes.decode_mask(number)
            kinds = kinds_of(ids, self._scenes.truths[number]["boxes"])
            counts += [pixels_of(target, ids, kinds).any() for target in self._targets]
        return np.asarray(counts**_RARE_POWER)


def kinds_of(ids: IdArray, boxes: Sequence[dict[str, Any]]) -> IdArray:
    """Tell which kind of thing each pixel belongs to.

    Where boxes of one class overlap, pixels are the nearer one's.

    Args:
        ids: ``(H, W)`` uint8 ids of ``SemanticClass``.
        boxes: Records of ``TruthBox.to_json``.

    Returns:
        ``(H, W)`` uint8: 0 for nothing, else one more than the kind's number in ``KINDS``.
    """
    kinds = np.zeros_like(ids)
    for box in sorted(boxes, key=lambda box: -box["distance_m"]):
        left, top, right, bottom = box["xyxy"]
        inside = ids[top:bottom, left:right] == BOX_CLASSES[box["class"]]
        kinds[top:bottom, left:right][inside] = KINDS.index(box["class"]) + 1
    return kinds


def pixels_of(target: MaskTarget, ids: IdArray, kinds: IdArray) -> npt.NDArray[np.bool_]:
    """Return ``(H, W)`` bool: the pixels that a target means; see `kinds_of`."""
    if target.kind is not None:
        return np.asarray(kinds == KINDS.index(target.kind) + 1)
    return np.isin(ids, list(target.classes))


def _choose_part(
    size_hw: tuple[int, ...], boxes: Sequence[dict[str, Any]], rng: np.random.Generator
) -> tuple[slice, slice]:
    """Choose the whole picture or a part of it, often around a thing, each kind as often."""
    height, width = size_hw
    zoom = rng.uniform(_SMALLEST_ZOOM, 1.0) if rng.random() < _ZOOMED_SHARE else 1.0
    w, h = int(width * zoom), int(height * min(1.0, zoom * rng.uniform(0.85, 1.2)))
    left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    if boxes and rng.random() < _AIMED_SHARE:
        kinds = sorted({box["class"] for box in boxes})
        kind = kinds[int(rng.integers(len(kinds)))]
        same = [box for box in boxes if box["class"] == kind]
        x0, y0, x1, y1 = same[int(rng.integers(len(same)))]["xyxy"]
        left = int(np.clip((x0 + x1) / 2 - w * rng.uniform(0.2, 0.8), 0, width - w))
        top = int(np.clip((y0 + y1) / 2 - h * rng.uniform(0.2, 0.8), 0, height - h))
    return slice(top, top + h), slice(left, left + w)


def _scale(
    rgb: ImageArray, ids: IdArray, kinds: IdArray, *, side: int, mirror: bool
) -> tuple[ImageArray, IdArray, IdArray]:
    """Scale a part of a picture and its maps to a square, mirrored or not."""
    soft = cv2.INTER_AREA if max(ids.shape) > side else cv2.INTER_LINEAR
    scaled = [
        cv2.resize(each, (side, side), interpolation=how)[:, :: -1 if mirror else 1]
        for each, how in ((rgb, soft), (ids, cv2.INTER_NEAREST), (kinds, cv2.INTER_NEAREST))
    ]
    picture, classes, things = (np.ascontiguousarray(each, np.uint8) for each in scaled)
    return picture, classes, things
