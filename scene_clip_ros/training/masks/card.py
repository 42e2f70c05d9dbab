"""Measures the small CLIPSeg, and writes down what came out."""

from __future__ import annotations

from pathlib import Path

from scene_clip_ros.models.clipseg_segmenter import load_clipseg
from scene_clip_ros.training.evaluate import EvaluationDrives
from scene_clip_ros.training.masks.evaluate import (
    MASK_DRIVES,
    MaskScore,
    mask_rows,
    measure_masks,
)
from scene_clip_ros.training.masks.fit import MaskFitSettings
from scene_clip_ros.training.masks.network import PATCH, SIDE
from scene_clip_ros.training.masks.recipe import RENDER_WH, MaskRecipe
from scene_clip_ros.training.model_card import CARD_FILE, wrapped
from scene_clip_ros.training.scenes import DRIVES_PER_SHARD, FRAMES_PER_DRIVE


def finish_masks(
    folder: Path, recipe: MaskRecipe, *, drives: EvaluationDrives = MASK_DRIVES
) -> None:
    """Measure and describe the model in a folder.

    Args:
        folder: Holds the model; the card is written beside it.
        recipe: How it was trained.
        drives: What it is measured on.
    """
    score = measure_masks(load_clipseg(str(folder)), drives)
    card = write_mask_card(folder, recipe, score=score, drives=drives)
    (folder / CARD_FILE).write_text(card, encoding="utf-8")


def write_mask_card(
    folder: Path, recipe: MaskRecipe, *, score: MaskScore, drives: EvaluationDrives
) -> str:
    """Return the model card as Markdown."""
    size = (folder / "model.safetensors").stat().st_size / 1e6
    pictures = recipe.shards * DRIVES_PER_SHARD * FRAMES_PER_DRIVE
    width, height = RENDER_WH
    fit = MaskFitSettings(steps=recipe.steps)
    sections = (
        "# scene-clip-masks",
        "A small CLIPSeg that ships with scene_clip_ros and marks the pixels that a text "
        "describes. **It knows one world: the drives that this package renders.** For a vehicle, "
        "load a CLIPSeg that was trained on photographs.",
        "## What it is",
        f"transformers' CLIPSeg of {size:.1f} MB in half precision: pictures are scaled to "
        f"{SIDE}x{SIDE} pixels and cut into patches of {PATCH}. The text tower started as that of "
        "the embedded CLIP.",
        "## How it was trained",
        f"First the text tower, in {recipe.prompt_steps:,} steps: to place the wordings of what "
        "drives show by the pixels that they ask for, and many thousands of other texts where "
        "all-MiniLM-L6-v2 (Wang et al., 2020) finds related ones, or with those about nothing. "
        f"Then the rest, on {pictures:,} frames of {width}x{height} pixels of "
        f"{pictures // FRAMES_PER_DRIVE:,} drives with the class of every pixel: "
        f"{recipe.steps:,} steps of {fit.samples} pictures "
        f"with {fit.prompts} prompts each, the first {fit.small_share:.0%} of them at "
        f"{fit.small_side}x{fit.small_side} pixels. A third of the prompts asks for what the "
        "picture does not show. No photograph was used. Rebuild it with",
        f"    scene-clip train-masks -o FOLDER --shards {recipe.shards} --steps {recipe.steps}",
        "## Overlap",
        f"Intersection over union, over all pixels of {score.frames} frames of {len(drives)} "
        f"drives of {drives.seconds:g} s with seeds that training never used, at a threshold of "
        "0.5; `person` includes riders with their bicycles. Training never used the other "
        "wordings, nor the texts about what is not there.",
        _table(score),
    )
    return "\n\n".join(wrapped(section) for section in sections) + "\n"


def _table(score: MaskScore) -> str:
    rows = [f"| {' | '.join(row)} |" for row in mask_rows(score)]
    return "\n".join(["| | by name | other wordings |", "|---|---|---|", *rows])
