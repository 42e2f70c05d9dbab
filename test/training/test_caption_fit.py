"""Teaching captions: pictures are found by them, and single wordings stay where they were."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training.caption_fit import (
    CaptionBatch,
    CaptionFitSettings,
    CaptionSamples,
    fit_captions,
)
from scene_clip_ros.training.object_words import absent_words
from scene_clip_ros.training.scenes import SceneShard
from scene_clip_ros.training.wordings import vocabulary_sentences

VOCABULARY = load_vocabulary(DRIVING_VOCABULARY)
DIM = 24
LEXICON = ("justice", "velvet", "thursday")
SHADES = {"day": 200, "night": 40}
TINTS = {"highway": (0, 0, 40), "tunnel": (40, 0, 0), "residential": (0, 40, 0)}
SETTINGS = CaptionFitSettings(
    steps=150,
    captions=24,
    absent=8,
    held=16,
    joined=8,
    rate=1e-2,
    checkpoint_every=75,
)
WORDS = 997


class WordTower(nn.Module):
    """Embeds sentences by their words."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.EmbeddingBag(WORDS, DIM, mode="sum", padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.05)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.words(tokens)
        return vectors


def encode_images(images: Sequence[ImageArray]) -> FloatArray:
    """Embed pictures by their mean colour."""
    colours = np.stack([rgb.mean(axis=(0, 1)) / 255 - 0.4 for rgb in images])
    mix = np.random.default_rng(1).normal(size=(3, DIM))
    rows = np.tanh(4 * colours) @ mix
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def tokenize(texts: Sequence[str]) -> torch.Tensor:
    rows = [
        [1 + zlib.crc32(w.encode()) % (WORDS - 1) for w in f". {text}".split()] for text in texts
    ]
    return torch.tensor([row[:40] + [0] * (40 - len(row)) for row in rows])


def shard() -> SceneShard:
    """Return pictures whose brightness says the time of day and whose tint says the road."""
    jpegs, truths = [], []
    for number in range(24):
        rng = np.random.default_rng(number)
        time = list(SHADES)[number % 2]
        road = list(TINTS)[number % 3]
        rgb = np.full((180, 320, 3), SHADES[time], np.uint8)
        rgb += np.array(TINTS[road], np.uint8) + rng.integers(0, 9, rgb.shape, np.uint8)
        _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        jpegs.append(data.tobytes())
        attributes = {"time_of_day": time, "road": road, "weather": None}
        truths.append({"attributes": attributes, "boxes": []})
    return SceneShard(tuple(jpegs), tuple(truths))


@pytest.fixture(scope="module")
def samples() -> CaptionSamples:
    return CaptionSamples(shard(), VOCABULARY, LEXICON, encode_images=encode_images)


def draw(samples: CaptionSamples, seed: int) -> CaptionBatch:
    return samples.draw(np.random.default_rng(seed), SETTINGS)


def ignore(step: int, losses: dict[str, float]) -> None:
    """Report to nobody."""


def read(tower: WordTower, texts: Sequence[str]) -> torch.Tensor:
    with torch.no_grad():
        return functional.normalize(tower(tokenize(texts)), dim=-1)


def share_found(tower: WordTower, samples: CaptionSamples) -> float:
    """Return how many captions have a picture that they fit as their nearest one."""
    found = []
    for seed in range(10):
        batch = draw(samples, seed)
        best = (read(tower, batch.captions) @ batch.pictures.T).argmax(dim=1)
        found.append(batch.fits[torch.arange(len(best)), best].mean())
    return float(torch.stack(found).mean())


def fit(samples: CaptionSamples, folder: Path, settings: CaptionFitSettings) -> WordTower:
    tower = WordTower()
    fit_captions(
        tower,
        tokenize,
        samples,
        settings=settings,
        checkpoint=folder / "captions.pt",
        report=ignore,
    )
    return tower


def test_captions_find_their_pictures(tmp_path: Path, samples: CaptionSamples) -> None:
    tower = fit(samples, tmp_path, SETTINGS)
    assert share_found(tower, samples) > share_found(WordTower(), samples) + 0.3


def test_the_heavier_the_hold_the_less_single_wordings_move(
    tmp_path: Path, samples: CaptionSamples
) -> None:
    before, kept = WordTower(), vocabulary_sentences(VOCABULARY)[::50]
    moved = []
    for weight in (0.0, 30.0):
        folder = tmp_path / str(weight)
        folder.mkdir()
        tower = fit(samples, folder, replace(SETTINGS, steps=60, hold_weight=weight))
        moved.append(float((1 - (read(tower, kept) * read(before, kept)).sum(dim=1)).mean()))
    assert moved[1] < moved[0] / 2


def test_a_finished_fit_is_taken_from_its_checkpoint(
    tmp_path: Path, samples: CaptionSamples
) -> None:
    first, again = (fit(samples, tmp_path, replace(SETTINGS, steps=2)) for _ in range(2))
    assert not torch.equal(first.words.weight, WordTower().words.weight)
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_captions_fit_their_own_pictures(samples: CaptionSamples) -> None:
    batch = draw(samples, 3)
    assert batch.fits.shape == (len(batch.captions) + len(batch.things), len(batch.captions))
    assert (batch.fits[: len(batch.captions)].diagonal() == 1).all()
    assert (batch.fits[len(batch.captions) :] == 0).all()


def test_every_part_of_a_joined_sentence_is_in_it(samples: CaptionSamples) -> None:
    batch = draw(samples, 4)
    for text, words in zip(batch.joined, batch.joined_words, strict=True):
        assert len(words) >= 2
        assert all(each in text for each in words)


def test_absent_sentences_name_something_that_is_never_there(samples: CaptionSamples) -> None:
    unseen = (*absent_words(VOCABULARY), *LEXICON)
    assert all(any(each in text for each in unseen) for text in draw(samples, 5).absent)
