"""Embeds pictures and texts with any model that open_clip can build."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.calibration import load_calibration
from scene_clip_ros.models.devices import choose_device, choose_precision
from scene_clip_ros.models.encoder import Crops, EncoderInfo
from scene_clip_ros.models.model_source import EMBEDDED, find_model
from scene_clip_ros.models.open_clip_model import Tokenize, build_model, build_tokenizer
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.choice import Wanted
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.tower_choice import choose_towers
from scene_clip_ros.models.towers import Tower

TEXT_BATCH = 64


class OpenClipEncoder:
    """An open_clip model on one device. Made by `load_open_clip`."""

    def __init__(
        self,
        image_tower: Tower,
        text_tower: Tower,
        tokenize: Tokenize,
        *,
        preprocessing: Preprocessing,
        info: EncoderInfo,
        device: torch.device,
    ) -> None:
        """Embed a first picture.

        Args:
            image_tower: Embeds pictures of the model's size.
            text_tower: Embeds tokens.
            tokenize: The model's tokenizer.
            preprocessing: How the model wants its pictures.
            info: What is loaded.
            device: Where pictures are scaled.

        Raises:
            ModelError: The model computes NaN.
        """
        self._image_tower = image_tower
        self._text_tower = text_tower
        self._tokenize = tokenize
        self._preprocessing = preprocessing
        self._info = info
        self._device = device
        self.encode_images([np.zeros((*preprocessing.size_hw, 3), np.uint8)])

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
        return self.encode_prepared(self.prepare(images))

    def encode_crops(self, parts: Sequence[Crops]) -> FloatArray:
        """Embed windows of pictures, all in one batch; each picture is sent to a GPU once.

        Returns:
            ``(N, D)`` float32, rows of unit length, N windows in their order; ``(0, D)`` for none.

        Raises:
            ModelError: An embedding is NaN, infinite or zero.
        """
        if not any(len(part.windows) for part in parts):
            return np.empty((0, self._info.dim), np.float32)
        return self.encode_prepared(self.prepare_crops(parts))

    def prepare_crops(self, parts: Sequence[Crops]) -> torch.Tensor:
        """Scale windows of pictures: the first half of `encode_crops`; at least one window."""
        return self._preprocessing.fit_crops(parts, self._device)

    def prepare(self, images: Sequence[ImageArray]) -> torch.Tensor:
        """Scale pictures to the model's size: the first half of `encode_images`.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each, at least one; sizes may differ.

        Returns:
            ``(N, h, w, 3)`` uint8 on the model's device.
        """
        return self._preprocessing.fit(images, self._device)

    def encode_prepared(self, pixels: torch.Tensor) -> FloatArray:
        """Embed what `prepare` returned: the second half of `encode_images`.

        Raises:
            ModelError: An embedding is NaN, infinite or zero.
        """
        return _unit_rows(self._image_tower(pixels))

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts, `TEXT_BATCH` at a time.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(0, D)`` for no texts.

        Raises:
            ModelError: An embedding is NaN, infinite or zero.
        """
        rows = [np.empty((0, self._info.dim), np.float32)]
        for start in range(0, len(texts), TEXT_BATCH):
            tokens = self._tokenize(list(texts[start : start + TEXT_BATCH]))
            rows.append(_unit_rows(self._text_tower(tokens)))
        return np.concatenate(rows)


def load_open_clip(
    model: str = EMBEDDED,
    pretrained: str | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "torch",
    cache: NetworkCache | None = None,
) -> OpenClipEncoder:
    """Load a model from this machine; nothing is fetched.

    Args:
        model: ``embedded``, an architecture of open_clip, or a configuration: a ``.json`` file,
            or a folder with ``open_clip_config.json``.
        pretrained: A weights file (safetensors, or a checkpoint that torch loads as weights only),
            or a tag of the architecture whose weights are in the local cache; None: the weights
            that lie beside the configuration.
        device: ``cpu``, ``cuda``, one GPU as ``cuda:1``, or ``auto``: a GPU if there is one.
        precision: ``fp32``, ``bf16``, ``auto``: bf16 where the device computes it natively, or
            ``int8``.
        backend: What executes the towers: ``torch``, ``openvino``, ``onnxruntime``, or ``auto``,
            the fastest of them that computes what torch does.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: The model cannot be found, trusted or built, or the device or the backend is
            missing.
    """
    chosen_device = choose_device(device)
    wanted = Wanted(backend, str(chosen_device), choose_precision(precision, chosen_device))
    source = find_model(model, pretrained)
    network = build_model(source).eval().requires_grad_(False)
    tokenize = build_tokenizer(
        source.open_clip_name, source.tokenizer_options, architecture=source.architecture
    )
    calibration = load_calibration(source.weights)
    logit_scale = calibration.logit_scale or float(network.logit_scale.exp())
    preprocessing = Preprocessing.from_config(network.visual.preprocess_cfg)
    model_id = source.model_id()
    towers = choose_towers(
        network,
        tokenize,
        wanted,
        model_id=model_id,
        preprocessing=preprocessing,
        cache=cache,
    )
    info = EncoderInfo(
        model_id=model_id,
        dim=towers.dim,
        device=chosen_device.type,
        precision=wanted.precision,
        backend=towers.backend,
        backend_reason=towers.reason,
        logit_scale=logit_scale,
        input_side=min(preprocessing.size_hw),
        cosine_floor=calibration.cosine_floor,
        box_cosine_floor=calibration.box_cosine_floor,
    )
    return OpenClipEncoder(
        towers.image,
        towers.text,
        tokenize,
        preprocessing=preprocessing,
        info=info,
        device=chosen_device,
    )


def _unit_rows(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        message = f"expected finite embeddings, got lengths {lengths.ravel().tolist()}"
        raise ModelError(message)
    return np.asarray(rows / lengths, np.float32)
