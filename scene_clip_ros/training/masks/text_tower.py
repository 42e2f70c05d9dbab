"""Teaches the embedded CLIP's text tower what prompts of masks mean."""

from __future__ import annotations

from pathlib import Path

import open_clip
import torch

from scene_clip_ros.models.model_source import ModelSource
from scene_clip_ros.models.open_clip_model import build_model
from scene_clip_ros.training.masks.meanings import PromptCorpus
from scene_clip_ros.training.text_fit import Report, TextFitSettings, TextTower, fit_text


def teach_prompts(
    source: ModelSource, corpus: PromptCorpus, *, steps: int, checkpoint: Path, report: Report
) -> dict[str, torch.Tensor]:
    """Fit the text tower of a model to a corpus, resuming from the checkpoint if there is one.

    Args:
        source: An open_clip model that tokenises by itself, such as the embedded one.
        corpus: What to learn.
        steps: Of the fit.
        checkpoint: File that state is kept in.
        report: Called with the step and the losses now and then.

    Returns:
        The weights of the model, those of its image tower as they were.
    """
    model = build_model(source)
    tokenize = open_clip.get_tokenizer(source.open_clip_name, **source.tokenizer_options)
    settings = TextFitSettings(steps=steps, batch=320, fixed_share=0.5, fixed=corpus.known)
    fit_text(
        TextTower(model),
        tokenize(list(corpus.texts)),
        corpus.anchors,
        settings=settings,
        checkpoint=checkpoint,
        report=report,
    )
    return dict(model.state_dict())
