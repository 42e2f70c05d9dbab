"""Builds the model that a fit starts with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.models.hf_text import has_text_weights
from scene_clip_ros.models.model_config import ModelConfig, register
from scene_clip_ros.models.model_source import EMBEDDED, find_config, find_model
from scene_clip_ros.models.open_clip_model import (
    Tokenize,
    build_model,
    build_tokenizer,
    build_untrained,
)
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.training.contrastive.losses import LossName

RANDOM = "random weights"

_SIGLIP_START = {"init_logit_bias": -10.0, "init_logit_scale": math.log(10.0)}
_LONG_TEXT = "word " * 512


@dataclass(frozen=True, slots=True)
class StartSettings:
    """What a fit starts with.

    Attributes:
        model: ``embedded``, an architecture of open_clip, a configuration file or a folder.
        pretrained: A weights file, or a tag whose weights are in the cache; None: those that lie in
            the folder, and random ones for everything else.
        loss: ``auto`` is ``siglip`` for configurations with a logit bias, else ``clip``.
        lock_image: Whether the image tower stays as it is.
        lock_text: Whether the text tower stays as it is.
        seed: Of random weights.
    """

    model: str
    pretrained: str | None = None
    loss: LossName | Literal["auto"] = "auto"
    lock_image: bool = False
    lock_text: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """A model that is ready to be fitted.

    Attributes:
        config: What it was built from, with what the loss and the weights need.
        model: Of open_clip, in fp32.
        tokenize: Its tokenizer.
        weights: What it starts from, e.g. `RANDOM`.
        loss: Which loss suits it.
    """

    config: ModelConfig
    model: Any
    tokenize: Tokenize
    weights: str
    loss: LossName


def start_model(settings: StartSettings) -> Start:
    """Build the model.

    Raises:
        ModelError: It cannot be found or built, or cannot embed.
        ParameterError: A tower without weights, or both towers, should be locked.
    """
    config, loss = _with_loss(find_config(settings.model), settings)
    torch.manual_seed(settings.seed)
    if _has_weights(settings):
        config, model, weights = _load(config, settings)
    else:
        model = build_untrained(config)
        weights = "weights of its text tower" if _has_text(config) else RANDOM
    _lock(model, settings, has_image=_has_weights(settings), has_text=weights != RANDOM)
    tokenize = build_tokenizer(register(config), config.tokenizer_options, architecture=config.name)
    _probe(model, tokenize, config.name)
    return Start(config, model, tokenize, weights, loss)


def _with_loss(config: ModelConfig, settings: StartSettings) -> tuple[ModelConfig, LossName]:
    has_bias = config.model.get("init_logit_bias") is not None
    suitable: LossName = "siglip" if has_bias else "clip"
    loss = suitable if settings.loss == "auto" else settings.loss
    if loss == "siglip" and not has_bias:
        config = replace(config, model={**config.model, **_SIGLIP_START})
    return config, loss


def _has_weights(settings: StartSettings) -> bool:
    if settings.pretrained is not None or settings.model == EMBEDDED:
        return True
    folder = Path(settings.model)
    return folder.is_dir() and any(folder.glob("*.safetensors"))


def _has_text(config: ModelConfig) -> bool:
    return has_text_weights(config.model["text_cfg"])


def _load(config: ModelConfig, settings: StartSettings) -> tuple[ModelConfig, Any, str]:
    source = find_model(settings.model, settings.pretrained)
    if source.quick_gelu:
        config = replace(config, model={**config.model, "quick_gelu": True})
    model = build_model(replace(source, open_clip_name=register(config)))
    return config, model, source.model_id()


def _lock(model: Any, settings: StartSettings, *, has_image: bool, has_text: bool) -> None:
    if settings.lock_image and settings.lock_text:
        message = "expected one tower to be fitted, got both locked"
        raise ParameterError(message)
    for name, is_locked, has_weights in (
        ("image", settings.lock_image, has_image),
        ("text", settings.lock_text, has_text),
    ):
        if is_locked and not has_weights:
            message = f"lock-{name}: expected a tower with weights to keep, got {RANDOM}"
            raise ParameterError(message)
    if settings.lock_image:
        model.lock_image_tower(unlocked_groups=0)
    if settings.lock_text:
        model.lock_text_tower(unlocked_layers=0)


def _probe(model: Any, tokenize: Tokenize, name: str) -> None:
    """Embed a picture and a text that fills the context, so that what does not fit shows now."""
    size_hw = Preprocessing.from_config(model.visual.preprocess_cfg).size_hw
    model.eval()
    try:
        with torch.no_grad():
            images = model.encode_image(torch.zeros(1, 3, *size_hw), normalize=True)
            texts = model.encode_text(tokenize([_LONG_TEXT]), normalize=True)
    except (RuntimeError, IndexError, ValueError, AssertionError) as err:
        reason = " ".join(str(err).split())[:160]
        message = f"{name}: expected towers that fit their inputs, got {reason}"
        raise ModelError(message) from err
    if images.shape != texts.shape:
        message = f"{name}: expected embeddings of one length, got {images.shape}, {texts.shape}"
        raise ModelError(message)
