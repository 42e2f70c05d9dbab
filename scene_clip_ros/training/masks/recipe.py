"""Makes the shipped CLIPSeg: renders, fits, exports. One command rebuilds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from scene_clip_ros.models.model_source import EMBEDDED, ModelSource, find_model
from scene_clip_ros.training.embedded import EMBED_DIM
from scene_clip_ros.training.masks.fit import (
    MaskFit,
    MaskFitSettings,
    Report,
    embed_prompts,
    fit_masks,
)
from scene_clip_ros.training.masks.meanings import write_prompts
from scene_clip_ros.training.masks.network import PATCH, export_masks, make_tokenizer, new_network
from scene_clip_ros.training.masks.samples import MaskSamples, PromptTable
from scene_clip_ros.training.masks.text_tower import teach_prompts
from scene_clip_ros.training.masks.words import MaskTarget, mask_targets
from scene_clip_ros.training.object_words import ABSENT
from scene_clip_ros.training.scenes import ensure_scenes, load_scenes
from scene_clip_ros.training.teacher import Teacher, teacher_lexicon
from scene_clip_ros.training.wordings import TEMPLATES

RENDER_WH = (640, 360)


@dataclass(frozen=True, slots=True)
class MaskRecipe:
    """How much of everything goes into the model.

    Attributes:
        shards: Rendered shards of 240 pictures.
        steps: Of the fit of image tower and decoder.
        prompt_steps: Of the fit of the text tower.
        sentences: Random texts that the text tower learns, beside the wordings of the targets.
    """

    shards: int = 31
    steps: int = MaskFitSettings().steps
    prompt_steps: int = 1200
    sentences: int = 30000


def train_masks(
    folder: Path,
    *,
    work: Path,
    recipe: MaskRecipe,
    report: Report,
    workers: int = 2,
) -> None:
    """Do everything but measuring, and write the model into a folder.

    Args:
        folder: Where configuration, weights and tokenizer go.
        work: Folder for pictures and checkpoints; a run resumes there.
        recipe: How much.
        report: Called with the step and the losses of each fit now and then.
        workers: Processes that render, ≥ 1.
    """
    source = find_model(EMBEDDED, None)
    targets, tokenizer = mask_targets(), make_tokenizer(source)
    state = _taught(source, targets, work=work, recipe=recipe, report=report)
    paths = ensure_scenes(work / "scenes", recipe.shards, size_wh=RENDER_WH, workers=workers)
    fit = MaskFit(new_network(state), len(targets))
    table = PromptTable(targets, ABSENT, TEMPLATES[1:])
    fit_masks(
        fit,
        MaskSamples(load_scenes(paths), targets, table, patch=PATCH),
        embed_prompts(fit.network, tokenizer, table.texts),
        settings=MaskFitSettings(steps=recipe.steps),
        checkpoint=work / "masks.pt",
        report=report,
    )
    export_masks(fit.averaged, tokenizer, folder)


def _taught(
    source: ModelSource,
    targets: Sequence[MaskTarget],
    *,
    work: Path,
    recipe: MaskRecipe,
    report: Report,
) -> dict[str, torch.Tensor]:
    """Return the weights of a model whose text tower knows what prompts mean."""
    work.mkdir(parents=True, exist_ok=True)
    corpus = write_prompts(
        targets,
        ABSENT,
        teacher_lexicon(),
        TEMPLATES,
        encode=Teacher().encode,
        dim=EMBED_DIM,
        size=recipe.sentences,
    )
    checkpoint = work / "prompts.pt"
    return teach_prompts(
        source, corpus, steps=recipe.prompt_steps, checkpoint=checkpoint, report=report
    )
