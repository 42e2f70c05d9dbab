"""Embeds pictures and texts with any model that open_clip can build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from open_clip.model import convert_weights_to_lp

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.calibration import Calibration, load_calibration
from scene_clip_ros.models.devices import choose_device, choose_precision
from scene_clip_ros.models.encoder import EncoderInfo
from scene_clip_ros.models.model_source import EMBEDDED, find_model
from scene_clip_ros.models.open_clip_model import Tokenize, build_model, build_tokenizer
from scene_clip_ros.models.preprocessing import Preprocessing

TEXT_BATCH = 64


class OpenClipEncoder:
    """An open_clip model on one device. Made by `load_open_clip`."""

    def __init__(
        self,
        model: Any,
        tokenize: Tokenize,
        *,
        model_id: str,
        device: torch.device,
        precision: str,
        calibration: Calibration | None = None,
    ) -> None:
        """Move a loaded model to its device and embed a first picture with it.

        Args:
            model: As open_clip builds it, in fp32.
            tokenize: The model's tokenizer.
            model_id: Architecture, weights and weight digest.
            device: Where it runs.
            precision: ``fp32`` or ``bf16``.
            calibration: Corrections of its scores; None: its own.

        Raises:
            ModelError: The model's preprocessing is not supported, or it computes NaN.
        """
        self._model = model.eval().requires_grad_(False).to(device)
        self._tokenize = tokenize
        self._device = device
        self._is_bf16 = precision == "bf16"
        self._preprocessing = Preprocessing.from_config(self._model.visual.preprocess_cfg)
        if self._is_bf16:
            # Autocast alone would convert the weights anew for every frame.
            convert_weights_to_lp(self._model.visual, torch.bfloat16)
        calibration = calibration or Calibration()
        blank = np.zeros((*self._preprocessing.size_hw, 3), np.uint8)
        self._info = EncoderInfo(
            model_id=model_id,
            dim=self._embed_images([blank]).shape[1],
            device=device.type,
            precision=precision,
            backend="torch",
            logit_scale=calibration.logit_scale or float(self._model.logit_scale.exp()),
            cosine_floor=calibration.cosine_floor,
            box_cosine_floor=calibration.box_cosine_floor,
        )

    @property
    def info(self) -> EncoderInfo:
        """What is loaded."""
        return self._info

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        """Embed pictures of any sizes in one batch.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no pictures.

        Raises:
            ModelError: An embedding is NaN, infinite or zero.
        """
        if not images:
            return np.empty((0, self._info.dim), np.float32)
        return self._embed_images(images)

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts, `TEXT_BATCH` at a time.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no texts.

        Raises:
            ModelError: An embedding is NaN, infinite or zero.
        """
        rows = [np.empty((0, self._info.dim), np.float32)]
        for start in range(0, len(texts), TEXT_BATCH):
            tokens = self._tokenize(list(texts[start : start + TEXT_BATCH])).to(self._device)
            with self._inference():
                rows.append(_unit_rows(self._model.encode_text(tokens)))
        return np.concatenate(rows)

    def _embed_images(self, images: Sequence[ImageArray]) -> FloatArray:
        with self._inference():
            pixels = self._preprocessing.batch(images, self._device)
            return _unit_rows(self._model.encode_image(pixels))

    @contextmanager
    def _inference(self) -> Iterator[None]:
        mixed = torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_bf16)
        with torch.inference_mode(), mixed:
            yield


def load_open_clip(
    model: str = EMBEDDED,
    pretrained: str | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
) -> OpenClipEncoder:
    """Load a model from this machine; nothing is fetched.

    Args:
        model: ``embedded``, an architecture of open_clip, or a configuration: a ``.json`` file,
            or a folder with ``open_clip_config.json``.
        pretrained: A weights file (safetensors, or a checkpoint that torch loads as weights only),
            or a tag of the architecture whose weights are in the local cache; None: the weights
            that lie beside the configuration.
        device: ``cpu``, ``cuda``, one GPU as ``cuda:1``, or ``auto``: a GPU if there is one.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the device computes it natively.

    Raises:
        ModelError: The model cannot be found, trusted or built, or the device is missing.
    """
    chosen_device = choose_device(device)
    chosen_precision = choose_precision(precision, chosen_device)
    source = find_model(model, pretrained)
    return OpenClipEncoder(
        build_model(source),
        build_tokenizer(
            source.open_clip_name, source.tokenizer_options, architecture=source.architecture
        ),
        model_id=source.model_id(),
        device=chosen_device,
        precision=chosen_precision,
        calibration=load_calibration(source.weights),
    )


def _unit_rows(features: torch.Tensor) -> FloatArray:
    rows = features.to("cpu", torch.float32).numpy()
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        message = f"expected finite embeddings, got lengths {lengths.ravel().tolist()}"
        raise ModelError(message)
    return np.asarray(rows / lengths, np.float32)
