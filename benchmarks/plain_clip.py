"""A CLIP with random weights, and what a notebook does with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_model

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.cache_folder import CACHE_VARIABLE
from scene_clip_ros.models.open_clip_encoder import OpenClipEncoder, load_open_clip
from scene_clip_ros.models.runtimes.network_cache import NetworkCache

ARCHITECTURE = "ViT-B-32"


class PlainClip:
    """PIL, open_clip's own preprocessing, and torch in fp32, eager."""

    def __init__(self, weights: Path | None = None) -> None:
        """Build the model.

        Args:
            weights: A file; None: random ones, the same every time.
        """
        torch.manual_seed(0)
        with _no_warnings():
            self.model, _, self._preprocess = open_clip.create_model_and_transforms(
                ARCHITECTURE, pretrained=str(weights) if weights else None
            )
        self.model.eval()
        self._tokenize: Any = open_clip.get_tokenizer(ARCHITECTURE)

    @torch.inference_mode()
    def embed_pictures(self, pictures: Sequence[ImageArray]) -> FloatArray:
        """Return ``(N, D)`` float32 of pictures ``(H, W, 3)`` uint8, in one batch."""
        prepared = [self._preprocess(Image.fromarray(picture)) for picture in pictures]
        return _unit(self.model.encode_image(torch.stack(prepared)))

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return ``(N, D)`` float32 of texts, in one batch."""
        return _unit(self.model.encode_text(self._tokenize(list(texts))))


@dataclass(frozen=True, slots=True)
class RandomClip:
    """A model with random weights.

    Attributes:
        weights: The file that holds them.
        cache: Folder for what the package exports and compiles.
    """

    weights: Path
    cache: Path

    def load(self) -> OpenClipEncoder:
        """Load it as the package's nodes do, on the CPU."""
        return load_open_clip(
            ARCHITECTURE, str(self.weights), device="cpu", backend="auto", cache=self.networks()
        )

    def networks(self) -> NetworkCache:
        """Return where exported networks are kept."""
        return NetworkCache(self.cache / "networks")


@contextmanager
def random_clip() -> Iterator[RandomClip]:
    """Make a model and its file, which is gone when the block ends.

    Weights are the same every time, so that where `CACHE_VARIABLE` names a folder, only the first
    of several processes has to export them.
    """
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "random.safetensors"
        save_model(PlainClip().model, str(weights))
        yield RandomClip(weights, Path(os.environ.get(CACHE_VARIABLE, folder)))


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Keep open_clip from warning that weights are random."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _unit(features: torch.Tensor) -> FloatArray:
    return np.asarray(torch.nn.functional.normalize(features, dim=-1).numpy(), np.float32)
