"""Builds open_clip models and their tokenizers from what lies on this machine."""

from __future__ import annotations

import logging
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import open_clip
import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line
from scene_clip_ros.models.hf_text import has_text_weights
from scene_clip_ros.models.model_config import ModelConfig, register
from scene_clip_ros.models.model_source import ModelSource
from scene_clip_ros.models.offline import no_downloads
from scene_clip_ros.models.weights_file import check_weights

Tokenize = Callable[[list[str]], torch.Tensor]
"""Turns texts into ``(N, context)`` int64 token ids."""


def build_model(source: ModelSource) -> Any:
    """Build a model and load its weights, in fp32.

    Raises:
        ModelError: The weights are of another model, run code when they are loaded, or unpack to
            more than they are.
    """
    check_weights(source.weights)
    try:
        with no_downloads(), _no_false_alarm():
            return open_clip.create_model(
                source.open_clip_name,
                pretrained=str(source.weights),
                force_quick_gelu=source.quick_gelu,
                force_preprocess_cfg=dict(source.preprocessing),
                weights_only=True,
            )
    except pickle.UnpicklingError as err:
        message = (
            f"{source.weights}: expected weights only, got a file that runs code when it is "
            "loaded; convert it to safetensors"
        )
        raise ModelError(message) from err
    except Exception as err:
        message = (
            f"{source.weights}: expected weights of {source.architecture}, got {error_line(err)}"
        )
        raise ModelError(message) from err


def build_untrained(config: ModelConfig) -> Any:
    """Build a model with random weights, in fp32.

    A Hugging Face text tower has the weights that lie in its folder, if there are any.

    Raises:
        ModelError: open_clip cannot build it.
    """
    name = register(config)
    try:
        with no_downloads(), _no_false_alarm():
            return open_clip.create_model(
                name,
                pretrained_text=has_text_weights(config.model["text_cfg"]),
                force_preprocess_cfg=dict(config.preprocessing),
                weights_only=True,
            )
    except Exception as err:
        message = f"{config.name}: expected a model that open_clip can build, got {error_line(err)}"
        raise ModelError(message) from err


def build_tokenizer(
    open_clip_name: str, options: Mapping[str, Any], *, architecture: str
) -> Tokenize:
    """Build the tokenizer of a model.

    Args:
        open_clip_name: What open_clip calls the model.
        options: Arguments of the tokenizer beside those that open_clip reads itself.
        architecture: What people call the model.

    Raises:
        ModelError: It is not on this machine.
    """
    try:
        with no_downloads():
            tokenize: Tokenize = open_clip.get_tokenizer(open_clip_name, **options)
    except Exception as err:
        message = f"{architecture}: expected its tokenizer on this machine, got {error_line(err)}"
        raise ModelError(message) from err
    return tokenize


@contextmanager
def _no_false_alarm() -> Iterator[None]:
    """Hold back open_clip's warning of random weights, which it gives for weights files, too."""

    def is_true(record: logging.LogRecord) -> bool:
        return not re.search("initialized (randomly|partially)", record.getMessage())

    root = logging.getLogger()
    root.addFilter(is_true)
    try:
        yield
    finally:
        root.removeFilter(is_true)
