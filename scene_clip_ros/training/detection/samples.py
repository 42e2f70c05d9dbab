"""Draws training samples for the detector: a part of a picture at some scale, and its boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.training.augment import degrade, recolour
from scene_clip_ros.training.scenes import SceneShard

CLASS_OF_KIND: dict[str, str] = {
    "adult": "person",
    "worker": "person",
    "child": "child",
    "baby": "baby",
    "wheelchair user": "wheelchair user",
    "stroller": "stroller",
    "cyclist": "cyclist",
    "car": "car",
    "van": "van",
    "truck": "truck",
    "bus": "bus",
    "dog": "dog",
    "deer": "deer",
    "cow": "cow",
    "traffic cone": "traffic cone",
    "barrier": "barrier",
    "debris": "debris",
}
"""Class of the detector by kind of truth; the order of first appearance is that of its scores."""

CLASSES = tuple(dict.fromkeys(CLASS_OF_KIND.values()))

SAMPLE_WH = (384, 224)

WIDTHS_PX = (350.0, 1250.0)
"""How wide whole pictures are when the detector sees a part of them."""

_MIN_SIDE_PX = 5.0
_MIN_VISIBLE = 0.25
_MIN_KEPT = 0.45
"""Share of a box that must lie within a sample for it to be a target."""

_MIN_CONTRAST = 0.03
"""Share of full scale from which something can be made out in fog or the dark."""

_AIMED_SHARE = 0.85
_RARE_POWER = -0.9
_INTEREST = {
    "person": 4.0,
    "child": 2.5,
    "baby": 2.5,
    "wheelchair user": 2.5,
    "stroller": 2.5,
    "cyclist": 2.5,
}
"""How much oftener than others things of a class are aimed at; grown-ups hide most often."""

_EASY_SIDE_PX = 26.0
"""Things smaller than this are aimed at less often, in proportion."""

Target = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class _Thing:
    xyxy: FloatArray
    label: int


class SceneSamples:
    """Pictures in memory, ready to draw batches from."""

    def __init__(self, scenes: SceneShard) -> None:
        """Keep pictures that show something to find apart from the others.

        Args:
            scenes: Rendered pictures.
        """
        self._scenes = scenes
        self._things = [_find_things(truth) for truth in scenes.truths]
        aims = [(i, j) for i, things in enumerate(self._things) for j in range(len(things))]
        chosen = [self._things[i][j] for i, j in aims]
        labels = np.array([thing.label for thing in chosen])
        odds = np.bincount(labels, minlength=len(CLASSES) + 1).clip(1)[labels] ** _RARE_POWER
        odds *= [_interest(thing) for thing in chosen]
        self._aims = aims
        self._odds: npt.NDArray[np.float64] = odds / odds.sum()

    def draw(
        self, rng: np.random.Generator, generator: torch.Generator, *, count: int
    ) -> tuple[list[torch.Tensor], list[Target]]:
        """Draw a batch; rare things come more often than they occur.

        Args:
            rng: Source of what is drawn and where.
            generator: Source of changes of colour and noise.
            count: Samples, ≥ 1.

        Returns:
            Pictures ``(3, 224, 384)`` float32 in [0, 1], and torchvision's targets for them.
        """
        drawn = [self._draw_one(rng) for _ in range(count)]
        pictures = torch.stack([torch.from_numpy(rgb) for rgb, _ in drawn])
        pixels = recolour(pictures.permute(0, 3, 1, 2).float().div_(255), generator)
        changed = degrade(pixels, generator).clamp_(0, 1)
        return list(changed), [target for _, target in drawn]

    def _draw_one(self, rng: np.random.Generator) -> tuple[ImageArray, Target]:
        aimed = rng.random() < _AIMED_SHARE
        index, aim = self._aims[int(rng.choice(len(self._aims), p=self._odds))]
        if not aimed:
            index = int(rng.integers(len(self._scenes)))
        rgb = self._scenes.decode(index)
        scale = float(np.exp(rng.uniform(*np.log(WIDTHS_PX)))) / rgb.shape[1]
        window = _Window.draw(
            rng,
            size_wh=(rgb.shape[1], rgb.shape[0]),
            scale=scale,
            aim=self._things[index][aim].xyxy if aimed else None,
        )
        return window.cut(rgb), window.targets(self._things[index])


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a picture: where it begins in the scaled picture, and whether it is mirrored."""

    scale: float
    left: float
    top: float
    mirrored: bool

    @classmethod
    def draw(
        cls,
        rng: np.random.Generator,
        *,
        size_wh: tuple[int, int],
        scale: float,
        aim: FloatArray | None,
    ) -> _Window:
        """Draw a window that shows what is aimed at."""
        if aim is not None:
            longest = float(max(aim[2] - aim[0], aim[3] - aim[1]))
            scale = min(scale, 0.95 * SAMPLE_WH[1] / longest) if longest > 0 else scale
        corner = []
        for axis in (0, 1):
            room = size_wh[axis] * scale - SAMPLE_WH[axis]
            low, high = min(0.0, room), max(0.0, room)
            if aim is not None:
                low = max(low, float(aim[axis + 2]) * scale - SAMPLE_WH[axis])
                high = min(high, float(aim[axis]) * scale)
            corner.append(float(rng.uniform(min(low, high), max(low, high))))
        return cls(scale, corner[0], corner[1], bool(rng.random() < 0.5))

    def cut(self, rgb: ImageArray) -> ImageArray:
        """Return the part; beyond the picture it is grey."""
        move = np.array([[self.scale, 0, -self.left], [0, self.scale, -self.top]])
        # The centre of pixel i is at i + 0.5: without this, boxes would be off by half a pixel.
        move[:, 2] += (self.scale - 1) / 2
        if self.scale < 1:
            small = (round(rgb.shape[1] * self.scale), round(rgb.shape[0] * self.scale))
            rgb = np.asarray(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), np.uint8)
            move = np.array([[1.0, 0, -self.left], [0, 1.0, -self.top]])
        part = cv2.warpAffine(
            rgb, move, SAMPLE_WH, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114)
        )
        return np.ascontiguousarray(part[:, ::-1] if self.mirrored else part)

    def targets(self, things: list[_Thing]) -> Target:
        """Return the boxes within the part."""
        boxes, labels = [], []
        for thing in things:
            whole = thing.xyxy * self.scale - np.tile((self.left, self.top), 2)
            box = np.clip(whole, 0, np.tile(SAMPLE_WH, 2))
            if _is_target(whole, box):
                boxes.append(_mirror(box) if self.mirrored else box)
                labels.append(thing.label)
        return {
            "boxes": torch.from_numpy(np.array(boxes, np.float32).reshape(-1, 4)),
            "labels": torch.tensor(labels, dtype=torch.int64),
        }


def _find_things(truth: dict[str, Any]) -> list[_Thing]:
    return [
        _Thing(np.array(box["xyxy"], np.float32), CLASSES.index(CLASS_OF_KIND[box["class"]]) + 1)
        for box in truth["boxes"]
        if box["visible"] >= _MIN_VISIBLE and box["contrast"] >= _MIN_CONTRAST
    ]


def _interest(thing: _Thing) -> float:
    """Return how much oftener than others a thing is aimed at."""
    longest = float((thing.xyxy[2:] - thing.xyxy[:2]).max())
    weight = _INTEREST.get(CLASSES[thing.label - 1], 1.0)
    return weight * min(1.0, longest / _EASY_SIDE_PX)


def _is_target(whole: FloatArray, box: FloatArray) -> bool:
    sides = box[2:] - box[:2]
    if sides.min() < 2.0 or sides.max() < _MIN_SIDE_PX:
        return False
    full = whole[2:] - whole[:2]
    return bool(sides.prod() >= _MIN_KEPT * full.prod())


def _mirror(box: FloatArray) -> FloatArray:
    width = SAMPLE_WH[0]
    return np.array((width - box[2], box[1], width - box[0], box[3]), np.float32)
