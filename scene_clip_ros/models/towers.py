"""The two towers of a CLIP, each as a network that torch or another runtime executes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from open_clip import CLIP, CustomTextCLIP
from torch import nn

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.lean_vision_transformer import LeanVisionTransformer, can_be_lean
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.session import Session

Tower = Callable[[torch.Tensor], FloatArray]
"""Embeds a batch: ``(N, h, w, 3)`` uint8 RGB, or ``(N, context)`` int64 tokens, to ``(N, D)``
float32, not normalised."""


class ImageNetwork(nn.Module):
    """The image tower with its normalisation in front: pictures go in as bytes."""

    def __init__(self, model: Any, preprocessing: Preprocessing) -> None:
        """Take an open_clip model, and how it wants its pictures."""
        super().__init__()
        self.model = model
        self.normalisation = preprocessing.normalisation()

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed ``(N, h, w, 3)`` uint8 RGB, to ``(N, D)``."""
        features: torch.Tensor = self.model.encode_image(self.normalisation(pixels))
        return features


def exported_image_network(network: ImageNetwork, preprocessing: Preprocessing) -> nn.Module:
    """Return what embeds as an image tower does, in the form that runtimes execute fastest."""
    visual = network.model.visual
    is_clip = type(network.model) in (CLIP, CustomTextCLIP)
    if is_clip and can_be_lean(visual):
        return LeanVisionTransformer(visual, preprocessing).eval()
    return network


class TextNetwork(nn.Module):
    """The text tower."""

    def __init__(self, model: Any) -> None:
        """Take an open_clip model."""
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Embed ``(N, context)`` int64 tokens, to ``(N, D)``."""
        features: torch.Tensor = self.model.encode_text(tokens)
        return features


class TorchTower:
    """A network that torch executes."""

    def __init__(self, network: nn.Module, device: torch.device, *, mixed: bool) -> None:
        """Move the network to its device.

        Args:
            network: One tensor in, ``(N, D)`` out.
            device: Where it runs.
            mixed: Whether it computes in bf16 where that is safe.
        """
        self._network = network.eval().requires_grad_(False).to(device)
        self._device = device
        self._mixed = mixed

    def __call__(self, batch: torch.Tensor) -> FloatArray:
        """Embed a batch."""
        with self._inference():
            features: FloatArray = self._network(batch.to(self._device)).float().cpu().numpy()
        return features

    @contextmanager
    def _inference(self) -> Iterator[None]:
        mixed = torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed)
        with torch.inference_mode(), mixed:
            yield


class SessionTower:
    """A network that another runtime executes."""

    def __init__(self, session: Session) -> None:
        """Take the network, ready to run."""
        self._session = session

    def __call__(self, batch: torch.Tensor) -> FloatArray:
        """Embed a batch."""
        (features,) = self._session.run(np.ascontiguousarray(batch.cpu().numpy()))
        return np.asarray(features, np.float32)
