"""How long a 1080p frame takes to a unit vector with ViT-B/32, random weights."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_model

from scene_clip_ros.models.open_clip_encoder import load_open_clip

ARCHITECTURE = "ViT-B-32"
REPEATS = 20


def measure() -> tuple[float, float]:
    """Return median milliseconds: the package's encoder, and PIL with torch fp32 eager."""
    model, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE)
    model.eval()
    frame = np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "random.safetensors"
        save_model(model, str(weights))
        encoder = load_open_clip(ARCHITECTURE, str(weights))

    def plain() -> None:
        with torch.inference_mode():
            features = model.encode_image(preprocess(Image.fromarray(frame))[None])
            torch.nn.functional.normalize(features, dim=-1)

    return _median_ms(lambda: encoder.encode_images([frame])), _median_ms(plain)


def _median_ms(call: Callable[[], object]) -> float:
    times_ms = []
    for _ in range(REPEATS + 3):
        start_ns = time.perf_counter_ns()
        call()
        times_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
    return statistics.median(times_ms[3:])
