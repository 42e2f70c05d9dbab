"""Teaching single things: they are named better, and whole scenes stay where they were."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from word_vectors import DIM, encode

from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training.augment import normalise
from scene_clip_ros.training.crop_fit import BACKGROUND, CropFitSettings, CropSamples, fit_crops
from scene_clip_ros.training.scenes import SceneShard

COLOURS = {"car": (230, 30, 30), "dog": (30, 30, 230), "traffic cone": (240, 240, 40)}
SETTINGS = CropFitSettings(
    steps=160,
    crops=24,
    frames=8,
    absent=4,
    size=32,
    rate=4e-3,
    checkpoint_every=80,
    hold_weight=2.0,
)


def shard() -> SceneShard:
    """Return pictures of three kinds of things, each with a colour of its own."""
    jpegs, truths = [], []
    for number in range(6):
        rng = np.random.default_rng(number)
        rgb = np.full((180, 320, 3), 110, np.uint8)
        boxes: list[dict[str, Any]] = []
        for i, (kind, colour) in enumerate(COLOURS.items()):
            left, top = 20 + 100 * i, int(rng.integers(60, 120))
            rgb[top : top + 40, left : left + 40] = colour
            sides = [left, top, left + 40, top + 40]
            boxes.append({"class": kind, "xyxy": sides, "visible": 1.0, "colour": "red"})
        _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        jpegs.append(data.tobytes())
        truths.append({"boxes": boxes})
    return SceneShard(tuple(jpegs), tuple(truths))


@pytest.fixture(scope="module")
def samples() -> CropSamples:
    return CropSamples(shard(), load_vocabulary(DRIVING_VOCABULARY), encode)


def new_tower() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(128, DIM))


def ignore(step: int, losses: dict[str, float]) -> None:
    """Report to nobody."""


def share_named(tower: nn.Module, samples: CropSamples) -> float:
    """Return how many crops are nearest to their own kind, over many choices of wordings."""
    rng, named = np.random.default_rng(9), []
    for _ in range(20):
        batch = samples.draw(rng, crops=40, frames=1, absent=4)
        small = nn.functional.interpolate(batch.crops, SETTINGS.size)
        with torch.no_grad():
            vectors = nn.functional.normalize(tower(normalise(small)), dim=-1)
        best = (vectors @ batch.kind_sentences.T).argmax(dim=1)
        named.append(float((best == batch.kinds).float().mean()))
    return float(np.mean(named))


def test_things_are_named_and_scenes_stay(tmp_path: Path, samples: CropSamples) -> None:
    tower = new_tower()
    before = deepcopy(tower)
    losses: list[dict[str, float]] = []
    fit_crops(
        tower,
        samples,
        settings=SETTINGS,
        checkpoint=tmp_path / "crops.pt",
        report=lambda _, values: losses.append(values),
    )
    assert share_named(tower, samples) > share_named(before, samples) + 0.3
    assert losses[-1]["held"] < 0.3


def test_a_finished_fit_is_taken_from_its_checkpoint(tmp_path: Path, samples: CropSamples) -> None:
    first, again = new_tower(), new_tower()
    for tower in (first, again):
        fit_crops(
            tower,
            samples,
            settings=CropFitSettings(steps=2, crops=8, frames=2, size=32),
            checkpoint=tmp_path / "crops.pt",
            report=ignore,
        )
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_parts_without_things_are_background(samples: CropSamples) -> None:
    batch = samples.draw(np.random.default_rng(1), crops=40, frames=1, absent=4)
    background = batch.kinds == samples.kinds.index(BACKGROUND)
    spread = batch.crops[background].flatten(1).std(dim=1)
    assert 5 <= int(background.sum()) <= 15
    assert spread.median() < 0.02
    assert (batch.colours[background] == -1).all()


def test_wordings_of_what_is_never_there_are_rows_beyond_the_kinds(samples: CropSamples) -> None:
    batch = samples.draw(np.random.default_rng(3), crops=20, frames=1, absent=4)
    assert len(batch.kind_sentences) == len(samples.kinds) + 4
    assert int(batch.kinds.max()) < len(samples.kinds)


def test_colours_are_told_of_cars_and_not_of_dogs(samples: CropSamples) -> None:
    batch = samples.draw(np.random.default_rng(2), crops=40, frames=1, absent=4)
    car, dog = (samples.kinds.index(kind) for kind in ("car", "dog"))
    assert (batch.colours[batch.kinds == car] >= 0).all()
    assert (batch.colours[batch.kinds == dog] == -1).all()
