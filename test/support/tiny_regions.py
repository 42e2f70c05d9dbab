"""Region detectors with random weights, small enough to build in a test."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from scene_clip_ros.models.region_network import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    RegionConfig,
    build_region_network,
)

TINY = RegionConfig(classes=("person", "car"), channels=16, head_width=16, size_wh=(128, 96))


def write_detector(folder: Path, config: RegionConfig = TINY) -> Path:
    """Write a configuration and random weights, and return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / CONFIG_FILE).write_text(config.to_json(), encoding="utf-8")
    torch.manual_seed(1)
    state = build_region_network(config).state_dict()
    weights = {name: w.half().contiguous() for name, w in state.items() if w.is_floating_point()}
    save_file(weights, folder / WEIGHTS_FILE)
    return folder
