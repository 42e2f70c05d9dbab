"""open_clip models with random weights, small enough to build in a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file

from scene_clip_ros.models.model_config import load_model_config, register

TEXT_TOWER = {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
TINY: Mapping[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {
        "image_size": 64,
        "layers": 2,
        "width": 64,
        "head_width": 32,
        "patch_size": 16,
    },
    "text_cfg": TEXT_TOWER,
}
"""A ViT of two layers with a text tower of one."""

TINY_SIGMOID: Mapping[str, Any] = {
    **TINY,
    "init_logit_bias": -10,
    "custom_text": True,
    "text_cfg": {**TEXT_TOWER, "no_causal_mask": True, "pool_type": "last", "proj_bias": True},
}
"""The same in the manner of SigLIP: a logit bias, and a text tower of its own."""

TINY_CONVOLUTIONS: Mapping[str, Any] = {
    **TINY,
    "vision_cfg": {
        "timm_model_name": "regnetx_002",
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        "timm_proj": "linear",
        "image_size": 64,
    },
}
"""The same with a convolutional image tower from timm."""


def write_model(
    folder: Path,
    config: Mapping[str, Any] = TINY,
    *,
    preprocessing: Mapping[str, Any] | None = None,
    file_name: str = "tiny.json",
) -> Path:
    """Write a configuration and random weights, ``model.safetensors``, and return the former."""
    path = folder / file_name
    entries = (
        config
        if preprocessing is None
        else {
            "model_cfg": config,
            "preprocess_cfg": preprocessing,
        }
    )
    path.write_text(json.dumps(entries))
    torch.manual_seed(0)
    name = register(load_model_config(path))
    model = open_clip.create_model(name, load_weights=False, pretrained_text=False)
    save_state(model, folder / "model.safetensors")
    return path


def save_state(model: torch.nn.Module, path: Path) -> None:
    """Save a model's weights as safetensors."""
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)
