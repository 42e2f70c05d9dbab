"""The two towers of a model while they are fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from scene_clip_ros.models.open_clip_model import Tokenize
from scene_clip_ros.training.contrastive.batches import Batch
from scene_clip_ros.training.contrastive.losses import LossName, backward, contrast, same_captions


class Towers:
    """Embeds pictures and captions with an open_clip model, and compares them."""

    def __init__(
        self,
        model: Any,
        tokenize: Tokenize,
        *,
        loss: LossName,
        precision: str,
        device: torch.device,
    ) -> None:
        """Move the model to its device.

        Args:
            model: Of open_clip, in fp32. What needs no gradient stays as it is.
            tokenize: Its tokenizer.
            loss: Which one.
            precision: ``fp32`` or ``bf16``; weights stay in fp32.
            device: Where.
        """
        self.model = model.to(device)
        self._tokenize = tokenize
        self._loss = loss
        self._is_bf16 = precision == "bf16"
        self._device = device

    @property
    def fitted(self) -> list[torch.nn.Parameter]:
        """Weights that are not locked."""
        return [value for value in self.model.parameters() if value.requires_grad]

    def images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed ``(N, 3, h, w)`` pictures: ``(N, D)`` float32, rows of unit length."""
        with self._mixed():
            rows: torch.Tensor = self.model.encode_image(pixels.to(self._device), normalize=True)
        return rows.float()

    def texts(self, captions: Sequence[str]) -> torch.Tensor:
        """Embed N captions: ``(N, D)`` float32, rows of unit length."""
        return self._embed_tokens(self._tokenize(list(captions)))

    def loss(
        self, images: torch.Tensor, texts: torch.Tensor, captions: Sequence[str]
    ) -> torch.Tensor:
        """Return the loss of embedded pictures and captions, ``(N, D)`` each."""
        same = same_captions(captions).to(self._device)
        return contrast(self.model, images, texts, same=same, name=self._loss)

    def backward(self, batch: Batch, *, parts: int, seed: int) -> float:
        """Compute the gradients of a batch.

        Args:
            batch: Pairs.
            parts: In which it is embedded, ≥ 1.
            seed: Of dropout.

        Returns:
            The loss.
        """
        tokens = self._tokenize(list(batch.captions))
        parts = min(parts, len(tokens))
        pixels = torch.tensor_split(batch.pixels, parts)
        texts = torch.tensor_split(tokens, parts)

        def embed(part: int) -> tuple[torch.Tensor, torch.Tensor]:
            torch.manual_seed(seed + part)
            return self.images(pixels[part]), self._embed_tokens(texts[part])

        def loss(images: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
            return self.loss(images, rows, batch.captions)

        return backward(embed, parts, loss)

    def to_train_mode(self) -> None:
        """Let dropout and batch statistics move where weights are fitted, and nowhere else."""
        self.model.train()
        for module in self.model.modules():
            values = list(module.parameters())
            if values and not any(value.requires_grad for value in values):
                module.eval()

    def to_evaluation_mode(self) -> None:
        """Hold dropout and batch statistics still."""
        self.model.eval()

    def _embed_tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        with self._mixed():
            rows: torch.Tensor = self.model.encode_text(tokens.to(self._device), normalize=True)
        return rows.float()

    def _mixed(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_bf16)
