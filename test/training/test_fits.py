"""Both fits learn, resume where they were, and leave the other tower alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from word_vectors import DIM as TEACHER_DIM
from word_vectors import encode

from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training import dataset
from scene_clip_ros.training.augment import normalise
from scene_clip_ros.training.image_fit import ImageFit, ImageFitSettings, TextProjection, fit_images
from scene_clip_ros.training.pictures import CaptionedPictures
from scene_clip_ros.training.text_fit import TextFitSettings, fit_text

SETTINGS = ImageFitSettings(steps=4, frames=4, crops=2, size=32, checkpoint_every=2)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> CaptionedPictures:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "DRIVES_PER_SHARD", 6)
        shard = dataset.ensure_shard(tmp_path_factory.mktemp("shards"), 0)
    return CaptionedPictures([shard], load_vocabulary(DRIVING_VOCABULARY), encode)


def new_fit() -> ImageFit:
    torch.manual_seed(0)
    tower = nn.Sequential(nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(128, 16))
    return ImageFit(tower, TextProjection(TEACHER_DIM, 16))


def ignore(step: int, losses: dict[str, float]) -> None:
    """Report to nobody."""


def test_a_shard_is_rendered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "DRIVES_PER_SHARD", 1)
    path = dataset.ensure_shard(tmp_path, 3)
    before = path.stat().st_mtime_ns
    assert dataset.ensure_shard(tmp_path, 3) == path
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_equal_numbers_render_equal_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "DRIVES_PER_SHARD", 1)
    first, second = (dataset.render_shard(4) for _ in range(2))
    assert (first.frames == second.frames).all()
    assert first.truths == second.truths


def lead_of_the_truth(fit: ImageFit, pictures: CaptionedPictures) -> float:
    """Return how much nearer pictures are to their time of day than to the others, in cosine."""
    batch = pictures.draw(np.random.default_rng(0), frames=24, crops=1)
    small = torch.nn.functional.interpolate(batch.frames, SETTINGS.size)
    with torch.no_grad():
        vectors = nn.functional.normalize(fit.tower(normalise(small)), dim=-1)
        cosines = vectors @ fit.projection(batch.label_sentences["time_of_day"]).T
    labels = batch.labels["time_of_day"]
    known = labels >= 0
    right = cosines[known].gather(1, labels[known, None]).mean()
    return float(right - cosines[known].mean())


def test_an_image_fit_brings_pictures_nearer_to_what_they_show(
    pictures: CaptionedPictures, tmp_path: Path
) -> None:
    fit = new_fit()
    before = lead_of_the_truth(fit, pictures)
    settings = replace(SETTINGS, steps=250, frames=12, rate=5e-3, checkpoint_every=250)
    fit_images(fit, pictures, settings=settings, checkpoint=tmp_path / "fit.pt", report=ignore)
    assert lead_of_the_truth(fit, pictures) > before + 0.05


def test_an_image_fit_goes_on_from_its_checkpoint(
    pictures: CaptionedPictures, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "fit.pt"
    first = new_fit()
    fit_images(first, pictures, settings=SETTINGS, checkpoint=checkpoint, report=ignore)
    second = new_fit()
    fit_images(second, pictures, settings=SETTINGS, checkpoint=checkpoint, report=ignore)
    assert second.step == SETTINGS.steps
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_batch_has_targets_for_all_that_is_learnt(pictures: CaptionedPictures) -> None:
    batch = pictures.draw(np.random.default_rng(0), frames=5, crops=3)
    assert batch.frames.shape == (5, 3, 108, 192)
    assert batch.crops.shape[0] == 3
    for name, labels in batch.labels.items():
        assert labels.max() < len(batch.label_sentences[name])
    assert all(sentences.shape[0] == 2 for sentences in batch.hazard_sentences.values())


class Words(nn.Module):
    """A text tower of one table, beside something that must not change."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(16, 8, padding_idx=0)
        self.other = nn.Linear(2, 2).requires_grad_(requires_grad=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.table(tokens)
        return vectors


def test_a_text_fit_meets_its_targets_and_changes_nothing_frozen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tower, tokens = Words(), torch.randint(1, 16, (12, 3))
    targets = nn.functional.normalize(torch.randn(12, 8), dim=-1)
    frozen = tower.other.weight.clone()
    seen: list[float] = []
    fit_text(
        tower,
        tokens,
        targets,
        settings=TextFitSettings(steps=80, batch=12, fixed_share=0.5, fixed=6, rate=0.05),
        checkpoint=tmp_path / "text.pt",
        report=lambda _step, losses: seen.append(losses["distance"]),
    )
    assert seen[-1] < seen[0]
    assert torch.equal(tower.other.weight, frozen)
