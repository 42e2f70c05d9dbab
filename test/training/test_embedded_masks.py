"""The shipped CLIPSeg: what it must mark, and how small it must stay."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from transformers import CLIPSegForImageSegmentation

from scene_clip_ros.models.clipseg_folder import EMBEDDED_MASKS
from scene_clip_ros.models.clipseg_segmenter import load_clipseg
from scene_clip_ros.training.masks.evaluate import MASK_DRIVES, MaskScore, measure_masks

LIMIT_MB = 9.0
# Few frames, so that the test is quick: floors, while the model card has the figures.
DRIVES = replace(
    MASK_DRIVES,
    rounds=1,
    seconds=4.0,
    scenarios=(
        "city-day",
        "crossing-adult",
        "residential-day",
        "highway-day",
        "city-night",
        "crossing-stroller",
    ),
    first_seed=931_000_000,
)
"""Seeds that neither training nor the figures of the model card have used."""


@cache
def score() -> MaskScore:
    return measure_masks(load_clipseg(), DRIVES)


def test_it_is_small_and_comes_with_its_card() -> None:
    sizes = {path.name: path.stat().st_size for path in EMBEDDED_MASKS.iterdir()}
    card = (EMBEDDED_MASKS / "MODEL_CARD.md").read_text(encoding="utf-8")

    assert sum(sizes.values()) <= LIMIT_MB * 1e6
    assert f"{sizes['model.safetensors'] / 1e6:.1f} MB" in card


def test_the_masks_of_what_is_there_fit() -> None:
    assert score().mean_iou >= 0.57


@pytest.mark.parametrize(
    ("name", "least"), [("road", 0.87), ("sky", 0.8), ("vegetation", 0.5), ("vehicle", 0.55)]
)
def test_what_is_large_fits_well(name: str, least: float) -> None:
    assert score().own[name].iou >= least


def test_wordings_that_training_never_used_mark_something_of_what_they_mean() -> None:
    assert score().other_mean_iou >= 0.22


def test_most_masks_of_what_is_not_there_are_almost_empty() -> None:
    assert score().almost_empty >= 0.85


def test_the_folder_is_one_that_transformers_reads() -> None:
    model = CLIPSegForImageSegmentation.from_pretrained(EMBEDDED_MASKS)

    assert model.config.projection_dim == 256
